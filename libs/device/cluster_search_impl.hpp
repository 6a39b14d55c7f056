#pragma once
#include <immintrin.h>

#include "device/cluster_search.hpp"
#include "hd.hpp"

namespace oct::inline OCT_ISA {

#if defined(__AVX2__)
struct Lanes {
  static constexpr std::uint32_t kCount = 8;
  __m256 v;
};
static inline Lanes load(const float* p) {
  return {_mm256_loadu_ps(p)};
}
static inline Lanes bits(std::uint32_t even, std::uint32_t odd) {
  return {_mm256_castsi256_ps(_mm256_set1_epi64x(static_cast<long long>(std::uint64_t{odd} << 32 | even)))};
}
static inline Lanes least(Lanes a, Lanes b) {
  return {_mm256_min_ps(a.v, b.v)};
}
static inline Lanes most(Lanes a, Lanes b) {
  return {_mm256_max_ps(a.v, b.v)};
}
static inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm256_sub_ps(a.v, b.v)};
}
static inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm256_add_ps(a.v, b.v)};
}
static inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm256_mul_ps(a.v, b.v)};
}
static inline Lanes operator&(Lanes a, Lanes b) {
  return {_mm256_and_ps(a.v, b.v)};
}
static inline Lanes operator|(Lanes a, Lanes b) {
  return {_mm256_or_ps(a.v, b.v)};
}
static inline void store_bits(std::uint32_t* p, Lanes a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_castps_si256(a.v));
}
#else
struct Lanes {
  static constexpr std::uint32_t kCount = 4;
  __m128 v;
};
static inline Lanes load(const float* p) {
  return {_mm_loadu_ps(p)};
}
static inline Lanes bits(std::uint32_t even, std::uint32_t odd) {
  return {_mm_castsi128_ps(_mm_set1_epi64x(static_cast<long long>(std::uint64_t{odd} << 32 | even)))};
}
static inline Lanes least(Lanes a, Lanes b) {
  return {_mm_min_ps(a.v, b.v)};
}
static inline Lanes most(Lanes a, Lanes b) {
  return {_mm_max_ps(a.v, b.v)};
}
static inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm_sub_ps(a.v, b.v)};
}
static inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm_add_ps(a.v, b.v)};
}
static inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm_mul_ps(a.v, b.v)};
}
static inline Lanes operator&(Lanes a, Lanes b) {
  return {_mm_and_ps(a.v, b.v)};
}
static inline Lanes operator|(Lanes a, Lanes b) {
  return {_mm_or_ps(a.v, b.v)};
}
static inline void store_bits(std::uint32_t* p, Lanes a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_castps_si128(a.v));
}
#endif

/// Boxes side by side.
struct BoxLanes {
  Lanes plane[6];
};

static inline BoxLanes load_boxes(const float* const planes[6], std::ptrdiff_t first) {
  return {{load(planes[0] + first), load(planes[1] + first), load(planes[2] + first), load(planes[3] + first),
           load(planes[4] + first), load(planes[5] + first)}};
}

static inline Lanes common_area(const BoxLanes& a, const BoxLanes& b) {
  const Lanes x = most(a.plane[3], b.plane[3]) - least(a.plane[0], b.plane[0]);
  const Lanes y = most(a.plane[4], b.plane[4]) - least(a.plane[1], b.plane[1]);
  const Lanes z = most(a.plane[5], b.plane[5]) - least(a.plane[2], b.plane[2]);
  return x * (y + z) + y * z;
}

/// The last bits of an area say whose it is: 2 (d - 1) for the neighbour d places on, 2 (d - 1) + 1 for that d
/// places back; with d = 1 the other way around at odd places. So one minimum finds area and neighbour.
inline constexpr std::uint32_t kCodeMask = 2 * kClusterReach - 1;

static inline std::uint32_t neighbour(std::uint32_t place, std::uint32_t code) {
  const std::uint32_t distance = (code >> 1) + 1;
  const bool back = (((distance == 1 ? place : 0) ^ code) & 1) != 0;
  return back ? place - distance : place + distance;
}

static void find_nearest_of(const float* const planes[6], std::uint32_t count, std::uint32_t* nearest) {
  static_assert((kClusterReach & (kClusterReach - 1)) == 0);
  const Lanes area_bits = bits(~kCodeMask, ~kCodeMask);
  for (std::uint32_t first = 0; first < count; first += Lanes::kCount) {
    const BoxLanes own = load_boxes(planes, first);
    Lanes best = bits(0x7f7fffffu, 0x7f7fffffu);  // the largest number
    for (std::uint32_t distance = 1; distance <= kClusterReach; ++distance) {
      const std::uint32_t code = 2 * (distance - 1);
      const std::uint32_t odd = distance == 1 ? 1 : 0;
      const Lanes after = common_area(own, load_boxes(planes, std::ptrdiff_t{first} + distance));
      const Lanes before = common_area(own, load_boxes(planes, std::ptrdiff_t{first} - distance));
      best = least(best, (after & area_bits) | bits(code, code ^ odd));
      best = least(best, (before & area_bits) | bits(code ^ 1, code ^ 1 ^ odd));
    }
    std::uint32_t codes[Lanes::kCount];
    store_bits(codes, best & bits(kCodeMask, kCodeMask));
    for (std::uint32_t lane = 0; lane < Lanes::kCount; ++lane)
      nearest[first + lane] = neighbour(first + lane, codes[lane]);
  }
}

}  // namespace oct::inline OCT_ISA
