#include "film/exposure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "base/check.hpp"
#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

constexpr double kMiddleGrey = 0.18;
constexpr std::uint64_t kDarkestPercent = 10;  // left out
constexpr std::uint64_t kBrightestPercent = 5;

/// What is bright darkens the rest by four stops and no more.
constexpr double kMostDarkening = 16;

/// Counts positive floats by exponent and four bits of mantissa: steps of 4 to 6 %.
class LuminanceCounts {
 public:
  void add(float luminance) {
    if (!(luminance > 0.0f) || !is_finite(luminance)) return;
    ++counts_[std::bit_cast<std::uint32_t>(luminance) >> kShift];
    ++total_;
  }

  std::uint64_t total() const { return total_; }

  /// log2 of the mean between two ranks, [first, last).
  double mean_log2(std::uint64_t first, std::uint64_t last) const {
    double sum = 0;
    std::uint64_t below = 0;
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
      const std::uint64_t end = below + counts_[bin];
      const std::uint64_t from = std::max(below, first);
      const std::uint64_t to = std::min(end, last);
      if (from < to) sum += static_cast<double>(to - from) * static_cast<double>(log2(middle(bin)));
      below = end;
    }
    return sum / static_cast<double>(last - first);
  }

  /// Of the pixel of that rank.
  float at(std::uint64_t rank) const {
    std::size_t bin = 0;
    for (std::uint64_t below = counts_[0]; below <= rank; below += counts_[bin]) ++bin;
    return middle(bin);
  }

 private:
  static constexpr int kShift = 19;

  static float middle(std::size_t bin) {
    const auto bits = static_cast<std::uint32_t>(bin) << kShift | std::uint32_t{1} << (kShift - 1);
    return std::bit_cast<float>(bits);
  }

  std::array<std::uint64_t, std::size_t{1} << (31 - kShift)> counts_{};
  std::uint64_t total_ = 0;
};

template <class Each>
void for_each_pixel(const PictureRows& scene, Each&& each) {
  const auto done = for_each_strip(scene, [&](const Image& strip, std::uint32_t) -> Result<void> {
    for (std::size_t i = 0; i + 2 < strip.rgb.size(); i += 3)
      each(Vec3{strip.rgb[i], strip.rgb[i + 1], strip.rgb[i + 2]});
    return {};
  });
  OCT_CHECK(done.has_value());
}

/// To what people type, and to the float that this becomes.
float as_typed(double exposure) {
  const std::string text = fmt::format("{:.3g}", std::clamp(exposure, 1e-6, 1e6));
  double value = 1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<float>(value);
}

}  // namespace

float auto_exposure(const PictureRows& scene) {
  LuminanceCounts counts;
  for_each_pixel(scene, [&](Vec3 rgb) { counts.add(luminance(rgb)); });
  if (counts.total() == 0) return 1;
  const std::uint64_t first = counts.total() * kDarkestPercent / 100;
  const std::uint64_t last = counts.total() - counts.total() * kBrightestPercent / 100;
  const auto mean = static_cast<float>(counts.mean_log2(first, last));
  const double by_mean = kMiddleGrey / static_cast<double>(exp2(clamp(mean, -100.0f, 100.0f)));
  const double by_brightest = 1 / static_cast<double>(counts.at(last - 1));
  return as_typed(std::clamp(by_brightest, by_mean / kMostDarkening, by_mean));
}

ToneMap settled(const ToneMap& tone_map, const PictureRows& scene) {
  if (!tone_map.auto_exposure) return tone_map;
  return {auto_exposure(scene), tone_map.curve, false};
}

std::string exposure_text(float exposure) {
  return fmt::format("{:.3g}", exposure);
}

bool is_almost_white(const PictureRows& scene, const ToneMap& tone_map, ThreadPool* pool) {
  const std::uint64_t white =
      sum_over_strips(scene, pool, [&](const Image& strip) { return white_pixels(strip, tone_map); });
  return white * 10 >= std::uint64_t{scene.width()} * scene.height() * 9;
}

}  // namespace oct
