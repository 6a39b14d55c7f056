#include "codec/exr.hpp"

#include <cmath>

#include "support/codec_samples.hpp"
#include "support/picture_files.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Picture decoded(const ExrFileMaker& maker) {
  auto picture = decode_exr(maker.file());
  INFO((picture ? std::string() : picture.error().message));
  REQUIRE(picture.has_value());
  return *std::move(picture);
}

float number_of(std::size_t channel, int x, int y) {
  return static_cast<float>(100 * channel) + static_cast<float>(10 * y + x);
}

/// What number_of gives for channels 0, 1, 2 of all pixels of the window.
void check_numbers(const Picture& picture, int x0 = 0, int y0 = 0) {
  bool same = true;
  for (std::size_t y = 0; y < picture.height; ++y) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c)
        same = same && picture.rgb_float[(y * picture.width + x) * 3 + c] ==
                           number_of(c, x0 + static_cast<int>(x), y0 + static_cast<int>(y));
    }
  }
  CHECK(same);
}

ExrFileMaker numbered(std::vector<ExrFileMaker::Channel> channels = {{"R"}, {"G"}, {"B"}}) {
  ExrFileMaker maker;
  maker.parts[0].channels = std::move(channels);
  maker.parts[0].value = number_of;
  return maker;
}

}  // namespace

TEST_CASE("every compression of OpenEXR is read", "[codec]") {
  for (int compression = 0; compression <= 9; ++compression) {
    INFO("compression " << compression);
    const bool lossy = compression >= 6;  // B44, B44A, DWAA, DWAB
    const auto picture = decode_exr(sample_exr_of(compression));
    REQUIRE(picture.has_value());
    for (std::size_t y = 0; y < 16; ++y) {
      for (std::size_t x = 0; x < 16; ++x) {
        const float* pixel = picture->rgb_float.data() + (y * 16 + x) * 3;
        CHECK(pixel[0] == Approx(static_cast<double>(x) / 16).margin(lossy ? 0.02 : 0));
        CHECK(pixel[1] == Approx(static_cast<double>(y) / 16).margin(lossy ? 0.02 : 0));
        CHECK(pixel[2] == Approx(0.5).margin(lossy ? 0.02 : 0));
      }
    }
  }
}

TEST_CASE("EXR tiles are read, of mip maps the finest, and rows stored from below", "[codec]") {
  for (const bool mipmaps : {false, true}) {
    ExrFileMaker maker = numbered();
    ExrFileMaker::Part& part = maker.parts[0];
    part.tile_size = 2;
    part.mipmaps = mipmaps;
    if (mipmaps) part.value = [](std::size_t, int, int) { return 7.0f; };
    const Picture picture = decoded(maker);
    if (!mipmaps) check_numbers(picture);
    CHECK((picture.width == 4 && picture.height == 4));
    CHECK(picture.rgb_float[47] != 0.0f);
  }
  ExrFileMaker maker = numbered();
  maker.parts[0].rows_from_below = true;
  CHECK(decoded(maker).width == 4);
}

TEST_CASE("EXR halves, floats and whole numbers become floats", "[codec]") {
  check_numbers(decoded(numbered({{"R", 'h'}, {"G", 'f'}, {"B", 'u'}})));
}

TEST_CASE("a layer is read where the picture itself has none, the combined one first", "[codec]") {
  check_numbers(decoded(numbered({{"ViewLayer.Combined.R"},
                                  {"ViewLayer.Combined.G"},
                                  {"ViewLayer.Combined.B"},
                                  {"ViewLayer.Combined.A"},
                                  {"ViewLayer.Depth.Z", 'f'}})));
  check_numbers(decoded(numbered({{"z.Combined.R"},
                                  {"z.Combined.G"},
                                  {"z.Combined.B"},
                                  {"a.Diffuse.R"},
                                  {"a.Diffuse.G"},
                                  {"a.Diffuse.B"}})));
  for (const std::string layer : {"z.BEAUTY.", "rgba.", "z.RGB."}) {
    check_numbers(
        decoded(numbered({{layer + "R"}, {layer + "G"}, {layer + "B"}, {"a.R"}, {"a.G"}, {"a.B"}})));
  }
  check_numbers(
      decoded(numbered({{"R"}, {"G"}, {"B"}, {"a.Combined.R"}, {"a.Combined.G"}, {"a.Combined.B"}})));
}

