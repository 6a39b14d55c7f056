#pragma once
#include "film/contribution.hpp"

namespace oct {

/// Valid settings for a small picture.
inline RenderSettings a_setting(std::uint32_t width, std::uint32_t height, std::uint32_t samples_per_pixel) {
  RenderSettings settings{};
  settings.width = width;
  settings.height = height;
  settings.samples_per_pixel = samples_per_pixel;
  settings.max_depth = 4;
  settings.quantum_log2 = -24;
  settings.contribution_limit = 1000;
  settings.indirect_limit = 1000;
  return settings;
}

/// What a device without a scene would compute: sums that differ from sample to sample and pixel to pixel,
/// small enough to be possible, and additive, so that a sum over passes equals the sum of their sums. Frames of
/// different numbers (RenderSettings::frame) differ.
inline FilmContribution a_contribution(const RenderSettings& settings, UnitRange units) {
  FilmContribution contribution;
  contribution.units = units;
  const TileRect rect = tile_rect(settings, units.tile);
  const SampleRange samples = samples_of(settings, units.first_pass, units.last_pass);
  contribution.sums.assign(std::size_t{pixel_count(rect)} * kFilmChannels, 0);
  std::size_t next = 0;
  for (std::uint32_t y = rect.y0; y < rect.y1; ++y) {
    for (std::uint32_t x = rect.x0; x < rect.x1; ++x) {
      for (std::uint32_t channel = 0; channel < kFilmChannels; ++channel, ++next) {
        for (std::uint32_t sample = samples.first; sample < samples.last; ++sample) {
          if (channel == 3 && sample % 2 != 0) continue;  // the luminance of even samples
          std::uint32_t bits = (y * settings.width + x) * 2654435761u + sample * 2246822519u +
                               channel * 3266489917u +
                               static_cast<std::uint32_t>(settings.frame) * 668265263u;
          bits = (bits ^ (bits >> 15)) * 2246822519u;
          contribution.sums[next] += (bits >> 12) & 0xffff;
        }
      }
    }
  }
  return contribution;
}

}  // namespace oct
