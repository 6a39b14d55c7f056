#include "launch/compiler_name.hpp"

#define OCT_TEXT_INNER(text) #text
#define OCT_TEXT(text) OCT_TEXT_INNER(text)

namespace oct {

const char* kernel_compiler() {
#if defined(__clang__)
  return "clang " OCT_TEXT(__clang_major__) "." OCT_TEXT(__clang_minor__) "." OCT_TEXT(__clang_patchlevel__);
#else
  return "gcc " OCT_TEXT(__GNUC__) "." OCT_TEXT(__GNUC_MINOR__) "." OCT_TEXT(__GNUC_PATCHLEVEL__);
#endif
}

}  // namespace oct
