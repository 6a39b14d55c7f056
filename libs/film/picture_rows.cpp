#include "film/picture_rows.hpp"

namespace oct {

Image ImageRows::rows(std::uint32_t y0, std::uint32_t y1) const {
  const std::size_t row = std::size_t{width()} * 3;
  const auto first = image_.rgb.begin() + static_cast<std::ptrdiff_t>(y0 * row);
  return {width(), y1 - y0, {first, first + static_cast<std::ptrdiff_t>((y1 - y0) * row)}};
}

bool is_almost_black(const PictureRows& scene, const ToneMap& tone_map, ThreadPool* pool) {
  const std::uint64_t bright =
      sum_over_strips(scene, pool, [&](const Image& strip) { return bright_pixels(strip, tone_map); });
  return bright * 100 < std::uint64_t{scene.width()} * scene.height();
}

}  // namespace oct
