#include "film/picture_rows.hpp"

#include "base/check.hpp"

namespace oct {

Image ImageRows::rows(std::uint32_t y0, std::uint32_t y1) const {
  const std::size_t row = std::size_t{width()} * 3;
  const auto first = image_.rgb.begin() + static_cast<std::ptrdiff_t>(y0 * row);
  return {width(), y1 - y0, {first, first + static_cast<std::ptrdiff_t>((y1 - y0) * row)}};
}

bool is_almost_black(const PictureRows& scene, const ToneMap& tone_map) {
  std::uint64_t bright = 0;
  const auto counted = for_each_strip(scene, [&](const Image& strip, std::uint32_t) -> Result<void> {
    bright += bright_pixels(strip, tone_map);
    return {};
  });
  OCT_CHECK(counted.has_value());
  return bright * 100 < std::uint64_t{scene.width()} * scene.height();
}

}  // namespace oct
