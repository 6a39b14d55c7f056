#include "master/noise_rule.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace oct {
namespace {

// 62 bits of a sum times a number of samples, times the scale below.
__extension__ using u128 = unsigned __int128;

/// Errors are counted in units of 2^-20. One above 16 counts as 16, so that 256 squares fit into 64 bits.
constexpr std::uint64_t kScale = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargestError = 16 * kScale;
/// Half of a difference of means keeps so many bits of fraction, which dark pixels need.
constexpr unsigned kFractionBits = 30;
/// A pixel darker than this part of its tile's mean is compared with that.
constexpr std::uint64_t kDarkPart = 4;

constexpr std::uint32_t kWeights = 10000;

/// Rec.709, as luminance() in math/vec.hpp has it, in ten-thousandths.
u128 luminance_of(const std::int64_t* sums) {
  return u128(2126) * static_cast<std::uint64_t>(sums[0]) + u128(7152) * static_cast<std::uint64_t>(sums[1]) +
         u128(722) * static_cast<std::uint64_t>(sums[2]);
}

u128 difference(u128 a, u128 b) {
  return a > b ? a - b : b - a;
}

/// The standard error of a pixel relative to its brightness, in units of 1 / kScale.
///   all, even  sums of the luminance of all samples, and of the `evens` ones with even index
///   reference  the sum that the pixel is compared with, at least 1
std::uint64_t relative_error(std::uint64_t all, std::uint64_t even, std::uint32_t samples,
                             std::uint64_t reference) {
  const std::uint32_t evens = (samples + 1) / 2;
  const std::uint32_t odds = samples / 2;
  const std::uint64_t odd = all - std::min(all, even);  // both are rounded: even may be a little more
  // |even / evens - odd / odds| / 2 over reference / samples: products of 123, 113 and 92 bits
  const u128 apart =
      (difference(u128(even) * odds, u128(odd) * evens) << kFractionBits) / (u128(2) * evens * odds);
  const u128 error = apart * samples * kScale / (u128(reference) << kFractionBits);
  return error < kLargestError ? static_cast<std::uint64_t>(error) : kLargestError;
}

}  // namespace

NoiseRule::NoiseRule(const RenderSettings& settings, double threshold)
    : settings_(settings),
      threshold_(static_cast<std::uint64_t>(std::max(1.0, std::round(threshold * kScale)))),
      first_passes_(1),
      tiles_(tile_count(settings)) {
  OCT_CHECK(threshold > 0 && threshold < 1);
  const std::uint32_t passes = pass_count(settings);
  while (first_passes_ < passes && pass_end(settings, first_passes_ - 1) < kFewestSamples) ++first_passes_;
}

void NoiseRule::add(const FilmContribution& contribution) {
  add(contribution.units.tile, contribution.sums);
}

void NoiseRule::restore(std::uint32_t tile, std::span<const std::int64_t> sums) {
  forget(tile);
  add(tile, sums);
}

void NoiseRule::forget(std::uint32_t tile) {
  std::vector<Luminances>().swap(tiles_[tile]);
}

void NoiseRule::add(std::uint32_t tile, std::span<const std::int64_t> sums) {
  std::vector<Luminances>& pixels = tiles_[tile];
  pixels.resize(pixel_count(tile_rect(settings_, tile)));
  OCT_CHECK_EQ(sums.size(), pixels.size() * kFilmChannels);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::int64_t* const channels = sums.data() + i * kFilmChannels;
    const u128 luminance = luminance_of(channels) + pixels[i].rest;
    pixels[i].all += static_cast<std::int64_t>(luminance / kWeights);
    pixels[i].rest = static_cast<std::uint32_t>(luminance % kWeights);
    pixels[i].even += channels[3];
  }
}

bool NoiseRule::is_clean(std::uint32_t tile, std::uint32_t samples) const {
  const std::size_t count = std::max<std::size_t>(tiles_[tile].size(), 1);
  return u128(squared_error(tile, samples)) <= u128(threshold_) * threshold_ * count;
}

std::uint64_t NoiseRule::squared_error(std::uint32_t tile, std::uint32_t samples) const {
  OCT_CHECK(samples >= 2);
  const std::vector<Luminances>& pixels = tiles_[tile];
  u128 sum = 0;
  for (const Luminances& pixel : pixels) sum += static_cast<std::uint64_t>(pixel.all);
  const std::size_t count = std::max<std::size_t>(pixels.size(), 1);
  const auto darkest = static_cast<std::uint64_t>(sum / count / kDarkPart) + 1;
  std::uint64_t squares = 0;
  for (const Luminances& pixel : pixels) {
    const auto all = static_cast<std::uint64_t>(pixel.all);
    const std::uint64_t error =
        relative_error(all, static_cast<std::uint64_t>(pixel.even), samples, std::max(all, darkest));
    squares += error * error;
  }
  return squares;
}

}  // namespace oct
