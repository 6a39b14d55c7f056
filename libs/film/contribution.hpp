#pragma once
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "data/unit.hpp"

namespace oct {

/// The fixed-point sums of consecutive passes of one tile: what a device answers to a lease.
struct FilmContribution {
  UnitRange units{};
  /// pixel_count(tile) x kFilmChannels sums, pixels in rows from the top left, channels interleaved (R, G, B,
  /// luminance of even samples), in units of 2^quantum_log2.
  std::vector<std::int64_t> sums;
  std::uint64_t non_finite_samples = 0;  ///< contributions that were not finite and counted as zero: a bug
};

/// Largest |sum| that `samples` samples of a pixel can give under these settings.
std::int64_t largest_sum(const RenderSettings& settings, std::uint64_t samples);

/// The largest samples_per_pixel that the film can count at this depth, limit and quantum; the other settings
/// do not matter. 0 where not even one sample fits.
std::uint32_t most_samples_per_pixel(const RenderSettings& settings);

/// invalid_input unless clamp x samples x contributions < 2^62, width, height and samples are within limits.
Result<void> check_settings(const RenderSettings& settings);

/// protocol error unless the unit range exists, the number of sums fits and every value is possible.
Result<void> check_contribution(const RenderSettings& settings, const FilmContribution& contribution);

}  // namespace oct