TEST_CASE("the first part with a picture is read", "[codec]") {
  ExrFileMaker maker;
  maker.parts.resize(2);
  maker.parts[0].name = "depth";
  maker.parts[0].channels = {{"Z", 'f'}, {"ZBack", 'f'}};
  maker.parts[1].name = "rgb";
  maker.parts[1].value = number_of;
  check_numbers(decoded(maker));
  const auto header = read_exr_header(maker.file());
  REQUIRE(header.has_value());
  CHECK(header->part_count == 2);
}

TEST_CASE("the display window is filled: overscan is left out, a crop lies on black", "[codec]") {
  ExrFileMaker maker = numbered();
  ExrFileMaker::Part& part = maker.parts[0];
  const auto set = [](int(&window)[4], int x0, int y0, int x1, int y1) {
    window[0] = x0, window[1] = y0, window[2] = x1, window[3] = y1;
  };
  for (const unsigned tile_size : {0u, 3u}) {
    part.tile_size = tile_size;
    set(part.data, -3, -2, 8, 9);
    set(part.display, 0, 0, 5, 6);
    const Picture inside = decoded(maker);
    CHECK((inside.width == 6 && inside.height == 7));
    const Result<PictureShape> told = probe_exr(maker.file());
    REQUIRE(told);
    CHECK((told->width == 6 && told->height == 7));
    check_numbers(inside);
    set(part.data, 2, 1, 3, 2);
    set(part.display, 0, 0, 4, 3);
    const Picture crop = decoded(maker);
    CHECK((crop.width == 5 && crop.height == 4));
    for (int y = 0; y < 4; ++y) {
      for (int x = 0; x < 5; ++x) {
        const bool there = x >= 2 && x <= 3 && y >= 1 && y <= 2;
        CHECK(crop.rgb_float[static_cast<std::size_t>(y * 5 + x) * 3 + 1] ==
              (there ? number_of(1, x, y) : 0.0f));
      }
    }
    set(part.data, 20, 20, 22, 22);
    CHECK(decoded(maker).rgb_float == std::vector<float>(60, 0.0f));
  }
}

TEST_CASE("an EXR file that cannot be used says why, in words of ours", "[codec]") {
  CHECK(reason_of(decode_exr(numbered({{"R"}, {"G"}, {"B", 'h', 2}}).file())) ==
        "channel \"B\" is subsampled, which is not supported");
  CHECK(reason_of(decode_exr(numbered({{"X"}, {"Z\x01"}}).file())) ==
        "has channels X, Z?; needed are R, G and B, of a layer too, or Y, or a single one");
  ExrMaker deep;
  deep.version = 0x802;
  CHECK(reason_of(decode_exr(deep.file())) == "is a deep picture, which is not supported");
  deep.version = 3;
  CHECK(reason_of(decode_exr(deep.file())) == "is of OpenEXR version 3, not 2");
  const Bytes whole = sample_exr_of(3);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    const std::string reason = reason_of(decode_exr(ByteView(whole).first(size)));
    const bool told =
        reason == "is cut off" || reason == "is incomplete: it is cut off, or its writer was interrupted";
    CHECK(told);
  }
  Bytes unfinished = whole;  // the table of blocks is written last
  const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
  const std::size_t table = text.find("screenWindowWidth") + 18 + 6 + 4 + 4;
  const std::size_t type = text.find("type\0string", 0, 11);
  const std::size_t begin = (type == std::string_view::npos || type < table ? table : type + 11 + 4 + 13) + 1;
  std::fill(unfinished.begin() + static_cast<std::ptrdiff_t>(begin), unfinished.end(), std::byte{0});
  CHECK_FALSE(decode_exr(unfinished).has_value());
}

