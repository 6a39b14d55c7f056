#pragma once
#include <string>

#include "support/catch.hpp"

namespace oct::test {

inline std::string reason_of(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().message;
}

}  // namespace oct::test
