#include "codec/stb_pictures.hpp"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS  // one of them is a shared buffer: threads would race
#define STBI_NO_SIMD
#define STBI_ONLY_TGA
#define STBI_ONLY_BMP
#define STBI_NO_LINEAR
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <algorithm>
#include <memory>

#include "codec/invalid.hpp"

namespace oct {
namespace {

unsigned byte_at(ByteView file, std::size_t at) {
  return std::to_integer<unsigned>(file[at]);
}
unsigned word_at(ByteView file, std::size_t at) {
  return byte_at(file, at) | byte_at(file, at + 1) << 8;
}

bool is_one_of(unsigned value, std::initializer_list<unsigned> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

const stbi_uc* stb_bytes(ByteView file) {
  return reinterpret_cast<const stbi_uc*>(file.data());
}

struct FreeStb {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};

Unexpected undecodable() {
  return invalid("cannot be decoded: it is damaged, or of a rare kind");
}

/// Whether a file of this length can hold that many pixels: a run of a TGA covers 128, of a BMP 255 with two bytes; BMP may
/// skip pixels.
bool is_plausible(ByteView file, std::uint64_t pixels) {
  constexpr std::uint64_t kPixelsPerByte = 1024;
  return pixels <= file.size() * kPixelsPerByte;
}

/// TGA: 32 bits a pixel, of which the header says that none are alpha.
bool has_unused_alpha(ByteView file) {
  return !is_bmp(file) && byte_at(file, 16) == 32 && (byte_at(file, 17) & 0x0fu) == 0;
}

}  // namespace

bool is_tga(ByteView file) {
  if (file.size() < kTgaHeaderBytes) return false;
  const unsigned map_kind = byte_at(file, 1);
  const unsigned kind = byte_at(file, 2);
  if (!is_one_of(kind, {1, 2, 3, 9, 10, 11}) || map_kind > 1) return false;
  const bool has_map = kind == 1 || kind == 9;
  if (has_map && (map_kind == 0 || !is_one_of(byte_at(file, 7), {15, 16, 24, 32}))) return false;
  const bool has_pixels = word_at(file, 12) != 0 && word_at(file, 14) != 0;
  return has_pixels && is_one_of(byte_at(file, 16), {8, 15, 16, 24, 32}) && (byte_at(file, 17) & 0xc0u) == 0;
}

bool is_bmp(ByteView file) {
  return file.size() >= kTgaHeaderBytes && byte_at(file, 0) == 'B' && byte_at(file, 1) == 'M' &&
         is_one_of(byte_at(file, 14), {12, 40, 56, 108, 124}) && byte_at(file, 15) == 0 &&
         word_at(file, 16) == 0;
}

Result<PictureShape> probe_tga_or_bmp(ByteView file) {
  int width = 0;
  int height = 0;
  int channels = 0;
  const int size = static_cast<int>(file.size());
  if (stbi_info_from_memory(stb_bytes(file), size, &width, &height, &channels) == 0) return undecodable();
  const PictureShape shape{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                           ValueKind::bits8};
  OCT_TRY(check_picture_size(shape.width, shape.height));
  if (!is_plausible(file, std::uint64_t{shape.width} * shape.height)) return invalid("is cut off");
  return shape;
}

Result<Picture> decode_tga_or_bmp(ByteView file) {
  OCT_TRY_ASSIGN(const PictureShape shape, probe_tga_or_bmp(file));
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, FreeStb> pixels(
      stbi_load_from_memory(stb_bytes(file), static_cast<int>(file.size()), &width, &height, &channels, 4));
  if (!pixels) return undecodable();
  const bool same =
      static_cast<std::uint32_t>(width) == shape.width && static_cast<std::uint32_t>(height) == shape.height;
  if (!same) return invalid("names two sizes");
  Picture picture = make_picture(shape);
  std::copy_n(pixels.get(), picture.rgba8.size(), picture.rgba8.begin());
  if (has_unused_alpha(file)) {
    for (std::size_t i = 3; i < picture.rgba8.size(); i += 4) picture.rgba8[i] = 255;
  }
  return picture;
}

}  // namespace oct
