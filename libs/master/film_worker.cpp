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

PictureResult write_outputs(const Film& film, const ToneMap& tone_map,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata) {
  PictureResult result;
  const FilmRows picture(film);
  result.almost_black = is_almost_black(picture, tone_map);
  for (const PictureOutput& output : outputs) {
    if (auto written = write_picture(picture, tone_map, output, metadata)) {
      result.written.push_back(output.path);
    } else {
      result.errors.push_back(std::move(written.error()));
    }
  }
  return result;
}

}  // namespace oct
