#pragma once
#include <immintrin.h>

#include "geometry/simd.hpp"

// What only x86-64-v3 can do: lanes that change places, and whole numbers side by side.

namespace oct::inline OCT_ISA {

struct Int4 {
  __m128i v;
};
struct Int8 {
  __m256i v;
};

OCT_HD_INLINE Int4 broadcast_int4(u32 x) {
  return {_mm_set1_epi32(static_cast<int>(x))};
}
OCT_HD_INLINE Int4 load_int4(const u32* p) {
  return {_mm_load_si128(reinterpret_cast<const __m128i*>(p))};
}
OCT_HD_INLINE void store(u32* p, Int4 a) {
  _mm_store_si128(reinterpret_cast<__m128i*>(p), a.v);
}
OCT_HD_INLINE Int4 operator&(Int4 a, Int4 b) {
  return {_mm_and_si128(a.v, b.v)};
}
OCT_HD_INLINE Int4 operator|(Int4 a, Int4 b) {
  return {_mm_or_si128(a.v, b.v)};
}
OCT_HD_INLINE Int4 operator^(Int4 a, Int4 b) {
  return {_mm_xor_si128(a.v, b.v)};
}
OCT_HD_INLINE Int4 operator+(Int4 a, Int4 b) {
  return {_mm_add_epi32(a.v, b.v)};
}
/// One bit a lane.
OCT_HD_INLINE u32 equal(Int4 a, Int4 b) {
  return static_cast<u32>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(a.v, b.v))));
}
OCT_HD_INLINE Int4 bits_of(Float4 a) {
  return {_mm_castps_si128(a.v)};
}
OCT_HD_INLINE Float4 float_from_bits(Int4 a) {
  return {_mm_castsi128_ps(a.v)};
}
/// Bit 31 of each lane in its lowest place.
OCT_HD_INLINE Int4 sign_bit(Float4 a) {
  return {_mm_srli_epi32(_mm_castps_si128(a.v), 31)};
}
template <int kPlaces>
OCT_HD_INLINE Int4 shifted_left(Int4 a) {
  return {_mm_slli_epi32(a.v, kPlaces)};
}

OCT_HD_INLINE Float4 load4_unaligned(const float* p) {
  return {_mm_loadu_ps(p)};
}
/// Lane i becomes lane control[i] of `a`.
OCT_HD_INLINE Float4 permuted(Float4 a, Int4 control) {
  return {_mm_permutevar_ps(a.v, control.v)};
}
/// b where the sign bit of `sign` is set, else a.
OCT_HD_INLINE Float4 select_by_sign(Float4 sign, Float4 a, Float4 b) {
  return {_mm_blendv_ps(a.v, b.v, sign.v)};
}
/// The least of the lanes, in all lanes.
OCT_HD_INLINE Float4 least_of(Float4 a) {
  const __m128 pairs = _mm_min_ps(a.v, _mm_permute_ps(a.v, 0b10'11'00'01));
  return {_mm_min_ps(pairs, _mm_permute_ps(pairs, 0b01'00'11'10))};
}

OCT_HD_INLINE Float8 operator+(Float8 a, Float8 b) {
  return {_mm256_add_ps(a.v, b.v)};
}
OCT_HD_INLINE Float8 operator/(Float8 a, Float8 b) {
  return {_mm256_div_ps(a.v, b.v)};
}
OCT_HD_INLINE Float8 abs(Float8 a) {
  return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)};
}
/// One bit a lane, set where equal.
OCT_HD_INLINE u32 equal(Float8 a, Float8 b) {
  return static_cast<u32>(_mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)));
}
/// All bits of a lane are set where a < b.
OCT_HD_INLINE Float8 less_lanes(Float8 a, Float8 b) {
  return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)};
}
/// All bits of a lane are set where a <= b.
OCT_HD_INLINE Float8 less_equal_lanes(Float8 a, Float8 b) {
  return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)};
}
/// Bit 31 of each lane.
OCT_HD_INLINE u32 sign_bits(Float8 a) {
  return static_cast<u32>(_mm256_movemask_ps(a.v));
}
/// The signs of `signs` on numbers that are not negative.
OCT_HD_INLINE Float8 with_signs(Float8 positive, Float8 signs) {
  return {_mm256_or_ps(positive.v, _mm256_and_ps(_mm256_set1_ps(-0.0f), signs.v))};
}
/// b where the sign bit of `sign` is set, else a.
OCT_HD_INLINE Float8 select_by_sign(Float8 sign, Float8 a, Float8 b) {
  return {_mm256_blendv_ps(a.v, b.v, sign.v)};
}
/// The least and the most of the lanes.
OCT_HD_INLINE float least_lane(Float8 a) {
  const __m128 four = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  return _mm_cvtss_f32(least_of(Float4{four}).v);
}
OCT_HD_INLINE float most_lane(Float8 a) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 pairs = _mm_max_ps(four, _mm_permute_ps(four, 0b10'11'00'01));
  return _mm_cvtss_f32(_mm_max_ps(pairs, _mm_permute_ps(pairs, 0b01'00'11'10)));
}

OCT_HD_INLINE Int8 broadcast_int8(u32 x) {
  return {_mm256_set1_epi32(static_cast<int>(x))};
}
OCT_HD_INLINE Int8 operator+(Int8 a, Int8 b) {
  return {_mm256_add_epi32(a.v, b.v)};
}
OCT_HD_INLINE Int8 operator&(Int8 a, Int8 b) {
  return {_mm256_and_si256(a.v, b.v)};
}
OCT_HD_INLINE Int8 bits_of(Float8 a) {
  return {_mm256_castps_si256(a.v)};
}
/// One bit a lane, set where equal.
OCT_HD_INLINE u32 equal(Int8 a, Int8 b) {
  return static_cast<u32>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a.v, b.v))));
}

