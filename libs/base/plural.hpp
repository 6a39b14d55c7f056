#pragma once
#include <cstdint>

namespace oct {

/// The end of an English noun: "s", but nothing behind 1.
constexpr const char* plural(std::uint64_t count) {
  return count == 1 ? "" : "s";
}

}  // namespace oct
