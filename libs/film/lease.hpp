#pragma once
#include <cstdint>
#include <vector>

#include "data/unit.hpp"

namespace oct {

/// A list of units for one device. With the render data nothing else is needed; it can be cut between any two
/// units. It stands here and not beside UnitRange since kernel code has no containers.
struct Lease {
  std::uint64_t id = 0;
  std::vector<UnitRange> units;
};

}  // namespace oct
