#include "codec/webp.hpp"

#include "support/codec_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("lossless WebP keeps its pixels and its alpha", "[codec]") {
  const auto picture = decode_webp(sample_webp());
  REQUIRE(picture.has_value());
  CHECK(picture->rgba8 ==
        std::vector<std::uint8_t>{255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 0, 128});
}

TEST_CASE("lossy WebP shows what was drawn", "[codec]") {
  const auto shape = probe_webp(sample_lossy_webp());
  REQUIRE(shape.has_value());
  CHECK((shape->width == 16 && shape->height == 12));
  const auto picture = decode_webp(sample_lossy_webp());
  REQUIRE(picture.has_value());
  for (std::size_t y = 0; y < 12; ++y) {
    for (std::size_t x = 0; x < 16; ++x) {
      const std::uint8_t* pixel = picture->rgba8.data() + (y * 16 + x) * 4;
      CHECK(pixel[0] == Approx(x * 16.0).margin(30));
      CHECK(pixel[1] == Approx(y * 20.0).margin(30));
      CHECK(pixel[3] == 255);
    }
  }
}

TEST_CASE("WebP that is cut off or animated is an error", "[codec]") {
  for (const Bytes& whole : {sample_webp(), sample_lossy_webp()}) {
    for (std::size_t size = 12; size + 4 < whole.size(); ++size)
      CHECK_FALSE(decode_webp(ByteView(whole).first(size)).has_value());
  }
  Bytes animated;
  const std::string_view head("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x01\0\0\x01\0\0", 30);
  for (const char c : head) animated.push_back(static_cast<std::byte>(c));
  CHECK(reason_of(decode_webp(animated)) == "is an animation, which is not supported");
}
