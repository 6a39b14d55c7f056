#include "film/film.hpp"

#include <cmath>

#include "base/check.hpp"
#include "math/scalar.hpp"

namespace oct {

Film::Film(const RenderSettings& settings)
    : settings_(settings),
      sums_(std::size_t{settings.width} * settings.height * kFilmChannels, 0),
      tile_samples_(tile_count(settings), 0) {
  OCT_CHECK(check_settings(settings).has_value());
}

void Film::merge(const FilmContribution& contribution) {
  const UnitRange& units = contribution.units;
  const TileRect rect = tile_rect(settings_, units.tile);
  OCT_CHECK_EQ(contribution.sums.size(), std::size_t{pixel_count(rect)} * kFilmChannels);
  const std::int64_t* source = contribution.sums.data();
  const std::size_t row_sums = std::size_t{rect.x1 - rect.x0} * kFilmChannels;
  for (std::uint32_t y = rect.y0; y < rect.y1; ++y) {
    std::int64_t* target = &sums_[(std::size_t{y} * settings_.width + rect.x0) * kFilmChannels];
    for (std::size_t i = 0; i < row_sums; ++i) target[i] += *source++;
  }
  const SampleRange samples = samples_of(settings_, units.first_pass, units.last_pass);
  tile_samples_[units.tile] += samples.last - samples.first;
  samples_merged_ += std::uint64_t{samples.last - samples.first} * pixel_count(rect);
  non_finite_samples_ += contribution.non_finite_samples;
}

Digest Film::hash() const {
  Sha256 hash;
  hash.add(std::string_view("octane film 1"));
  const std::int64_t head[] = {settings_.width, settings_.height, kFilmChannels, settings_.quantum_log2};
  hash.add(bytes_of(std::span<const std::int64_t>(head)));
  hash.add(bytes_of(std::span<const std::uint32_t>(tile_samples_)));
  hash.add(bytes_of(std::span<const std::int64_t>(sums_)));
  return hash.finish();
}

Image Film::resolve() const {
  return resolve_rows(0, settings_.height);
}

Image Film::resolve_rows(std::uint32_t y0, std::uint32_t y1) const {
  OCT_CHECK(y0 <= y1 && y1 <= settings_.height);
  Image image{settings_.width, y1 - y0, {}};
  image.rgb.reserve(std::size_t{settings_.width} * (y1 - y0) * 3);
  const double quantum = std::ldexp(1.0, settings_.quantum_log2);
  for (std::uint32_t y = y0; y < y1; ++y) {
    const std::uint32_t first_tile = y / kTileSize * tiles_across(settings_);
    const std::int64_t* sums = &sums_[std::size_t{y} * settings_.width * kFilmChannels];
    for (std::uint32_t x = 0; x < settings_.width; ++x, sums += kFilmChannels) {
      const std::uint32_t samples = tile_samples_[first_tile + x / kTileSize];
      const double scale = samples == 0 ? 0 : quantum / samples;
      for (std::size_t c = 0; c < 3; ++c)
        image.rgb.push_back(static_cast<float>(static_cast<double>(sums[c]) * scale));
    }
  }
  return image;
}

double Film::noise_estimate() const {
  // With E the sum over even samples and S that over all, E - (S - E) has the variance of S itself.
  double error = 0;
  double mean = 0;
  for (std::uint32_t tile = 0; tile < tile_samples_.size(); ++tile) {
    const double samples = tile_samples_[tile];
    if (samples < 2) continue;
    const TileRect rect = tile_rect(settings_, tile);
    for (std::uint32_t y = rect.y0; y < rect.y1; ++y) {
      for (std::uint32_t x = rect.x0; x < rect.x1; ++x) {
        const std::int64_t* sums = &sums_[(std::size_t{y} * settings_.width + x) * kFilmChannels];
        const double all = 0.2126 * static_cast<double>(sums[0]) + 0.7152 * static_cast<double>(sums[1]) +
                           0.0722 * static_cast<double>(sums[2]);
        error += std::abs(2 * static_cast<double>(sums[3]) - all) / samples;
        mean += all / samples;
      }
    }
  }
  // the mean absolute value of a normal deviate is sqrt(2 / pi) standard deviations
  return mean > 0 ? error / mean * std::sqrt(3.14159265358979323846 / 2) : 0;
}

}  // namespace oct
