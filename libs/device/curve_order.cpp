#include "device/curve_order.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "device/boxes.hpp"
#include "device/pool_loops.hpp"

// Sorting by radix, least digits first: each pass counts its digits piece by piece, so that all pieces know
// where they write, and is stable, so that neither pieces nor threads show in the result.

namespace oct {
namespace {

constexpr std::uint32_t kDigitBits = 12;
constexpr std::uint32_t kDigits = 1u << kDigitBits;
constexpr std::uint32_t kBitsAnAxis = 12;
constexpr std::size_t kFewEntries = 4096;  ///< below, tables cost more than comparisons
constexpr std::size_t kMostPieces = 16;
/// Fresh memory is not in the cache: lines are fetched so many entries before they are written.
constexpr std::size_t kStoresAhead = 128;
/// Two triangles are one entry if their common surface is at most this share of the sum of theirs.
constexpr float kMostOfPair = 0.75f;

/// Puts the last six bits of each lane at every third place.
__m128i spread_six(__m128i x) {
  x = _mm_and_si128(_mm_or_si128(x, _mm_slli_epi32(x, 8)), _mm_set1_epi32(0x300f));
  x = _mm_and_si128(_mm_or_si128(x, _mm_slli_epi32(x, 4)), _mm_set1_epi32(0x30c3));
  return _mm_and_si128(_mm_or_si128(x, _mm_slli_epi32(x, 2)), _mm_set1_epi32(0x9249));
}

/// The three lanes, of 16 spread bits each, between each other.
std::uint64_t interleave(__m128i x) {
  const auto lane = [](__m128i v) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_cvtsi128_si32(v)));
  };
  return lane(x) | lane(_mm_shuffle_epi32(x, 1)) << 1 | lane(_mm_shuffle_epi32(x, 2)) << 2;
}

/// Maps centres to places on the curve.
struct Curve {
  Float4 first;
  Float4 scale;

  explicit Curve(const Box& centres) : first(centres.lo) {
    scale = cells_per_unit(centres, static_cast<float>(1u << kBitsAnAxis));
  }

  /// Of twice a centre; 35 bits.
  std::uint64_t place_of(Float4 centre) const {
    const __m128i cell = _mm_cvttps_epi32(((centre - first) * scale).v);
    const __m128i low = spread_six(_mm_and_si128(cell, _mm_set1_epi32(63)));
    return (interleave(spread_six(_mm_srli_epi32(cell, 6))) << 18 | interleave(low)) >> 1;
  }
};

Box centres_of(const LargeArray<BvhPrimitive>& primitives, ThreadPool* pool) {
  Box all;
  std::mutex mutex;
  in_pieces(pool, primitives.size(), [&](std::size_t begin, std::size_t end) {
    Box box;
    for (std::size_t i = begin; i < end; ++i) {
      const Float4 centre = centre_of(primitives[i]);
      box.add(centre, centre);
    }
    const std::lock_guard lock(mutex);
    all.add(box);
  });
  return all;
}

bool share_most(const Box& a, const Box& b, const Box& both) {
  return half_area(both) <= kMostOfPair * (half_area(a) + half_area(b));
}

/// Writes the entries of primitives from `begin` to `end`; returns how many.
std::size_t write_entries(const LargeArray<BvhPrimitive>& primitives, const Curve& curve, std::size_t begin,
                          std::size_t end, CurveEntry* entries) {
  std::size_t count = 0;
  for (std::size_t i = begin; i < end; ++count) {
    if (count % 8 == 0) __builtin_prefetch(entries + count + kStoresAhead, 1);
    Box box = box_of(primitives[i]);
    CurveEntry entry = i++;
    if (i < end && !is_instance(primitives[i - 1]) && !is_instance(primitives[i])) {
      const Box next = box_of(primitives[i]);
      Box both = box;
      both.add(next);
      if (share_most(box, next, both)) {
        box = both;
        entry |= kCurvePair;
        ++i;
      }
    }
    const Float4 centre = without_last(box.lo) + without_last(box.hi);
    entries[count] = entry | curve.place_of(centre) << (kCurveIndexBits + 1);
  }
  return count;
}

/// In the order of primitives. Pieces are the same with any number of threads, so pairs are too.
LargeArray<CurveEntry> entries_of(const LargeArray<BvhPrimitive>& primitives, ThreadPool* pool) {
  const Curve curve(centres_of(primitives, pool));
  const std::size_t piece_count = (primitives.size() + kItemsPerPiece - 1) / kItemsPerPiece;
  LargeArray<CurveEntry> entries(primitives.size());
  std::vector<std::size_t> counts(piece_count);
  for_each(pool, piece_count, [&](std::size_t piece) {
    const std::size_t begin = piece * kItemsPerPiece,
                      end = std::min(begin + kItemsPerPiece, primitives.size());
    counts[piece] = write_entries(primitives, curve, begin, end, entries.data() + begin);
  });
  std::size_t size = 0;
  for (std::size_t piece = 0; piece < piece_count; ++piece) {
    const CurveEntry* const from = entries.data() + piece * kItemsPerPiece;
    std::copy(from, from + counts[piece], entries.data() + size);
    size += counts[piece];
  }
  entries.truncate(size);
  return entries;
}

using DigitCounts = std::array<std::uint32_t, kDigits>;

/// Counts become places: digit by digit, and for each digit piece by piece.
void counts_to_places(std::vector<DigitCounts>* pieces) {
  std::uint32_t place = 0;
  for (std::uint32_t digit = 0; digit < kDigits; ++digit) {
    for (DigitCounts& counts : *pieces) place += std::exchange(counts[digit], place);
  }
}

/// One pass, by the digit at `shift`.
void sort_by_digit(const LargeArray<CurveEntry>& from, std::uint32_t shift, LargeArray<CurveEntry>* to,
                   ThreadPool* pool) {
  const std::size_t piece_count = std::min(kMostPieces, from.size() / kFewEntries + 1);
  const auto begin_of = [&](std::size_t piece) { return from.size() * piece / piece_count; };
  const auto digit_of = [shift](CurveEntry entry) { return (entry >> shift) & (kDigits - 1); };
  std::vector<DigitCounts> places(piece_count);
  for_each(pool, piece_count, [&](std::size_t piece) {
    DigitCounts& counts = places[piece];
    counts.fill(0);
    for (std::size_t i = begin_of(piece); i < begin_of(piece + 1); ++i) ++counts[digit_of(from[i])];
  });
  counts_to_places(&places);
  for_each(pool, piece_count, [&](std::size_t piece) {
    DigitCounts& next = places[piece];
    for (std::size_t i = begin_of(piece); i < begin_of(piece + 1); ++i)
      (*to)[next[digit_of(from[i])]++] = from[i];
  });
}

}  // namespace

LargeArray<CurveEntry> curve_order(const LargeArray<BvhPrimitive>& primitives, ThreadPool* pool) {
  LargeArray<CurveEntry> entries = entries_of(primitives, pool);
  if (entries.size() < kFewEntries) {
    std::sort(entries.data(), entries.data() + entries.size());
    return entries;
  }
  LargeArray<CurveEntry> other(entries.size());
  for (std::uint32_t shift = kCurveIndexBits; shift < 64; shift += kDigitBits) {
    sort_by_digit(entries, shift, &other, pool);
    std::swap(entries, other);
  }
  return entries;
}

}  // namespace oct
