#include "film/exposure.hpp"

#include <charconv>
#include <limits>

#include "support/catch.hpp"

using namespace oct;

namespace {

Image grey(std::uint32_t width, std::uint32_t height, float value) {
  return {width, height, std::vector<float>(std::size_t{width} * height * 3, value)};
}

float exposure_of(const Image& image) {
  return auto_exposure(ImageRows(image));
}

}  // namespace

TEST_CASE("an even picture is exposed to a middle grey", "[film]") {
  CHECK(exposure_of(grey(40, 40, 0.18f)) == Approx(1).epsilon(0.05));
  CHECK(exposure_of(grey(40, 40, 122.94f)) == Approx(1 / 683.0).epsilon(0.05));
  CHECK(exposure_of(grey(40, 40, 1e-5f)) == Approx(18000).epsilon(0.05));
}

TEST_CASE("a few lamps and black surroundings do not decide the exposure", "[film]") {
  Image image = grey(100, 100, 0.18f);
  const float plain = exposure_of(image);
  for (std::size_t i = 0; i < 200 * 3; ++i) image.rgb[i] = 1e5f;
  for (std::size_t i = 200 * 3; i < 4000 * 3; ++i) image.rgb[i] = 0;
  CHECK(exposure_of(image) == Approx(static_cast<double>(plain)).epsilon(1e-6));
}

TEST_CASE("the bright part of a picture is not blown out by its exposure", "[film]") {
  Image image = grey(100, 100, 0.01f);
  for (std::size_t i = 0; i < 3000 * 3; ++i) image.rgb[i] = 2;
  CHECK(exposure_of(image) == Approx(0.5).epsilon(0.05));
  for (std::size_t i = 0; i < 1000 * 3; ++i) image.rgb[i] = 1e6f;  // a window does not make the room black
  CHECK(exposure_of(image) * 2 > 0.1f);
}

TEST_CASE("the exposure is a number that can be typed", "[film]") {
  for (const float value : {1e-5f, 0.0123f, 0.333f, 1.0f, 7.77f, 1234.5f, 3e7f}) {
    const float exposure = exposure_of(grey(16, 16, value));
    const std::string text = exposure_text(exposure);
    double typed = 0;
    std::from_chars(text.data(), text.data() + text.size(), typed);
    CHECK(static_cast<float>(typed) == exposure);
    CHECK(text.size() <= 9);
  }
}

TEST_CASE("an exposure that is set stays, one that is not is settled by the picture", "[film]") {
  const Image image = grey(16, 16, 18);
  const ToneMap set = settled({3, ToneCurve::agx, false}, ImageRows(image));
  CHECK(set.exposure == 3.0f);
  const ToneMap chosen = settled({3, ToneCurve::agx, true}, ImageRows(image));
  CHECK(chosen.exposure == exposure_of(image));
  CHECK(chosen.curve == ToneCurve::agx);
  CHECK_FALSE(chosen.auto_exposure);
}

TEST_CASE("a black picture, and one that is not finite, get an exposure of 1 or of what is finite",
          "[film]") {
  CHECK(exposure_of(grey(16, 16, 0)) == 1.0f);
  CHECK(exposure_of(grey(16, 16, std::numeric_limits<float>::quiet_NaN())) == 1.0f);
  CHECK(exposure_of(grey(16, 16, std::numeric_limits<float>::infinity())) == 1.0f);
  CHECK(exposure_of(grey(16, 16, 1e30f)) == 1e-6f);
}

TEST_CASE("a picture is almost white when nine in ten pixels display as white", "[film]") {
  Image image = grey(10, 10, 50);
  for (std::size_t i = 0; i < 10 * 3; ++i) image.rgb[i] = 0.1f;
  CHECK(is_almost_white(ImageRows(image), {}));
  CHECK_FALSE(is_almost_white(ImageRows(image), {0.01f}));
  for (std::size_t i = 0; i < 11 * 3; ++i) image.rgb[i] = 0.1f;
  CHECK_FALSE(is_almost_white(ImageRows(image), {}));
  Image red = grey(10, 10, 50);
  for (std::size_t i = 1; i < red.rgb.size(); i += 3) red.rgb[i] = red.rgb[i + 1] = 0;
  CHECK_FALSE(is_almost_white(ImageRows(red), {}));
}
