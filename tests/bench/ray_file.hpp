#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "data/types.hpp"

namespace oct::bench {

/// Rays of one kind in the order in which a CPU traces them, and where each call to the tracer ends.
struct RaySet {
  std::string name;
  std::vector<Ray> rays;
  std::vector<u64> batch_ends;
};

/// As little-endian files, so that a tracer elsewhere can have the same rays.
Result<void> write_ray_sets(const std::string& path, const std::vector<RaySet>& sets);
Result<std::vector<RaySet>> read_ray_sets(const std::string& path);

}  // namespace oct::bench
