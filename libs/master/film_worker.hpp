#pragma once
#include <functional>
#include <utility>

#include "base/work_queue.hpp"
#include "film/film.hpp"

namespace oct {

/// Owns the film on a thread of its own: merging, hashing and writing pictures take too long for the
/// network's thread. What is asked for is done in the order asked.
class FilmWorker {
 public:
  explicit FilmWorker(Film film) : film_(std::move(film)) {}

  void merge(FilmContribution contribution);
  void clear_tile(std::uint32_t tile);

  /// Calls `use` with the film, on the worker's thread.
  void with_film(std::function<void(const Film&)> use);

 private:
  Film film_;
  WorkQueue queue_;  ///< after film_: ends before it
};

}  // namespace oct
