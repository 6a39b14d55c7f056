#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/work_queue.hpp"
#include "film/film.hpp"
#include "film/picture_file.hpp"

namespace oct {

/// What was made of a film.
struct PictureResult {
  std::vector<std::string> written;
  std::vector<Error> errors;  ///< of files that could not be written
  bool almost_black = false;  ///< as it would be displayed
  Digest film_hash;
  std::uint64_t non_finite_samples = 0;
};

/// Owns the film on a thread of its own: merging, hashing and writing pictures take too long for the
/// network's thread. What is asked for is done in the order asked.
class FilmWorker {
 public:
  explicit FilmWorker(const RenderSettings& settings) : film_(settings) {}

  void merge(FilmContribution contribution);
  void clear_tile(std::uint32_t tile);

  /// Calls `use` with the film, on the worker's thread.
  void with_film(std::function<void(const Film&)> use);

 private:
  Film film_;
  WorkQueue queue_;  ///< after film_: ends before it
};

/// Resolves the film and writes every output; the texts of `metadata` are those of the film. A worker's job.
PictureResult write_outputs(const Film& film, const ToneMap& tone_map,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata);

}  // namespace oct
