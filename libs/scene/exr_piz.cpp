// The one place where tinyexr is compiled; other modules may call it through its header.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#if !defined(NDEBUG)
#define NDEBUG  // its assertions would end the program for a damaged file; it checks again and returns errors
#endif
#define TINYEXR_USE_MINIZ 0
#define TINYEXR_USE_THREAD 0
#define TINYEXR_USE_OPENMP 0
#include <zlib.h>

#define TINYEXR_IMPLEMENTATION
#include <tinyexr.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <cstring>
#include <string>
#include <string_view>

#include "scene/exr_codec.hpp"

namespace oct {
namespace {

// tinyexr decodes whole files, not blocks, and trusts their headers. So each block is handed over as a file
// of one tile, with a header of our own.

class FileBuilder {
 public:
  void text(std::string_view value) {
    for (const char c : value) bytes_.push_back(static_cast<unsigned char>(c));
    bytes_.push_back(0);
  }
  void u8(unsigned value) { bytes_.push_back(static_cast<unsigned char>(value)); }
  void u32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes_.push_back(static_cast<unsigned char>(value >> shift & 0xffu));
  }
  void u64(std::uint64_t value) {
    u32(static_cast<std::uint32_t>(value));
    u32(static_cast<std::uint32_t>(value >> 32));
  }
  void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
  void attribute(std::string_view name, std::string_view type, std::size_t size) {
    text(name);
    text(type);
    u32(static_cast<std::uint32_t>(size));
  }
  void raw(ByteView bytes) {
    for (const std::byte b : bytes) bytes_.push_back(std::to_integer<unsigned char>(b));
  }
  void zeros(std::size_t count) { bytes_.insert(bytes_.end(), count, 0); }
  std::vector<unsigned char>& bytes() { return bytes_; }

 private:
  std::vector<unsigned char> bytes_;
};

void add_window(FileBuilder& file, std::string_view name, std::uint32_t width, std::uint32_t lines) {
  file.attribute(name, "box2i", 16);
  for (const std::uint32_t value : {0u, 0u, width - 1, lines - 1}) file.u32(value);
}

void add_channels(FileBuilder& file, std::span<const ExrPixelType> channels) {
  constexpr std::size_t kNameSize = 9;  // numbered, so that they are in order
  file.attribute("channels", "chlist", channels.size() * (kNameSize + 16) + 1);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const std::string digits = std::to_string(c);
    file.text(std::string(kNameSize - 1 - digits.size(), '0') + digits);
    file.u32(static_cast<std::uint32_t>(channels[c]));
    file.u32(0);  // not perceptually linear, and three reserved bytes
    file.u32(1);
    file.u32(1);
  }
  file.u8(0);
}

std::vector<unsigned char> file_of_one_tile(ByteView stored, const ExrBlockShape& shape) {
  const auto width = static_cast<std::uint32_t>(shape.width);
  const auto lines = static_cast<std::uint32_t>(shape.lines);
  FileBuilder file;
  file.u32(0x01312f76);  // magic number
  file.u32(0x202);       // version 2, tiled
  add_channels(file, shape.channels);
  file.attribute("compression", "compression", 1);
  file.u8(static_cast<unsigned>(ExrCompression::piz));
  add_window(file, "dataWindow", width, lines);
  add_window(file, "displayWindow", width, lines);
  file.attribute("lineOrder", "lineOrder", 1);
  file.u8(0);
  file.attribute("pixelAspectRatio", "float", 4);
  file.f32(1);
  file.attribute("screenWindowCenter", "v2f", 8);
  file.f32(0);
  file.f32(0);
  file.attribute("screenWindowWidth", "float", 4);
  file.f32(1);
  file.attribute("tiles", "tiledesc", 9);
  file.u32(width);
  file.u32(lines);
  file.u8(0);  // one level
  file.u8(0);  // end of header
  file.u64(file.bytes().size() + 8);
  for (int i = 0; i < 4; ++i) file.u32(0);  // tile (0, 0) of level (0, 0)
  file.u32(static_cast<std::uint32_t>(stored.size()));
  file.raw(stored);
  // tinyexr 1.0.1 reads up to 8 kB of bitmap and some header fields before it compares with the length
  file.zeros(std::size_t{1} << 14);
  return std::move(file.bytes());
}

/// Frees what tinyexr allocated, on every way out.
struct TinyExrFile {
  EXRHeader header;
  EXRImage image;
  bool has_header = false, has_image = false;  ///< when tinyexr fails, it has freed what it allocated

  TinyExrFile() {
    InitEXRHeader(&header);
    InitEXRImage(&image);
  }
  ~TinyExrFile() {
    if (has_image) FreeEXRImage(&image);
    if (has_header) FreeEXRHeader(&header);
  }
  TinyExrFile(const TinyExrFile&) = delete;
  TinyExrFile& operator=(const TinyExrFile&) = delete;
};

Unexpected damaged() {
  return fail(ErrorKind::invalid_input, "holds a damaged block");
}

}  // namespace

Result<Bytes> decompress_exr_piz(ByteView stored, const ExrBlockShape& shape) {
  std::vector<unsigned char> bytes = file_of_one_tile(stored, shape);
  TinyExrFile file;
  EXRVersion version;
  if (ParseEXRVersionFromMemory(&version, bytes.data(), bytes.size()) != TINYEXR_SUCCESS) return damaged();
  const char* message = nullptr;
  file.has_header = ParseEXRHeaderFromMemory(&file.header, &version, bytes.data(), bytes.size(), &message) ==
                    TINYEXR_SUCCESS;
  if (file.has_header) {
    file.has_image = LoadEXRImageFromMemory(&file.image, &file.header, bytes.data(), bytes.size(),
                                            &message) == TINYEXR_SUCCESS;
  }
  FreeEXRErrorMessage(message);
  if (!file.has_image || file.image.num_tiles != 1) return damaged();

  Bytes plain(shape.byte_count());
  std::byte* out = plain.data();
  for (std::size_t y = 0; y < shape.lines; ++y) {
    for (std::size_t c = 0; c < shape.channels.size(); ++c) {
      const std::size_t line_size = shape.width * exr_value_size(shape.channels[c]);
      std::memcpy(out, file.image.tiles[0].images[c] + y * line_size, line_size);
      out += line_size;
    }
  }
  return plain;
}

}  // namespace oct