OCT_HD_INLINE Float8 load8_unaligned(const float* p) {
  return {_mm256_loadu_ps(p)};
}
OCT_HD_INLINE Int8 load_int8(const u32* p) {
  return {_mm256_load_si256(reinterpret_cast<const __m256i*>(p))};
}
/// Eight bytes, one a lane.
OCT_HD_INLINE Int8 load_bytes8(const u8* p) {
  return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
}
/// Lane i becomes lane control[i] & 7 of `a`.
OCT_HD_INLINE Float8 permuted(Float8 a, Int8 control) {
  return {_mm256_permutevar8x32_ps(a.v, control.v)};
}
OCT_HD_INLINE Int8 permuted(Int8 a, Int8 control) {
  return {_mm256_permutevar8x32_epi32(a.v, control.v)};
}
OCT_HD_INLINE void store_unaligned(float* p, Float8 a) {
  _mm256_storeu_ps(p, a.v);
}
OCT_HD_INLINE void store_unaligned(u32* p, Int8 a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}
/// Lanes 0 to 3.
OCT_HD_INLINE void store_lower_unaligned(float* p, Float8 a) {
  _mm_storeu_ps(p, _mm256_castps256_ps128(a.v));
}
OCT_HD_INLINE void store_lower_unaligned(u32* p, Int8 a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(a.v));
}
OCT_HD_INLINE Int4 lower_half(Int8 a) {
  return {_mm256_castsi256_si128(a.v)};
}
/// The upper lanes hold anything.
OCT_HD_INLINE Int8 in_lower_half(Int4 a) {
  return {_mm256_castsi128_si256(a.v)};
}

/// Descending, as signed numbers: a network of three stages, after Batcher.
OCT_HD_INLINE Int4 sorted_down(Int4 keys) {
  __m128i k = keys.v;
  __m128i other = _mm_shuffle_epi32(k, 0b10'11'00'01);  // 0 with 1, 2 with 3
  k = _mm_blend_epi32(_mm_max_epi32(k, other), _mm_min_epi32(k, other), 0b1010);
  other = _mm_shuffle_epi32(k, 0b01'00'11'10);  // 0 with 2, 1 with 3
  k = _mm_blend_epi32(_mm_max_epi32(k, other), _mm_min_epi32(k, other), 0b1100);
  other = _mm_shuffle_epi32(k, 0b11'01'10'00);  // 1 with 2
  return {_mm_blend_epi32(_mm_max_epi32(k, other), _mm_min_epi32(k, other), 0b0100)};
}

/// Of two vectors, the greater numbers in the lanes whose bit in kLesser is not set, the lesser ones in the others.
template <int kLesser>
OCT_HD_INLINE __m256i exchanged(__m256i a, __m256i b) {
  return _mm256_blend_epi32(_mm256_max_epi32(a, b), _mm256_min_epi32(a, b), kLesser);
}

/// Descending, as signed numbers: Batcher's bitonic network, six stages.
OCT_HD_INLINE Int8 sorted_down(Int8 keys) {
  __m256i k = keys.v;
  k = exchanged<0b10101010>(k, _mm256_shuffle_epi32(k, 0b10'11'00'01));  // 0 with 1
  k = exchanged<0b11001100>(k, _mm256_shuffle_epi32(k, 0b00'01'10'11));  // 0 with 3, 1 with 2
  k = exchanged<0b10101010>(k, _mm256_shuffle_epi32(k, 0b10'11'00'01));
  k = exchanged<0b11110000>(k, _mm256_permutevar8x32_epi32(k, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0)));
  k = exchanged<0b11001100>(k, _mm256_shuffle_epi32(k, 0b01'00'11'10));  // 0 with 2, 1 with 3
  return {exchanged<0b10101010>(k, _mm256_shuffle_epi32(k, 0b10'11'00'01))};
}

}  // namespace oct::inline OCT_ISA
