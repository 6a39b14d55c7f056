#include "scene/import_image.hpp"

#include <cmath>
#include <limits>

#include "codec/exr.hpp"
#include "support/catch.hpp"
#include "support/codec_samples.hpp"
#include "support/picture_files.hpp"
#include "support/scene_samples.hpp"

using namespace oct;
using namespace oct::test;

namespace {

std::string reason_of(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().message;
}

void append_half(ByteWriter& out, unsigned bits) {
  out.little(bits, 2);
}

}  // namespace

TEST_CASE("PNG of 8 bits keeps its values and gets an opaque alpha", "[scene]") {
  const auto image = decode_image(make_png(2, 2, 8, 2, {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 250, 251, 252}}));
  REQUIRE(image.has_value());
  CHECK(image->width == 2);
  CHECK(image->height == 2);
  CHECK(image->rgba8 ==
        std::vector<std::uint8_t>{1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 250, 251, 252, 255});
  CHECK(image->rgba16.empty());
  CHECK(image->rgb_float.empty());
}

TEST_CASE("PNG of 16 bits keeps all of them", "[scene]") {
  const auto image = decode_image(make_png(1, 1, 16, 6, {{0x12, 0x34, 0xff, 0xfe, 0x00, 0x01, 0x80, 0x00}}));
  REQUIRE(image.has_value());
  CHECK(image->rgba16 == std::vector<std::uint16_t>{0x1234, 0xfffe, 0x0001, 0x8000});
  CHECK(image->rgba8.empty());
}

TEST_CASE("PNG with a palette, in grey and with few bits becomes RGBA", "[scene]") {
  const std::array<std::uint8_t, 6> palette{10, 20, 30, 40, 50, 60};
  const auto indexed = decode_image(make_png(2, 1, 8, 3, {{1, 0}}, std::as_bytes(std::span(palette))));
  REQUIRE(indexed.has_value());
  CHECK(indexed->rgba8 == std::vector<std::uint8_t>{40, 50, 60, 255, 10, 20, 30, 255});
  const auto grey = decode_image(make_png(2, 1, 4, 0, {{0xf5}}));
  REQUIRE(grey.has_value());
  CHECK(grey->rgba8 == std::vector<std::uint8_t>{255, 255, 255, 255, 85, 85, 85, 255});
}