TEST_CASE("an EXR file cannot ask for memory that it does not fill", "[codec]") {
  ExrMaker exr;
  exr.width = exr.height = 16000;
  CHECK_FALSE(decode_exr(exr.file()).has_value());
  exr.width = exr.height = 0x7fffffff;
  CHECK_FALSE(decode_exr(exr.file()).has_value());
  exr.width = 1 << 23;
  exr.height = 1;
  exr.compression = 9;  // DWAB: 256 lines a block
  exr.blocks = {Bytes(20000)};
  CHECK(reason_of(decode_exr(exr.file())) == "has blocks far larger than the picture");
  // a list of channels that ends elsewhere than it says: what follows would be taken for sizes
  Bytes shifted = sample_exr_of(3);
  const std::string_view text(reinterpret_cast<const char*>(shifted.data()), shifted.size());
  shifted[text.find("chlist") + 7 + 4] = std::byte{0};
  CHECK(reason_of(decode_exr(shifted)) == "is damaged");
  ExrMaker tiled;
  tiled.tile_size = 1 << 14;
  tiled.blocks = {Bytes(6)};
  CHECK(reason_of(decode_exr(tiled.file())) == "has blocks far larger than the picture");
}

namespace {

class CountingPipe : public ByteSink {
 public:
  Result<void> write(ByteView bytes) override {
    memory.insert(memory.end(), bytes.begin(), bytes.end());
    return {};
  }
  Bytes memory;
};

}  // namespace

TEST_CASE("a file that several threads write has the bytes of one that a single thread writes", "[codec]") {
  ExrDescription description;
  description.width = 33;
  description.height = GENERATE(as<std::uint32_t>{}, 1, 16, 17, 250, 16 * 4 * 3, 16 * 4 * 3 + 5);
  const ExrHalfRows rows = [&](std::uint32_t y0, std::span<std::uint16_t> planes) {
    for (std::size_t i = 0; i < planes.size(); ++i)
      planes[i] = static_cast<std::uint16_t>((y0 * 2654435761u + i * i) & 0x3fff);
  };
  MemorySink alone, together;
  REQUIRE(write_exr(alone, description, rows));
  ThreadPool pool(3);
  REQUIRE(write_exr(together, description, rows, &pool));
  const Bytes bytes = alone.take();
  CHECK(bytes == together.take());
  CHECK(decode_exr(bytes).has_value());
}

TEST_CASE("what is written is read again, from a pipe and from a file", "[codec]") {
  ExrDescription description;
  description.width = 5;
  description.height = 37;
  description.half = false;
  description.numbers = {{"small", -3}, {"large", std::int64_t{1} << 40}};
  description.texts = {{"note",
                        "k\xc3\xbc"
                        "che"}};
  description.frames_per_second = {24000, 1001};
  std::size_t calls = 0;
  const ExrFloatRows rows = [&](std::uint32_t y0, std::span<float> planes) {
    ++calls;
    const std::size_t pixels = planes.size() / 4;
    for (std::size_t plane = 0; plane < 4; ++plane) {
      for (std::size_t i = 0; i < pixels; ++i)
        planes[plane * pixels + i] = plane == 0 ? 1.0f : static_cast<float>((3 - plane) * 1000 + y0 * 5 + i);
    }
  };
  MemorySink file;
  REQUIRE(write_exr(file, description, rows).has_value());
  CHECK(calls == 3);
  CountingPipe pipe;
  REQUIRE(write_exr(pipe, description, rows).has_value());
  CHECK(calls == 9);
  const Bytes bytes = file.take();
  CHECK(bytes == pipe.memory);
  const auto picture = decode_exr(bytes);
  REQUIRE(picture.has_value());
  bool same = true;
  for (std::size_t i = 0; i < 5 * 37; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      same = same && picture->rgb_float[i * 3 + c] == static_cast<float>(c * 1000 + i);
  }
  CHECK(same);
  const auto header = read_exr_header(bytes);
  REQUIRE(header.has_value());
  const auto shown = [&](const std::string& name) {
    for (const auto& [key, text] : header->texts) {
      if (key == name) return text;
    }
    return std::string("(missing)");
  };
  CHECK(shown("small") == "-3");
  CHECK(shown("type") == "(missing)");  // what the library adds
  CHECK(shown("large") == "1099511627776");
  CHECK(shown("framesPerSecond") == "24000/1001");
}
