#pragma once
#include "sample/random.hpp"

// Points for integration: Owen-scrambled Sobol pairs, padded (Burley 2020, "Practical Hash-based Owen
// Scrambling", JCGT 9(4)). Each pair of dimensions is the two-dimensional Sobol sequence, for every pixel and
// pair in another order and with another scramble. Any 4^k samples that start at a multiple of 4^k are a (0,
// 2k, 2)-net: every elementary interval of area 4^-k holds one point. Integers only; no tables.

namespace oct::inline OCT_ISA {

/// One sample of one pixel. `seed` stands for everything constant in a picture, the frame included:
/// hash(seed, frame).
struct SampleId {
  u32 seed, pixel, sample;
};

/// Two coordinates in units of 2^-32.
struct SobolBits {
  u32 x, y;
};

OCT_HD_INLINE u32 reverse_bits(u32 x) {
#if defined(__CUDA_ARCH__)
  return __brev(x);
#else
  x = __builtin_bswap32(x);
  x = (x & 0x0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0fu);
  x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
  return (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
#endif
}

/// Point `index` of the Sobol sequence (Joe and Kuo 2008, dimensions 1 and 2), not scrambled. The first
/// coordinate is van der Corput's. The matrix of the second is Pascal's triangle modulo 2, a five-fold tensor
/// power, hence five steps instead of a loop over 32 direction numbers (Ahmed 2024).
OCT_HD_INLINE SobolBits sobol_point(u32 index) {
  const u32 x = reverse_bits(index);
  u32 y = x;
  y ^= y << 16;
  y ^= (y & 0x00ff00ffu) << 8;
  y ^= (y & 0x0f0f0f0fu) << 4;
  y ^= (y & 0x33333333u) << 2;
  y ^= (y & 0x55555555u) << 1;
  return {x, y};
}

/// A permutation in which each bit depends on itself and lower ones: Owen scrambling of a reversed word
/// (Laine and Karras 2011, in the form and with the constants of Vegdahl 2021).
OCT_HD_INLINE u32 scramble_reversed(u32 x, u32 seed) {
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1u;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return x;
}

/// Owen scrambling in base 2: each bit is flipped by a hash of the bits above it.
OCT_HD_INLINE u32 owen_scramble(u32 x, u32 seed) {
  return reverse_bits(scramble_reversed(reverse_bits(x), seed));
}

/// Dimension `dimension` alone.
OCT_HD_INLINE u32 sobol_1d_bits(SampleId id, u32 dimension) {
  const u32 key = hash(id.seed, id.pixel, dimension);
  return owen_scramble(reverse_bits(owen_scramble(id.sample, key)), hash(key, 1));
}
OCT_HD_INLINE float sobol_1d(SampleId id, u32 dimension) {
  return unit_float(sobol_1d_bits(id, dimension));
}

/// Dimensions `dimension` and `dimension + 1`, stratified together.
OCT_HD_INLINE SobolBits sobol_2d_bits(SampleId id, u32 dimension) {
  const u32 key = hash(id.seed, id.pixel, dimension);
  // An Owen scramble of the index permutes every aligned power of two in itself, so that nets stay nets, and
  // puts the pairs of different dimensions in unrelated orders.
  const SobolBits point = sobol_point(owen_scramble(id.sample, key));
  return {owen_scramble(point.x, hash(key, 1)), owen_scramble(point.y, hash(key, 2))};
}
OCT_HD_INLINE Vec2 sobol_2d(SampleId id, u32 dimension) {
  const SobolBits bits = sobol_2d_bits(id, dimension);
  return {unit_float(bits.x), unit_float(bits.y)};
}

}  // namespace oct::inline OCT_ISA
