#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/thread_pool.hpp"
#include "film/film.hpp"
#include "film/image.hpp"
#include "film/tone_map.hpp"

// A picture as its rows, a few at a time: what is written to a file is never whole in memory.

namespace oct {

/// Rows that are asked for at once: those of a row of tiles, and of a block of an EXR file.
inline constexpr std::uint32_t kStripRows = 16;

/// A picture that gives its rows as often as they are asked for.
class PictureRows {
 public:
  PictureRows(std::uint32_t width, std::uint32_t height) : width_(width), height_(height) {}
  virtual ~PictureRows() = default;

  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }
  /// Rows [y0, y1), RGB. Any thread, several at once.
  virtual Image rows(std::uint32_t y0, std::uint32_t y1) const = 0;

 private:
  std::uint32_t width_, height_;
};

/// What a film shows; lives as long as it. Scene-linear.
class FilmRows : public PictureRows {
 public:
  explicit FilmRows(const Film& film)
      : PictureRows(film.settings().width, film.settings().height), film_(film) {}
  Image rows(std::uint32_t y0, std::uint32_t y1) const override { return film_.resolve_rows(y0, y1); }

 private:
  const Film& film_;
};

/// A picture that is in memory; lives as long as it.
class ImageRows : public PictureRows {
 public:
  explicit ImageRows(const Image& image) : PictureRows(image.width, image.height), image_(image) {}
  Image rows(std::uint32_t y0, std::uint32_t y1) const override;

 private:
  const Image& image_;
};

/// Another picture with exposure and curve applied: display-linear.
class TonedRows : public PictureRows {
 public:
  TonedRows(const PictureRows& scene, const ToneMap& tone_map)
      : PictureRows(scene.width(), scene.height()), scene_(scene), tone_map_(tone_map) {}
  Image rows(std::uint32_t y0, std::uint32_t y1) const override {
    return tone_mapped(scene_.rows(y0, y1), tone_map_);
  }

 private:
  const PictureRows& scene_;
  ToneMap tone_map_;
};

/// Calls use(strip, y0) for all strips from the top; ends with the first error.
template <class Use>
Result<void> for_each_strip(const PictureRows& picture, Use&& use) {
  for (std::uint32_t y = 0; y < picture.height(); y += kStripRows) {
    const std::uint32_t end = y + kStripRows < picture.height() ? y + kStripRows : picture.height();
    OCT_TRY(use(picture.rows(y, end), y));
  }
  return {};
}

/// Sum of count(strip) over all strips, on all threads if a pool is given.
template <class Count>
std::uint64_t sum_over_strips(const PictureRows& picture, ThreadPool* pool, Count&& count) {
  std::atomic<std::uint64_t> sum{0};
  const auto add = [&](std::size_t strip) {
    const auto y = static_cast<std::uint32_t>(strip) * kStripRows;
    sum += count(picture.rows(y, std::min(y + kStripRows, picture.height())));
  };
  const std::size_t strips = (picture.height() + kStripRows - 1) / kStripRows;
  if (pool != nullptr) {
    pool->for_each(strips, add);
  } else {
    for (std::size_t strip = 0; strip < strips; ++strip) add(strip);
  }
  return sum;
}

/// Whether people would see next to nothing: 99 % of the pixels of a scene-linear picture stay under code
/// value 10 of 255 as they are displayed.
bool is_almost_black(const PictureRows& scene, const ToneMap& tone_map, ThreadPool* pool = nullptr);
inline bool is_almost_black(const Image& scene, const ToneMap& tone_map) {
  return is_almost_black(ImageRows(scene), tone_map);
}

}  // namespace oct
