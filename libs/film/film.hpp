#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/hash.hpp"
#include "film/contribution.hpp"
#include "film/image.hpp"

namespace oct {

/// The picture as exact sums. Merging commutes; who merges what only once is the ledger's business.
class Film {
 public:
  /// An empty film. `settings` must have passed check_settings.
  explicit Film(const RenderSettings& settings);

  const RenderSettings& settings() const { return settings_; }

  /// Adds the sums of a checked contribution.
  void merge(const FilmContribution& contribution);

  /// Forgets all samples of a tile. What it counted as not finite stays counted: it happened.
  void clear_tile(std::uint32_t tile);
  /// Puts `samples` samples with these sums in the place of all that the tile has, as when a film is read from
  /// a file.
  void set_tile(std::uint32_t tile, std::uint32_t samples, std::span<const std::int64_t> sums);
  void set_non_finite_samples(std::uint64_t count) { non_finite_samples_ = count; }

  /// Goes on under other settings: of the same size and quantum, with as many samples or more.
  void continue_with(const RenderSettings& settings);

  /// SHA-256 of size, quantum, samples per pixel of each tile, and all sums: equal hash = equal picture.
  Digest hash() const;

  /// Means over the samples merged so far; a pixel without samples is black. Scene-linear Rec.709.
  Image resolve() const;
  /// Rows [y0, y1) of it.
  Image resolve_rows(std::uint32_t y0, std::uint32_t y1) const;

  /// Mean over all pixels of the standard error of the luminance relative to the mean luminance, from the
  /// half sums (even and odd samples). 0 with fewer than two samples.
  double noise_estimate() const;

  std::uint64_t samples_merged() const { return samples_merged_; }  ///< over all pixels
  std::uint64_t non_finite_samples() const { return non_finite_samples_; }

  /// The sums of a tile as a contribution has them.
  std::vector<std::int64_t> tile_sums(std::uint32_t tile) const;

  /// width x height x kFilmChannels, rows from the top.
  const std::vector<std::int64_t>& sums() const { return sums_; }
  /// Samples merged of each tile (each pixel of it).
  const std::vector<std::uint32_t>& tile_samples() const { return tile_samples_; }

 private:
  RenderSettings settings_;
  std::vector<std::int64_t> sums_;
  std::vector<std::uint32_t> tile_samples_;
  std::uint64_t samples_merged_ = 0;
  std::uint64_t non_finite_samples_ = 0;
};

}  // namespace oct
