#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace oct::detail {

void check_failed(const char* file, int line, const char* expression, const std::string& values) {
  std::fprintf(stderr, "internal error: %s:%d: %s does not hold%s%s\n", file, line, expression,
               values.empty() ? "" : ": ", values.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace oct::detail
