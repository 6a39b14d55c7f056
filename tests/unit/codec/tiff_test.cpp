#include "codec/tiff.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "support/codec_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// 20 x 18 pixels, more than a tile, that differ.
TiffMaker gradient(unsigned samples, double most) {
  TiffMaker maker;
  maker.width = 20;
  maker.height = 18;
  maker.samples = samples;
  for (unsigned i = 0; i < 20 * 18 * samples; ++i)
    maker.values.push_back(static_cast<double>(i * 37 % 251) / 250 * most);
  for (double& value : maker.values)
    value = most > 1 ? static_cast<double>(static_cast<std::uint64_t>(value)) : value;
  return maker;
}

Picture decoded(const TiffMaker& maker) {
  const Bytes file = maker.file();
  CHECK(is_tiff(file));
  auto picture = decode_tiff(file);
  INFO((picture ? std::string() : picture.error().message));
  REQUIRE(picture.has_value());
  return *std::move(picture);
}

void check_rgb(const TiffMaker& maker, const Picture& picture, const auto& values, std::size_t channels) {
  REQUIRE(values.size() == std::size_t{picture.width} * picture.height * channels);
  bool same = true;
  for (std::size_t pixel = 0; pixel < 360; ++pixel) {
    for (std::size_t c = 0; c < 3; ++c)
      same = same && static_cast<double>(values[pixel * channels + c]) ==
                         Approx(maker.values[pixel * maker.samples + c]).epsilon(1e-6);
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("TIFF in strips and tiles, interleaved and planar, packed and not, gives the same pixels",
          "[codec]") {
  for (const unsigned compression : {1u, 5u, 8u, 32773u}) {  // none, LZW, deflate, PackBits
    for (const bool tiled : {false, true}) {
      for (const bool planar : {false, true}) {
        INFO("compression " << compression << ", tiled " << tiled << ", planar " << planar);
        TiffMaker maker = gradient(3, 255);
        maker.compression = compression;
        maker.tiled = tiled;
        maker.planar = planar;
        const Picture picture = decoded(maker);
        check_rgb(maker, picture, picture.rgba8, 4);
        CHECK(picture.rgba8[3] == 255);
      }
    }
  }
}

TEST_CASE("TIFF of 16 and 32 bits and of floats keeps them", "[codec]") {
  TiffMaker words = gradient(3, 65535);
  words.bits = 16;
  const Picture wide = decoded(words);
  check_rgb(words, wide, wide.rgba16, 4);
  CHECK(wide.rgba16[3] == 65535);

  TiffMaker long_words;
  long_words.bits = 32;
  long_words.width = long_words.height = 1;
  long_words.values = {4294967295.0, 65536.0, 0};
  CHECK(decoded(long_words).rgba16 == std::vector<std::uint16_t>{65535, 1, 0, 65535});

  TiffMaker floats = gradient(3, 1);
  floats.bits = 32;
  floats.real = true;
  floats.tiled = true;
  const Picture real = decoded(floats);
  check_rgb(floats, real, real.rgb_float, 3);
  for (double& value : floats.values) value = std::floor(value * 256) / 256;  // what a half can hold
  floats.bits = 16;
  const Picture halves = decoded(floats);
  check_rgb(floats, halves, halves.rgb_float, 3);
}

TEST_CASE("grey TIFF becomes RGB, also where white is 0", "[codec]") {
  TiffMaker maker;
  maker.samples = 1;
  maker.photometric = 1;
  maker.values = {0, 100, 200, 255};
  CHECK(decoded(maker).rgba8 ==
        std::vector<std::uint8_t>{0, 0, 0, 255, 100, 100, 100, 255, 200, 200, 200, 255, 255, 255, 255, 255});
  maker.photometric = 0;
  CHECK(decoded(maker).rgba8[4] == 155);
}

TEST_CASE("TIFF with a palette shows its colours", "[codec]") {
  TiffMaker maker;
  maker.samples = 1;
  maker.palette = true;
  maker.colors.assign(768, 0);
  maker.colors[1] = maker.colors[256 + 2] = maker.colors[512 + 3] = 65535;
  maker.values = {1, 2, 3, 0};
  CHECK(decoded(maker).rgba8 ==
        std::vector<std::uint8_t>{255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 0, 0, 0, 255});
}

TEST_CASE("alpha of a TIFF is alpha, and taken out of colours that hold it", "[codec]") {
  TiffMaker maker;
  maker.width = maker.height = 1;
  maker.samples = 4;
  maker.values = {50, 100, 25, 100};
  maker.alpha_kind = 2;
  CHECK(decoded(maker).rgba8 == std::vector<std::uint8_t>{50, 100, 25, 100});
  maker.alpha_kind = 1;
  CHECK(decoded(maker).rgba8 == std::vector<std::uint8_t>{128, 255, 64, 100});
}

TEST_CASE("rows and columns of a TIFF are put the right way round", "[codec]") {
  TiffMaker maker;
  maker.samples = 1;
  maker.photometric = 1;
  maker.values = {1, 2, 3, 4};
  const auto reds = [&](unsigned orientation) {
    maker.orientation = orientation;
    const Picture picture = decoded(maker);
    return std::vector<int>{picture.rgba8[0], picture.rgba8[4], picture.rgba8[8], picture.rgba8[12]};
  };
  CHECK(reds(1) == std::vector{1, 2, 3, 4});
  CHECK(reds(2) == std::vector{2, 1, 4, 3});
  CHECK(reds(3) == std::vector{4, 3, 2, 1});
  CHECK(reds(4) == std::vector{3, 4, 1, 2});
  maker.orientation = 6;
  CHECK(reason_of(decode_tiff(maker.file())) == "is stored on its side, which is not supported");
}

TEST_CASE("TIFF that nobody here can unpack is not called damaged", "[codec]") {
  Bytes file = gradient(3, 255).file();
  const std::array tag{std::byte{3}, std::byte{1}, std::byte{3}, std::byte{0}};  // 259, one number of 16 bits
  const auto found = std::search(file.begin(), file.end(), tag.begin(), tag.end());
  REQUIRE(found != file.end());
  found[8] = std::byte{0x39};
  found[9] = std::byte{0x30};
  CHECK(reason_of(decode_tiff(file)) ==
        "is a TIFF packed in a way that is not supported (compression 12345); save it with LZW or deflate");
}

TEST_CASE("TIFF that is cut off or asks for a lot of memory is an error", "[codec]") {
  const Bytes whole = gradient(3, 255).file();
  for (std::size_t size = 4; size < whole.size(); size += 11)
    CHECK_FALSE(decode_tiff(ByteView(whole).first(size)).has_value());
  TiffMaker maker;
  maker.samples = 1;
  maker.photometric = 1;
  maker.values = {1, 2, 3, 4};
  Bytes file = maker.file();
  for (std::size_t at = 0; at + 12 <= file.size(); ++at) {  // the directory's entries of width and height
    const auto tag = load<std::uint16_t>(file.data() + at);
    const auto type = load<std::uint16_t>(file.data() + at + 2);
    const auto count = load<std::uint32_t>(file.data() + at + 4);
    const bool is_size = (tag == 256 || tag == 257) && (type == 3 || type == 4) && count == 1;
    if (is_size) file[at + 9] = std::byte{0x3e};
  }
  CHECK(reason_of(decode_tiff(file)) == "is cut off");
}
