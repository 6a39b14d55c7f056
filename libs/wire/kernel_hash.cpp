#include "wire/kernel_hash.hpp"

#include "wire/kernel_hash_value.hpp"  // written at build by scripts/cmake/kernel_hash.cmake

namespace oct {

Digest kernel_hash() {
  static const Digest value = digest_from_hex(kKernelHashDigits).value();
  return value;
}

}  // namespace oct
