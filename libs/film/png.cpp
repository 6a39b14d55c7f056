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

Bytes filtered_rows(std::uint32_t width, std::uint32_t height, int bits,
                    const std::vector<std::uint16_t>& codes) {
  const std::size_t bytes_per_value = bits == 8 ? 1 : 2;
  const std::size_t row_values = std::size_t{width} * 3;
  Bytes rows;
  rows.reserve((row_values * bytes_per_value + 1) * height);
  Bytes above(row_values * bytes_per_value, std::byte{0});
  Bytes row(above.size());
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint16_t* values = &codes[y * row_values];
    for (std::size_t i = 0; i < row_values; ++i) {
      if (bytes_per_value == 1) {
        row[i] = static_cast<std::byte>(values[i]);
      } else {
        row[2 * i] = static_cast<std::byte>(values[i] >> 8);
        row[2 * i + 1] = static_cast<std::byte>(values[i]);
      }
    }
    append_filtered_row(rows, row, above, 3 * bytes_per_value);
    std::swap(row, above);
  }
  return rows;
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

Result<Bytes> encode_png(std::uint32_t width, std::uint32_t height, int bits,
                         const std::vector<std::uint16_t>& code_values, const PictureTexts& texts) {
  OCT_CHECK_EQ(code_values.size(), std::size_t{width} * height * 3);
  Bytes file;
  append(file, kSignature, sizeof kSignature);
  append_chunk(file, "IHDR", header(width, height, bits));
  const std::byte perceptual{0};
  append_chunk(file, "sRGB", ByteView(&perceptual, 1));
  for (const auto& [key, value] : texts) append_text(file, key, value);

  const Bytes rows = filtered_rows(width, height, bits, code_values);
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  Bytes compressed(size);
  const int status =
      compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()), 6);
  if (status != Z_OK)
    return fail(ErrorKind::internal, fmt::format("zlib cannot compress the picture ({})", status));
  constexpr std::size_t kLargestChunk = 1u << 30;
  for (std::size_t at = 0; at < size; at += kLargestChunk) {
    append_chunk(file, "IDAT",
                 ByteView(compressed).subspan(at, std::min<std::size_t>(kLargestChunk, size - at)));
  }
  append_chunk(file, "IEND", {});
  return file;
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