TEST_CASE("pictures for materials are told by their content", "[scene]") {
  const auto red_of = [](const Bytes& file) {
    CHECK(check_picture_kind(ByteView(file).first(kPictureSignatureBytes)).has_value());
    const auto image = decode_image(file);
    INFO((image ? std::string() : image.error().message));
    REQUIRE(image.has_value());
    return int{image->rgba8.at(0)};
  };
  CHECK(red_of(sample_webp()) == 255);
  CHECK(red_of(make_tga(1, 1, 2, 24, 0, {3, 2, 1})) == 1);
  CHECK(red_of(make_bmp(1, 1, {3, 2, 9, 0})) == 9);
  TiffMaker tiff;
  tiff.values = {5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  CHECK(red_of(tiff.file()) == 5);
  CHECK(red_of(sample_png()) == 1);
  CHECK(decode_image(sample_jpeg()).has_value());
}

TEST_CASE("floats of a material's picture are shares of light", "[scene]") {
  ExrMaker exr;
  exr.width = 3;
  exr.channels = {{"Y", 2}};
  ByteWriter line;
  for (const float value : {-1.0f, 0.25f, 7.0f}) line.little(std::bit_cast<std::uint32_t>(value), 4);
  exr.blocks = {line.bytes};
  const auto image = decode_image(exr.file());
  REQUIRE(image.has_value());
  CHECK(image->rgb_float == std::vector<float>{0, 0, 0, 0.25f, 0.25f, 0.25f, 1, 1, 1});
}

TEST_CASE("a TIFF of floats is light, one of whole numbers is not", "[scene]") {
  TiffMaker tiff;
  tiff.width = 1;
  tiff.height = 1;
  tiff.values = {70000, 0.5, -1};
  tiff.bits = 32;
  tiff.real = true;
  const auto image = decode_float_image(tiff.file());
  REQUIRE(image.has_value());
  CHECK(image->rgb_float == std::vector<float>{70000, 0.5f, 0});
  tiff.real = false;
  tiff.bits = 8;
  tiff.values = {1, 2, 3};
  CHECK(reason_of(decode_float_image(tiff.file())) ==
        "is a TIFF of whole numbers file, which is not supported here; Radiance HDR, OpenEXR and TIFF of "
        "floats are");
}

TEST_CASE("a picture that cannot be used says why", "[scene]") {
  CHECK(reason_of(decode_image({})) == "is empty");
  const std::string text = "GIF89a and more";
  CHECK(reason_of(decode_image(std::as_bytes(std::span(text)))) ==
        "is a GIF file, which is not supported here; PNG, JPEG, WebP, TIFF, OpenEXR, Radiance HDR, BMP and "
        "TGA are");
  CHECK(reason_of(decode_image(std::as_bytes(std::span("hello", 5)))) ==
        "is not a picture of a known format");
  CHECK(reason_of(decode_float_image(sample_png())) ==
        "is a PNG file, which is not supported here; Radiance HDR, OpenEXR and TIFF of floats are");
  CHECK(reason_of(decode_image(make_png(0, 4, 8, 2, {}))) == "has no pixels");
  Bytes cut = make_png(40, 40, 8, 2, std::vector(40, std::vector<std::uint8_t>(120, 7)));
  cut.resize(60);
  CHECK(reason_of(decode_image(cut)) == "is cut off");
  cut.resize(20);
  CHECK(reason_of(decode_image(cut)) == "is cut off");
  Bytes jpeg = sample_jpeg();
  jpeg.resize(100);
  CHECK_FALSE(decode_image(jpeg).has_value());
}

TEST_CASE("a small file cannot ask for a lot of memory", "[scene]") {
  CHECK(reason_of(decode_image(make_png(16000, 16000, 8, 6, {{1, 2, 3, 4}}))) == "is cut off");
  CHECK(
      reason_of(decode_image(make_png(1u << 31, 1u << 31, 8, 6, {{1}}))).find("the most are 16384 x 16384") !=
      std::string::npos);
  CHECK(reason_of(decode_float_image(make_hdr(16000, 16000, {{1, 2, 3, 4}}))) == "is cut off");
  ExrMaker exr;
  exr.width = exr.height = 16000;
  CHECK_FALSE(decode_float_image(exr.file()).has_value());
  exr.width = exr.height = 0x7fffffff;
  CHECK_FALSE(decode_float_image(exr.file()).has_value());
}

TEST_CASE("HDR values are mantissa times a power of two", "[scene]") {
  const auto image = decode_float_image(make_hdr(2, 1, {{128, 64, 32, 129}, {1, 2, 3, 120}}));
  REQUIRE(image.has_value());
  const std::vector<float> wanted{1.0f, 0.5f, 0.25f, 0x1p-16f, 0x2p-16f, 0x3p-16f};
  CHECK(image->rgb_float == wanted);
}

TEST_CASE("HDR rows may be coded by channel, or with repeated pixels", "[scene]") {
  const auto by_channel = decode_float_image(sample_hdr());
  REQUIRE(by_channel.has_value());
  CHECK(by_channel->width == 8);
  CHECK(by_channel->height == 2);
  const auto pixel = [&](std::size_t i, float r, float g, float b) {
    const float* p = by_channel->rgb_float.data() + 3 * i;
    return p[0] == r * 0x1p-6f && p[1] == g * 0x1p-6f && p[2] == b * 0x1p-6f;
  };
  CHECK(pixel(0, 100, 0, 7));
  CHECK(pixel(3, 100, 60, 7));
  CHECK(pixel(4, 100, 80, 1));
  CHECK(pixel(15, 100, 140, 4));

  // 300 = 1 + (44 - 1) + 256 pixels: runs of 43 and, in the next byte, of 1
  const auto repeated = decode_float_image(make_hdr(300, 1, {{9, 9, 9, 136}, {1, 1, 1, 43}, {1, 1, 1, 1}}));
  CHECK_FALSE(repeated.has_value());  // too few bytes to be believed
  std::vector<std::array<std::uint8_t, 4>> pixels{
      {9, 8, 7, 136}, {1, 1, 1, 3}, {5, 5, 5, 136}, {6, 6, 6, 136}};
  const auto short_run = decode_float_image(make_hdr(6, 1, pixels));
  REQUIRE(short_run.has_value());
  CHECK(short_run->rgb_float == std::vector<float>{9, 8, 7, 9, 8, 7, 9, 8, 7, 9, 8, 7, 5, 5, 5, 6, 6, 6});
}

TEST_CASE("EXR channels are found by name, in any order and of any type", "[scene]") {
  ExrMaker exr;
  exr.width = 2;
  exr.channels = {{"A", 1}, {"B", 2}, {"G", 0}, {"R", 1}};
  ByteWriter line;
  append_half(line, 0x3c00);
  append_half(line, 0x3c00);
  line.little(std::bit_cast<std::uint32_t>(0.125f), 4).little(std::bit_cast<std::uint32_t>(3.0f), 4);
  line.little(7, 4).little(70000, 4);
  append_half(line, 0x3800);  // 0.5
  append_half(line, 0x0001);  // 2^-24, the smallest denormal
  exr.blocks = {line.bytes};
  const auto image = decode_exr(exr.file());
  REQUIRE(image.has_value());
  CHECK(image->rgb_float == std::vector<float>{0.5f, 7, 0.125f, 0x1p-24f, 70000, 3});
}

TEST_CASE("a single EXR channel becomes grey", "[scene]") {
  ExrMaker exr;
  exr.channels = {{"G", 2}};
  exr.blocks = {ByteWriter().little(std::bit_cast<std::uint32_t>(2.5f), 4).bytes};
  const auto image = decode_exr(exr.file());
  REQUIRE(image.has_value());
  CHECK(image->rgb_float == std::vector<float>{2.5f, 2.5f, 2.5f});
  exr.channels = {{"X", 1}, {"Z", 1}};
  exr.blocks = {Bytes(4)};
  CHECK(reason_of(decode_exr(exr.file())) ==
        "has channels X, Z; needed are R, G and B, of a layer too, or Y, or a single one");
}

TEST_CASE("NaN, negative and infinite light is mended", "[scene]") {
  ExrMaker exr;
  exr.width = 4;
  exr.channels = {{"Y", 1}};
  ByteWriter line;
  for (const unsigned bits : {0x7e00u, 0xbc00u, 0x7c00u, 0xfc00u}) append_half(line, bits);
  exr.blocks = {line.bytes};
  const auto raw = decode_exr(exr.file());
  REQUIRE(raw.has_value());
  CHECK(std::isnan(raw->rgb_float[0]));
  CHECK(raw->rgb_float[3] == -1.0f);
  CHECK(raw->rgb_float[6] == std::numeric_limits<float>::infinity());
  const auto image = decode_float_image(exr.file());
  REQUIRE(image.has_value());
  CHECK(image->rgb_float == std::vector<float>{0, 0, 0, 0, 0, 0, 65504, 65504, 65504, 0, 0, 0});
}

TEST_CASE("PIZ blocks give back what was written", "[scene]") {
  const auto image = decode_exr(sample_exr(4));
  REQUIRE(image.has_value());
  REQUIRE(image->width == 40);
  REQUIRE(image->height == 36);
  bool equal = true;
  for (std::size_t y = 0; y < 36; ++y) {
    for (std::size_t x = 0; x < 40; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const float wanted = static_cast<float>(x / 4 + y / 8 * c) * 0.25f;
        equal = equal && image->rgb_float[(y * 40 + x) * 3 + c] == wanted;
      }
    }
  }
  CHECK(equal);
}

TEST_CASE("EXR tiles come together, also at the border and away from the origin", "[scene]") {
  ExrMaker exr;
  exr.width = 3;
  exr.height = 3;
  exr.tile_size = 2;
  exr.origin_x = -5;
  exr.origin_y = 12;
  exr.channels = {{"Y", 0}};
  const auto tile = [](std::initializer_list<unsigned> values) {
    ByteWriter bytes;
    for (const unsigned value : values) bytes.little(value, 4);
    return bytes.bytes;
  };
  exr.blocks = {tile({1, 2, 4, 5}), tile({3, 6}), tile({7, 8}), tile({9})};
  const auto image = decode_exr(exr.file());
  REQUIRE(image.has_value());
  for (std::size_t i = 0; i < 9; ++i) CHECK(image->rgb_float[3 * i] == static_cast<float>(i + 1));
}
