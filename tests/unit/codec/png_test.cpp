#include "codec/png.hpp"

#include <zlib.h>

#include "support/picture_files.hpp"
#include "support/scene_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Bytes chunk_of(std::string_view kind, ByteView data) {
  ByteWriter body;
  body.text(kind).raw(data);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.bytes.data()), static_cast<uInt>(body.bytes.size()));
  return ByteWriter()
      .big32(static_cast<std::uint32_t>(data.size()))
      .raw(body.bytes)
      .big32(static_cast<std::uint32_t>(crc))
      .bytes;
}

/// Inserts a chunk before the pixels.
Bytes with_chunk(const Bytes& png, std::string_view kind, ByteView data) {
  const std::string_view text(reinterpret_cast<const char*>(png.data()), png.size());
  const auto at = static_cast<std::ptrdiff_t>(text.find("IDAT") - 4);
  Bytes file = png;
  const Bytes chunk = chunk_of(kind, data);
  file.insert(file.begin() + at, chunk.begin(), chunk.end());
  return file;
}

std::vector<std::uint8_t> pixels_of(const Bytes& file) {
  auto picture = decode_png(file);
  INFO((picture ? std::string() : picture.error().message));
  REQUIRE(picture.has_value());
  return picture->rgba8;
}

/// 8 x 8 grey pixels in the seven passes of Adam7, each the number of its place.
Bytes interlaced_png() {
  constexpr int kPasses[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                 {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  ByteWriter rows;
  for (const auto& [x0, y0, dx, dy] : kPasses) {
    for (int y = y0; y < 8; y += dy) {
      rows.u8(0);
      for (int x = x0; x < 8; x += dx) rows.u8(static_cast<unsigned>(y * 8 + x));
    }
  }
  ByteWriter header;
  header.big32(8).big32(8).u8(8).u8(0).u8(0).u8(0).u8(1);
  return ByteWriter()
      .text("\x89PNG\r\n\x1a\n")
      .raw(chunk_of("IHDR", header.bytes))
      .raw(chunk_of("IDAT", deflate(rows.bytes)))
      .raw(chunk_of("IEND", {}))
      .bytes;
}

}  // namespace

TEST_CASE("interlaced PNG has its pixels in their places", "[codec]") {
  const auto pixels = pixels_of(interlaced_png());
  for (std::size_t i = 0; i < 64; ++i) CHECK(pixels[i * 4] == i);
}

TEST_CASE("a transparent colour of a PNG has no alpha", "[codec]") {
  const std::array<std::uint8_t, 6> palette{10, 20, 30, 40, 50, 60};
  const Bytes indexed = make_png(2, 1, 8, 3, {{1, 0}}, std::as_bytes(std::span(palette)));
  const std::array<std::uint8_t, 1> first{77};
  CHECK(pixels_of(with_chunk(indexed, "tRNS", std::as_bytes(std::span(first)))) ==
        std::vector<std::uint8_t>{40, 50, 60, 255, 10, 20, 30, 77});
  const Bytes rgb = make_png(2, 1, 8, 2, {{1, 2, 3, 4, 5, 6}});
  const std::array<std::uint8_t, 6> color{0, 4, 0, 5, 0, 6};
  CHECK(pixels_of(with_chunk(rgb, "tRNS", std::as_bytes(std::span(color)))) ==
        std::vector<std::uint8_t>{1, 2, 3, 255, 4, 5, 6, 0});
}

TEST_CASE("what a PNG says of gamma and profiles does not change its values", "[codec]") {
  const Bytes plain = make_png(1, 1, 8, 2, {{100, 150, 200}});
  const Bytes gamma = ByteWriter().big32(100000).bytes;  // linear
  CHECK(pixels_of(with_chunk(plain, "gAMA", gamma)) == pixels_of(plain));
  CHECK(pixels_of(with_chunk(plain, "iCCP", ByteWriter().text("x").u8(0).u8(0).text("nothing").bytes)) ==
        pixels_of(plain));
}

TEST_CASE("grey PNG with alpha, of 16 bits, and of few bits becomes RGBA", "[codec]") {
  CHECK(pixels_of(make_png(1, 1, 8, 4, {{100, 50}})) == std::vector<std::uint8_t>{100, 100, 100, 50});
  const auto wide = decode_png(make_png(1, 1, 16, 0, {{0x12, 0x34}}));
  REQUIRE(wide.has_value());
  CHECK(wide->rgba16 == std::vector<std::uint16_t>{0x1234, 0x1234, 0x1234, 0xffff});
  CHECK(pixels_of(make_png(8, 1, 1, 0, {{0x41}}))[4] == 255);
  CHECK(pixels_of(make_png(4, 1, 2, 0, {{0x1b}}))[8] == 170);
}

TEST_CASE("a PNG whose checksums are wrong is read, one that is cut off is not", "[codec]") {
  Bytes file = sample_png();
  file[29] ^= std::byte{1};  // of the header
  CHECK(pixels_of(file) == pixels_of(sample_png()));
  const Bytes whole = sample_png();
  for (std::size_t size = 8; size + 16 < whole.size(); ++size)
    CHECK(reason_of(decode_png(ByteView(whole).first(size))) == "is cut off");
}
