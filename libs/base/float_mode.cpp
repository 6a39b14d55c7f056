#include "base/float_mode.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>

namespace oct {

// Intel SDM volume 1, section 10.2.3: bits 7-12 mask exceptions, 13-14 rounding, 6 DAZ, 15 FTZ; the low six
// are sticky flags.
constexpr unsigned kControlBits = 0xffc0;
constexpr unsigned kWanted = 0x1f80;

void set_float_mode() {
  _mm_setcsr(kWanted);
}

bool float_mode_is_set() {
  return (_mm_getcsr() & kControlBits) == kWanted;
}

}  // namespace oct

#else
#include <cfenv>

namespace oct {

void set_float_mode() {
  std::fesetenv(FE_DFL_ENV);
}

bool float_mode_is_set() {
  return std::fegetround() == FE_TONEAREST;
}

}  // namespace oct

#endif
