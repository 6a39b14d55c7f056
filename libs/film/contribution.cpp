#include "film/contribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/settings_limits.hpp"
#include "math/scalar.hpp"

namespace oct {
namespace {

/// Largest fixed-point value of one contribution.
std::int64_t largest_contribution(const RenderSettings& settings) {
  return static_cast<std::int64_t>(
      std::ldexp(static_cast<double>(settings.contribution_limit), -settings.quantum_log2));
}

bool is_positive_and_finite(float value) {
  return value > 0 && value <= kLargestFloat;
}

}  // namespace

std::int64_t largest_sum(const RenderSettings& settings, std::uint64_t samples) {
  return largest_contribution(settings) *
         static_cast<std::int64_t>(contributions_per_sample(settings) * samples);
}

std::uint32_t most_samples_per_pixel(const RenderSettings& settings) {
  const double largest =
      std::ldexp(static_cast<double>(settings.contribution_limit), -settings.quantum_log2) *
      static_cast<double>(contributions_per_sample(settings));
  const double bound = std::ceil(std::ldexp(1.0, kFilmSumBits) / largest) - 1;  // less than, not equal
  return static_cast<std::uint32_t>(std::clamp(bound, 0.0, 4294967295.0));
}

Result<void> check_settings(const RenderSettings& settings) {
  const auto bad = [](std::string message, std::string help = {}) {
    return fail(ErrorKind::invalid_input, std::move(message), std::move(help));
  };
  if (settings.width < 1 || settings.height < 1 || settings.width > kMaxFilmSide ||
      settings.height > kMaxFilmSide) {
    return bad(fmt::format("a film of {} x {} pixels: each side must be from 1 to {}", settings.width,
                           settings.height, kMaxFilmSide));
  }
  if (settings.samples_per_pixel < 1) return bad("0 samples per pixel: at least 1 is needed");
  if (!are_extra_pass_ends_valid(settings))
    return bad("extra ends of passes that do not ascend, or lie beyond the samples");
  if (!are_pass_steps_valid(settings.pass_steps)) {
    return bad(fmt::format("{} passes for each doubling of the samples: must be a power of two up to {}",
                           settings.pass_steps, kMostPassSteps));
  }
  if (settings.max_depth > kMaxBounces) {
    return bad(fmt::format("a depth of {} bounces: at most {}", settings.max_depth, kMaxBounces));
  }
  if (settings.quantum_log2 < kMinQuantumLog2 || settings.quantum_log2 > kMaxQuantumLog2) {
    return bad(fmt::format("a film quantum of 2^{}: must be from 2^{} to 2^{}", settings.quantum_log2,
                           kMinQuantumLog2, kMaxQuantumLog2));
  }
  if (!is_positive_and_finite(settings.contribution_limit) ||
      !is_positive_and_finite(settings.indirect_limit) ||
      settings.indirect_limit > settings.contribution_limit) {
    return bad("the limits of contributions must be positive, and the indirect one not above the other");
  }
  const std::uint32_t most = most_samples_per_pixel(settings);
  if (settings.samples_per_pixel > most) {
    return bad(fmt::format("{} samples per pixel at depth {}: the film's 64-bit sums hold at most {}",
                           settings.samples_per_pixel, settings.max_depth, most),
               fmt::format("-s {}, or a smaller --max-depth", most));
  }
  return {};
}

Result<void> check_contribution(const RenderSettings& settings, const FilmContribution& contribution) {
  const UnitRange& units = contribution.units;
  const auto bad = [](std::string message) { return fail(ErrorKind::protocol, std::move(message)); };
  if (units.tile >= tile_count(settings))
    return bad(fmt::format("film contribution: no tile {}", units.tile));
  if (units.first_pass >= units.last_pass || units.last_pass > pass_count(settings)) {
    return bad(fmt::format("film contribution: no passes {} to {}", units.first_pass, units.last_pass));
  }
  const std::size_t wanted = std::size_t{pixel_count(tile_rect(settings, units.tile))} * kFilmChannels;
  if (contribution.sums.size() != wanted) {
    return bad(fmt::format("film contribution: {} sums instead of {}", contribution.sums.size(), wanted));
  }
  const SampleRange samples = samples_of(settings, units.first_pass, units.last_pass);
  const std::int64_t limit = largest_sum(settings, samples.last - samples.first);
  for (const std::int64_t sum : contribution.sums) {
    if (sum < 0 || sum > limit) return bad(fmt::format("film contribution: sum {} is not possible", sum));
  }
  return {};
}

}  // namespace oct
