#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "film/contribution.hpp"

namespace oct {

/// Decides whether a tile is clean: whether the standard error of its pixels, relative to their brightness, is within
/// a threshold. A function of the tile's finished sums alone, in integers, so that it says the same on every computer,
/// whoever rendered the tile and in which order.
///
/// The error of a pixel is estimated from its two halves, the samples of even and of odd index: half of the difference of
/// their means. One pixel's estimate says little, that of 256 much: a tile's error is the root of the mean of their
/// squares. A pixel is compared with its own mean luminance, or with a quarter of the tile's where that is more, so
/// that the black in a bright tile costs nothing. Nothing depends on exposure. Pure; one thread.
class NoiseRule {
 public:
  /// Nothing is decided before a tile has so many samples: what they have not met yet, they cannot tell of.
  static constexpr std::uint32_t kFewestSamples = 64;

  /// threshold  of the relative standard error, above 0 and below 1; finer than 2^-20 counts as that
  NoiseRule(const RenderSettings& settings, double threshold);

  /// Passes that every tile gets.
  std::uint32_t first_passes() const { return first_passes_; }

  /// Adds merged sums.
  void add(const FilmContribution& contribution);
  /// Takes the sums of a tile from a film: pixel_count x kFilmChannels.
  void restore(std::uint32_t tile, std::span<const std::int64_t> sums);
  /// Forgets the sums of a tile.
  void forget(std::uint32_t tile);

  /// Whether the sums added so far, those of samples 0 to `samples` - 1 of each pixel, are clean. samples >= 2.
  bool is_clean(std::uint32_t tile, std::uint32_t samples) const;

  /// The sum of the squares of the pixels' errors, in units of 2^-40.
  std::uint64_t squared_error(std::uint32_t tile, std::uint32_t samples) const;

 private:
  /// Sums of a pixel, in units of the film.
  struct Luminances {
    std::int64_t all = 0;
    std::int64_t even = 0;   ///< of samples with even index
    std::uint32_t rest = 0;  ///< ten-thousandths beside `all`: so that it does not matter how sums are split
  };
  void add(std::uint32_t tile, std::span<const std::int64_t> sums);

  RenderSettings settings_;
  std::uint64_t threshold_;  ///< in units of 2^-20
  std::uint32_t first_passes_;
  std::vector<std::vector<Luminances>> tiles_;  ///< empty until something is added
};

}  // namespace oct
