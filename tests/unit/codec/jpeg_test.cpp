#include "codec/jpeg.hpp"

#include "base/hash.hpp"
#include "support/codec_samples.hpp"
#include "support/scene_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// All pixels alike.
JpegMaker plain(const std::vector<std::uint8_t>& pixel) {
  JpegMaker maker;
  maker.components = static_cast<int>(pixel.size());
  for (std::size_t i = 0; i < 64; ++i) maker.values.insert(maker.values.end(), pixel.begin(), pixel.end());
  return maker;
}

void check_pixel(const JpegMaker& maker, int red, int green, int blue) {
  const auto picture = decode_jpeg(maker.file());
  REQUIRE(picture.has_value());
  REQUIRE(picture->rgba8.size() == 256);
  CHECK(picture->rgba8[100] == Approx(red).margin(3));
  CHECK(picture->rgba8[101] == Approx(green).margin(3));
  CHECK(picture->rgba8[102] == Approx(blue).margin(3));
  CHECK(picture->rgba8[103] == 255);
}

}  // namespace

TEST_CASE("JPEG decodes to the same bits on every platform", "[codec]") {
  const auto picture = decode_jpeg(sample_jpeg());
  REQUIRE(picture.has_value());
  CHECK((picture->width == 17 && picture->height == 11));
  CHECK(sha256(std::as_bytes(std::span(picture->rgba8))).hex() ==
        "caa5f63f1715e53f9cdc7a04263fe25dc04252bfae4b6e96e032a1dcb6dd7c8b");
}

TEST_CASE("JPEG may be grey, RGB, progressive or arithmetic", "[codec]") {
  check_pixel(plain({90}), 90, 90, 90);
  check_pixel(plain({200, 100, 50}), 200, 100, 50);
  JpegMaker maker = plain({20, 130, 240});
  maker.progressive = true;
  check_pixel(maker, 20, 130, 240);
  maker.progressive = false;
  maker.arithmetic = true;
  check_pixel(maker, 20, 130, 240);
}

TEST_CASE("inks of a JPEG become light, stored either way", "[codec]") {
  JpegMaker maker =
      plain({255, 128, 0, 255});  // light that passes: no cyan, half of magenta, all yellow, no black
  check_pixel(maker, 255, 128, 0);
  maker = plain({0, 127, 255, 0});  // the same as amounts of ink
  maker.adobe = false;
  check_pixel(maker, 255, 128, 0);
}

TEST_CASE("JPEG that is damaged or makes endless work is an error", "[codec]") {
  const Bytes whole = sample_jpeg();
  for (std::size_t size = 0; size + 2 < whole.size(); size += 3) {
    const auto picture = decode_jpeg(ByteView(whole).first(size));
    CHECK_FALSE(picture.has_value());
  }
  CHECK(reason_of(decode_jpeg(ByteView(whole).first(whole.size() - 40))) == "is cut off");
  // a progressive file whose last scan, 1000 times, refines what is there
  JpegMaker maker = plain({20, 130, 240});
  maker.progressive = true;
  const Bytes progressive = maker.file();
  std::size_t scan = progressive.size() - 2;
  while (!(progressive[scan] == std::byte{0xff} && progressive[scan + 1] == std::byte{0xda})) --scan;
  Bytes bomb(progressive.begin(), progressive.end() - 2);
  for (int i = 0; i < 1000; ++i)
    bomb.insert(bomb.end(), progressive.begin() + static_cast<std::ptrdiff_t>(scan), progressive.end() - 2);
  bomb.insert(bomb.end(), {std::byte{0xff}, std::byte{0xd9}});
  CHECK_FALSE(decode_jpeg(bomb).has_value());
}

TEST_CASE("a small JPEG cannot ask for a lot of memory", "[codec]") {
  Bytes file = sample_jpeg();
  for (std::size_t at = 0; at + 9 < file.size(); ++at) {
    if (file[at] != std::byte{0xff} || file[at + 1] != std::byte{0xc0}) continue;
    file[at + 5] = file[at + 7] = std::byte{0x3e};  // height and width: 15872 and more
  }
  CHECK(reason_of(probe_jpeg(file)) == "is cut off");
}
