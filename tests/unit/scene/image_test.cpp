#include "scene/import_image.hpp"

#include <cmath>
#include <limits>

#include "base/hash.hpp"
#include "scene/exr_codec.hpp"
#include "support/catch.hpp"
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

TEST_CASE("JPEG decodes to the same bits on every platform", "[scene]") {
  const auto image = decode_image(sample_jpeg());
  REQUIRE(image.has_value());
  CHECK(image->width == 17);
  CHECK(image->height == 11);
  CHECK(sha256(std::as_bytes(std::span(image->rgba8))).hex() ==
        "ec5b5fd91953df17bb24e0e87d761c5fb60238791cb9ae97aef6f13209a57061");
}

TEST_CASE("a picture that cannot be used says why", "[scene]") {
  CHECK(reason_of(decode_image({})) == "is empty");
  const std::string text = "GIF89a and more";
  CHECK(reason_of(decode_image(std::as_bytes(std::span(text)))) ==
        "is a GIF file, which is not supported here; PNG or JPEG is");
  CHECK(reason_of(decode_image(std::as_bytes(std::span("hello", 5)))) == "is not a PNG or JPEG file");
  CHECK(reason_of(decode_image(make_png(0, 4, 8, 2, {}))) == "has no pixels");
  Bytes cut = make_png(40, 40, 8, 2, std::vector(40, std::vector<std::uint8_t>(120, 7)));
  cut.resize(60);
  CHECK(reason_of(decode_image(cut)) == "cannot be decoded: it is damaged, or of a rare kind");
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
  CHECK(reason_of(decode_float_image(exr.file())) == "is cut off");
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

TEST_CASE("an HDR file that cannot be used says why", "[scene]") {
  const auto with_lines = [](std::string_view lines) {
    ByteWriter file;
    file.text("#?RADIANCE\n").text(lines).raw(Bytes(64));
    return reason_of(decode_float_image(file.bytes));
  };
  CHECK(with_lines("FORMAT=32-bit_rle_xyze\n\n-Y 1 +X 1\n") ==
        "does not hold red, green and blue (32-bit_rle_rgbe)");
  CHECK(with_lines("\n+Y 1 +X 1\n") ==
        "is turned or mirrored (only rows from the top, columns from the left are supported)");
  CHECK(with_lines("\n-Y 0 +X 1\n") == "has no pixels");
  CHECK(with_lines("\n-Y 5 +X 5\n") == "is cut off or damaged");
  CHECK(with_lines("") == "is cut off");
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
        "has channels X, Z; needed are R, G and B, or Y, or a single one");
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

TEST_CASE("EXR codecs undo what their specification says", "[scene]") {
  const std::array types{ExrPixelType::half};
  const ExrBlockShape shape{4, 1, types};
  const Bytes plain = ByteWriter().little(0x4140313021201110u, 8).bytes;
  SECTION("ZIP") {
    // eight bytes do not shrink: a longer line of the same kind
    const ExrBlockShape long_shape{400, 1, types};
    Bytes zeros(800, std::byte{128});
    zeros[0] = std::byte{0};
    const auto result = decompress_exr_block(ExrCompression::zip, deflate(zeros), long_shape);
    REQUIRE(result.has_value());
    CHECK(*result == Bytes(800));
  }
  SECTION("differences and split halves") {
    // 1 2 3 4 ... : the even bytes, then the odd ones, each as the difference to the one before, around 128
    const ExrBlockShape long_shape{256, 1, types};
    Bytes wanted(512);
    for (std::size_t i = 0; i < 512; ++i) wanted[i] = static_cast<std::byte>(i / 3);
    Bytes split(512);
    for (std::size_t i = 0; i < 512; ++i) split[i % 2 == 0 ? i / 2 : 256 + i / 2] = wanted[i];
    Bytes differences = split;
    for (std::size_t i = 1; i < 512; ++i) {
      const int difference = std::to_integer<int>(split[i]) - std::to_integer<int>(split[i - 1]) + 128;
      differences[i] = static_cast<std::byte>(difference);
    }
    const auto result = decompress_exr_block(ExrCompression::zips, deflate(differences), long_shape);
    REQUIRE(result.has_value());
    CHECK(*result == wanted);
  }
  SECTION("runs") {
    // three bytes as they are, then a run: 7 9 9, and 128 five times (no difference)
    ByteWriter runs;
    runs.u8(0xfd).u8(7).u8(130).u8(128).u8(4).u8(128);
    const auto result = decompress_exr_block(ExrCompression::rle, runs.bytes, shape);
    REQUIRE(result.has_value());
    const std::vector<int> wanted{7, 9, 9, 9, 9, 9, 9, 9};
    for (std::size_t i = 0; i < 8; ++i) CHECK(std::to_integer<int>((*result)[i]) == wanted[i]);
    runs.u8(0);
    CHECK_FALSE(decompress_exr_block(ExrCompression::rle, runs.bytes, shape).has_value());
  }
  SECTION("PXR24 of floats keeps 24 bits") {
    const std::array real{ExrPixelType::real};
    const ExrBlockShape floats{64, 1, real};
    ByteWriter planes;  // 1.0f = 3f800000, then 63 times the same: differences of zero
    for (const unsigned high : {0x3fu, 0x80u, 0x00u}) {
      planes.u8(high);
      for (int i = 1; i < 64; ++i) planes.u8(0);
    }
    const auto result = decompress_exr_block(ExrCompression::pxr24, deflate(planes.bytes), floats);
    REQUIRE(result.has_value());
    ByteWriter ones;
    for (int i = 0; i < 64; ++i) ones.little(std::bit_cast<std::uint32_t>(1.0f), 4);
    CHECK(*result == ones.bytes);
  }
  SECTION("stored plain") {
    for (const auto codec :
         {ExrCompression::none, ExrCompression::zip, ExrCompression::piz, ExrCompression::pxr24}) {
      const auto result = decompress_exr_block(codec, plain, shape);
      REQUIRE(result.has_value());
      CHECK(*result == plain);
    }
  }
  SECTION("damaged") {
    for (const auto codec : {ExrCompression::none, ExrCompression::rle, ExrCompression::zips,
                             ExrCompression::zip, ExrCompression::piz, ExrCompression::pxr24}) {
      CHECK_FALSE(decompress_exr_block(codec, ByteView(plain).first(5), shape).has_value());
      CHECK_FALSE(decompress_exr_block(codec, Bytes(9), shape).has_value());
    }
  }
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

TEST_CASE("an EXR file that cannot be used says why", "[scene]") {
  ExrMaker exr;
  exr.blocks = {Bytes(6)};
  REQUIRE(decode_exr(exr.file()).has_value());
  SECTION("codec") {
    exr.compression = 8;
    CHECK(reason_of(decode_exr(exr.file())) ==
          "is compressed with DWAA, which is not supported; ZIP, PIZ, RLE and PXR24 are");
  }
  SECTION("parts") {
    exr.version = 0x1002;
    CHECK(reason_of(decode_exr(exr.file())) == "has several parts, which is not supported");
  }
  SECTION("deep") {
    exr.version = 0x802;
    CHECK(reason_of(decode_exr(exr.file())) == "is a deep picture, which is not supported");
  }
  SECTION("windows") {
    exr.display_shift = 1;
    CHECK(reason_of(decode_exr(exr.file())) ==
          "stores only part of the picture (data and display window differ)");
  }
  SECTION("subsampled") {
    exr.channels[0].sampling = 2;
    CHECK(reason_of(decode_exr(exr.file())) == "channel \"B\" is subsampled, which is not supported");
  }
  SECTION("cut off everywhere") {
    const Bytes whole = exr.file();
    for (std::size_t size = 4; size < whole.size(); ++size) {
      CHECK_FALSE(decode_exr(ByteView(whole).first(size)).has_value());
    }
  }
}
