#include "master/film_worker.hpp"

#include <memory>
#include <utility>

namespace oct {

void FilmWorker::merge(FilmContribution contribution) {
  auto shared = std::make_shared<const FilmContribution>(std::move(contribution));
  queue_.post([this, shared] { film_.merge(*shared); });
}

void FilmWorker::clear_tile(std::uint32_t tile) {
  queue_.post([this, tile] { film_.clear_tile(tile); });
}

void FilmWorker::with_film(std::function<void(const Film&)> use) {
  queue_.post([this, use = std::move(use)] { use(film_); });
}

}  // namespace oct
