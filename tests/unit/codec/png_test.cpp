#include "codec/png.hpp"

#include <zlib.h>

#include <cstring>

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

namespace {

/// A picture in which neighbours are alike, with some noise in it.
PngRows noisy_rows(std::uint32_t width, int bits) {
  return [=](std::uint32_t y0, std::uint32_t y1) {
    std::vector<std::uint16_t> codes;
    for (std::uint32_t y = y0; y < y1; ++y) {
      for (std::uint32_t i = 0; i < width * 3; ++i) {
        std::uint32_t noise = y * 7919u + i;
        noise = (noise ^ noise >> 15) * 2654435761u;
        noise = (noise ^ noise >> 13) * 3266489917u >> 28;
        const std::uint32_t value = (i + 2 * y) / 16 + noise;
        codes.push_back(static_cast<std::uint16_t>(bits == 8 ? value & 255u : value * 257u & 65535u));
      }
    }
    return codes;
  };
}

Bytes written_png(std::uint32_t width, std::uint32_t height, int bits, ThreadPool* pool) {
  MemorySink sink;
  REQUIRE(write_png(sink, {width, height, bits, {{"octane/samples", "4"}}}, noisy_rows(width, bits), pool)
              .has_value());
  return sink.take();
}

/// What the IDAT chunks hold together.
Bytes pixel_stream(const Bytes& png) {
  Bytes stream;
  const auto big32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(png[at + i]);
    return value;
  };
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::uint32_t size = big32(at);
    const ByteView data = ByteView(png).subspan(at + 8, size);
    if (std::memcmp(png.data() + at + 4, "IDAT", 4) == 0)
      stream.insert(stream.end(), data.begin(), data.end());
    at += 12 + size;
  }
  return stream;
}

/// zlib checks that nothing is missing, and the checksum.
std::vector<Bytef> inflated(const Bytes& stream, std::size_t size) {
  std::vector<Bytef> raw(size);
  auto length = static_cast<uLongf>(size);
  REQUIRE(uncompress(raw.data(), &length, reinterpret_cast<const Bytef*>(stream.data()),
                     static_cast<uLong>(stream.size())) == Z_OK);
  REQUIRE(length == size);
  return raw;
}

/// Of one stream, made by one thread with the settings that PNG is written with.
std::size_t size_as_one_stream(std::vector<Bytef> raw) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15, 8, Z_FILTERED) == Z_OK);
  std::vector<Bytef> packed(deflateBound(&stream, static_cast<uLong>(raw.size())));
  stream.next_in = raw.data();
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  const std::size_t size = stream.total_out;
  deflateEnd(&stream);
  return size;
}

}  // namespace

TEST_CASE("a PNG has the same bytes whatever the number of threads, and its values come back", "[codec]") {
  ThreadPool one(1);
  ThreadPool five(5);
  struct Shape {
    std::uint32_t width, height;
  };
  for (const auto& [width, height] : {Shape{1, 1}, Shape{613, 700}, Shape{3, 90001}, Shape{90001, 3}}) {
    for (const int bits : {8, 16}) {
      INFO(width << " x " << height << ", " << bits << " bits");
      const Bytes png = written_png(width, height, bits, nullptr);
      CHECK(written_png(width, height, bits, &one) == png);
      CHECK(written_png(width, height, bits, &five) == png);
      const std::size_t row_bytes = std::size_t{width} * 3 * static_cast<std::size_t>(bits / 8);
      inflated(pixel_stream(png), (row_bytes + 1) * height);

      const auto picture = decode_png(png);
      REQUIRE(picture.has_value());
      const std::vector<std::uint16_t> codes = noisy_rows(width, bits)(0, height);
      bool equal = true;
      for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t at = i / 3 * 4 + i % 3;
        equal = equal && (bits == 8 ? picture->rgba8[at] : picture->rgba16[at]) == codes[i];
      }
      CHECK(equal);
    }
  }
}

TEST_CASE("a PNG in strips is at most 3 % larger than one stream of the same rows", "[codec]") {
  for (const int bits : {8, 16}) {
    constexpr std::uint32_t kWidth = 800;
    constexpr std::uint32_t kHeight = 600;
    const Bytes stream = pixel_stream(written_png(kWidth, kHeight, bits, nullptr));
    const std::size_t row_bytes = kWidth * 3 * static_cast<std::size_t>(bits / 8);
    const std::size_t whole = size_as_one_stream(inflated(stream, (row_bytes + 1) * kHeight));
    CHECK(static_cast<double>(stream.size()) <= 1.03 * static_cast<double>(whole));
  }
}

TEST_CASE("a PNG ends with the first error of its sink", "[codec]") {
  struct FullSink : ByteSink {
    std::size_t left = 100'000;
    Result<void> write(ByteView bytes) override {
      if (bytes.size() > left) return fail(ErrorKind::output, "No space left on device");
      left -= bytes.size();
      return {};
    }
  };
  ThreadPool pool(3);
  for (ThreadPool* threads : {static_cast<ThreadPool*>(nullptr), &pool}) {
    FullSink sink;
    const auto written = write_png(sink, {800, 600, 8, {}}, noisy_rows(800, 8), threads);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().kind == ErrorKind::output);
  }
}
