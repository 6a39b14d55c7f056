#include "film/png.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr unsigned char kSignature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

void append(Bytes& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

void append_u32(Bytes& out, std::uint32_t value) {  // PNG is big-endian
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint32_t>(bytes[at + i]);
  return value;
}

void append_chunk(Bytes& out, const char (&type)[5], ByteView data) {
  append_u32(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = out.size();
  append(out, type, 4);
  append(out, data.data(), data.size());
  const auto* covered = reinterpret_cast<const Bytef*>(out.data() + start);
  append_u32(out, static_cast<std::uint32_t>(crc32(0, covered, static_cast<uInt>(out.size() - start))));
}

Bytes header(std::uint32_t width, std::uint32_t height, int bits) {
  Bytes data;
  append_u32(data, width);
  append_u32(data, height);
  const unsigned char rest[5] = {static_cast<unsigned char>(bits), 2 /* RGB */, 0, 0, 0};
  append(data, rest, sizeof rest);
  return data;
}

void append_text(Bytes& out, const std::string& key, const std::string& value) {
  Bytes data;
  append(data, key.c_str(), key.size() + 1);
  const bool ascii =
      std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
  if (!ascii) append(data, "\0\0\0", 4);  // uncompressed, no language, no translated keyword
  append(data, value.data(), value.size());
  ascii ? append_chunk(out, "tEXt", data) : append_chunk(out, "iTXt", data);
}

/// One row with filter type 1 (Sub) or 2 (Up), whichever has the smaller sum of magnitudes
/// (specification, 12.8).
void append_filtered_row(Bytes& out, const std::vector<std::byte>& row, const std::vector<std::byte>& above,
                         std::size_t bytes_per_pixel) {
  Bytes filtered[2] = {Bytes(row.size()), Bytes(row.size())};
  std::uint64_t cost[2] = {0, 0};
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto value = static_cast<std::uint8_t>(row[i]);
    const auto left =
        static_cast<std::uint8_t>(i < bytes_per_pixel ? std::byte{0} : row[i - bytes_per_pixel]);
    const auto up = static_cast<std::uint8_t>(above[i]);
    const std::uint8_t residual[2] = {static_cast<std::uint8_t>(value - left),
                                      static_cast<std::uint8_t>(value - up)};
    for (int f = 0; f < 2; ++f) {
      filtered[f][i] = static_cast<std::byte>(residual[f]);
      cost[f] += residual[f] < 128 ? residual[f] : 256u - residual[f];
    }
  }
  const int best = cost[1] < cost[0] ? 1 : 0;
  out.push_back(static_cast<std::byte>(best + 1));
  append(out, filtered[best].data(), row.size());
}

/// A row of code values as the bytes of a PNG, big-endian.
void row_bytes(const std::uint16_t* values, int bits, Bytes& row) {
  if (bits == 8) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::byte>(values[i]);
    return;
  }
  for (std::size_t i = 0; i < row.size() / 2; ++i) {
    row[2 * i] = static_cast<std::byte>(values[i] >> 8);
    row[2 * i + 1] = static_cast<std::byte>(values[i]);
  }
}

/// The zlib stream of a picture, as a row of chunks of at most 256 kB.
class PngStream {
 public:
  explicit PngStream(ByteSink& sink) : sink_(sink), piece_(256 * 1024) {
    OCT_CHECK(deflateInit(&stream_, 6) == Z_OK);
    empty_piece();
  }
  ~PngStream() { deflateEnd(&stream_); }
  PngStream(const PngStream&) = delete;
  PngStream& operator=(const PngStream&) = delete;

  Result<void> add(Bytes& rows) { return deflate_all(rows, Z_NO_FLUSH); }
  Result<void> finish() {
    Bytes nothing;
    OCT_TRY(deflate_all(nothing, Z_FINISH));
    return write_piece();
  }

 private:
  Result<void> deflate_all(Bytes& rows, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(rows.data());
    stream_.avail_in = static_cast<uInt>(rows.size());
    for (;;) {
      const int status = deflate(&stream_, flush);
      if (status == Z_STREAM_END || (stream_.avail_out > 0 && flush == Z_NO_FLUSH)) return {};
      if (status != Z_OK)
        return fail(ErrorKind::internal, fmt::format("zlib cannot compress the picture ({})", status));
      if (stream_.avail_out == 0) OCT_TRY(write_piece());
    }
  }
  Result<void> write_piece() {
    const std::size_t size = piece_.size() - stream_.avail_out;
    if (size == 0) return {};
    Bytes chunk;
    append_chunk(chunk, "IDAT", ByteView(piece_).first(size));
    empty_piece();
    return sink_.write(chunk);
  }
  void empty_piece() {
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
  }

