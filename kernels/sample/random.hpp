#pragma once
#include "data/types.hpp"

// Random numbers are functions of what they are for: hash(seed, pixel, ...), never states that advance.

namespace oct::inline OCT_ISA {

/// A bijection of 32 bits in which each input bit flips each output bit with a probability within 0.1 % of
/// one half
/// ("lowbias32", found by search by C. Wellons, 2018).
OCT_HD_INLINE u32 mix_bits(u32 x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

/// Hashes of one to five words; the order of the words matters. With all words but one fixed, a bijection of
/// that one.
OCT_HD_INLINE u32 hash(u32 a) {
  return mix_bits(a + 0x9e3779b9u);
}
OCT_HD_INLINE u32 hash(u32 a, u32 b) {
  return mix_bits(hash(a) ^ b);
}
OCT_HD_INLINE u32 hash(u32 a, u32 b, u32 c) {
  return mix_bits(hash(a, b) ^ c);
}
OCT_HD_INLINE u32 hash(u32 a, u32 b, u32 c, u32 d) {
  return mix_bits(hash(a, b, c) ^ d);
}
OCT_HD_INLINE u32 hash(u32 a, u32 b, u32 c, u32 d, u32 e) {
  return mix_bits(hash(a, b, c, d) ^ e);
}

/// The 24 high bits as a multiple of 2^-24 in [0, 1).
OCT_HD_INLINE float unit_float(u32 bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}

}  // namespace oct::inline OCT_ISA
