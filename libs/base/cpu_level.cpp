#include "base/cpu_level.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace oct {

bool cpu_runs_v3() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // __builtin_cpu_supports asks the operating system (XGETBV) too; the three features that it has no name for
  // in every compiler are read directly: F16C and MOVBE in leaf 1, LZCNT in leaf 0x80000001.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2")) {
    return false;
  }
  unsigned int a = 0, b = 0, leaf1_c = 0, extended_c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &leaf1_c, &d) == 0 || __get_cpuid(0x80000001u, &a, &b, &extended_c, &d) == 0)
    return false;
  const bool f16c = (leaf1_c >> 29 & 1u) != 0, movbe = (leaf1_c >> 22 & 1u) != 0,
             lzcnt = (extended_c >> 5 & 1u) != 0;
  return f16c && movbe && lzcnt;
#else
  return false;
#endif
}

}  // namespace oct