  ByteSink& sink_;
  z_stream stream_{};
  Bytes piece_;
};

/// Everything before the pixels.
Bytes png_start(const PictureRows& display, int bits, const PictureTexts& texts) {
  Bytes file;
  append(file, kSignature, sizeof kSignature);
  append_chunk(file, "IHDR", header(display.width(), display.height(), bits));
  const std::byte perceptual{0};
  append_chunk(file, "sRGB", ByteView(&perceptual, 1));
  for (const auto& [key, value] : texts) append_text(file, key, value);
  return file;
}

struct PngChunk {
  std::string type;
  ByteView data;
};

/// The next chunk at `at`, which moves behind it.
Result<PngChunk> next_chunk(ByteView file, std::size_t& at) {
  if (file.size() - at < 12) return fail(ErrorKind::invalid_input, "the PNG file is cut off");
  const std::uint32_t size = u32_at(file, at);
  if (size > file.size() - at - 12)
    return fail(ErrorKind::invalid_input, "a chunk of the PNG file is cut off");
  PngChunk chunk{std::string(reinterpret_cast<const char*>(file.data() + at + 4), 4),
                 file.subspan(at + 8, size)};
  at += 12 + std::size_t{size};
  return chunk;
}

std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void collect_text(const PngChunk& chunk, PictureTexts& texts) {
  const std::string data = text_of(chunk.data);
  const std::size_t key_end = data.find('\0');
  if (key_end == std::string::npos) return;
  std::size_t value_start = key_end + 1;
  if (chunk.type == "iTXt") {
    if (data.size() < key_end + 3 || data[key_end + 1] != 0) return;  // compressed ones are not ours
    value_start = data.find('\0', key_end + 3);
    if (value_start != std::string::npos) value_start = data.find('\0', value_start + 1);
    if (value_start == std::string::npos) return;
    ++value_start;
  }
  texts.emplace_back(data.substr(0, key_end), data.substr(value_start));
}

}  // namespace

Result<void> encode_png(ByteSink& sink, const PictureRows& display, int bits, const PictureTexts& texts) {
  OCT_TRY(sink.write(png_start(display, bits, texts)));
  const std::size_t row_values = std::size_t{display.width()} * 3;
  const std::size_t bytes_per_pixel = bits == 8 ? 3 : 6;
  Bytes row(display.width() * bytes_per_pixel), above(row.size(), std::byte{0});
  PngStream stream(sink);
  OCT_TRY(for_each_strip(display, [&](const Image& strip, std::uint32_t) {
    const std::vector<std::uint16_t> codes = srgb_code_values(strip, bits);
    Bytes rows;
    for (std::size_t first = 0; first < codes.size(); first += row_values) {
      row_bytes(&codes[first], bits, row);
      append_filtered_row(rows, row, above, bytes_per_pixel);
      std::swap(row, above);
    }
    return stream.add(rows);
  }));
  OCT_TRY(stream.finish());
  Bytes end;
  append_chunk(end, "IEND", {});
  return sink.write(end);
}

Result<PictureTexts> inspect_png(ByteView file) {
  if (file.size() < sizeof kSignature || std::memcmp(file.data(), kSignature, sizeof kSignature) != 0) {
    return fail(ErrorKind::invalid_input, "not a PNG file");
  }
  PictureTexts texts;
  for (std::size_t at = sizeof kSignature; at < file.size();) {
    OCT_TRY_ASSIGN(const PngChunk chunk, next_chunk(file, at));
    if (chunk.type == "IHDR" && chunk.data.size() == 13) {
      texts.emplace_back("size", fmt::format("{}x{}", u32_at(chunk.data, 0), u32_at(chunk.data, 4)));
      texts.emplace_back("bits", fmt::format("{}", static_cast<int>(chunk.data[8])));
    }
    if (chunk.type == "tEXt" || chunk.type == "iTXt") collect_text(chunk, texts);
    if (chunk.type == "IEND") break;
  }
  if (texts.empty() || texts.front().first != "size")
    return fail(ErrorKind::invalid_input, "a PNG file without header");
  return texts;
}

}  // namespace oct
