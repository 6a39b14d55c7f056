#include "scene/import_image.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

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
#define STBI_NO_SIMD  // one decoder for all machines: its SIMD paths round the colours of a JPEG differently
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_LINEAR
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "scene/invalid.hpp"
#include "scene/jpeg_tables.hpp"

namespace oct {
namespace {

enum class Format { png, jpeg, hdr, exr, other };

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  Format format;
  const char* name;
};

constexpr std::array<Signature, 12> kSignatures{{
    {{"\x89PNG\r\n\x1a\n", 8}, 0, Format::png, "PNG"},
    {{"\xff\xd8\xff", 3}, 0, Format::jpeg, "JPEG"},
    {{"#?RADIANCE", 10}, 0, Format::hdr, "Radiance HDR"},
    {{"#?RGBE", 6}, 0, Format::hdr, "Radiance HDR"},
    {{"\x76\x2f\x31\x01", 4}, 0, Format::exr, "OpenEXR"},
    {{"WEBP", 4}, 8, Format::other, "WebP"},
    {{"\xabKTX", 4}, 0, Format::other, "KTX"},
    {{"DDS ", 4}, 0, Format::other, "DDS"},
    {{"GIF8", 4}, 0, Format::other, "GIF"},
    {{"BM", 2}, 0, Format::other, "BMP"},
    {{"II*\0", 4}, 0, Format::other, "TIFF"},
    {{"MM\0*", 4}, 0, Format::other, "TIFF"},
}};

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// nullptr when the bytes look like nothing known.
const Signature* signature_of(ByteView file) {
  for (const Signature& signature : kSignatures) {
    if (file.size() < signature.offset) continue;
    if (text_of(file.subspan(signature.offset)).starts_with(signature.bytes)) return &signature;
  }
  return nullptr;
}

Unexpected unsupported(const Signature* signature, const char* supported) {
  if (signature == nullptr) return invalid(fmt::format("is not a {} file", supported));
  return invalid(fmt::format("is a {} file, which is not supported here; {} is", signature->name, supported));
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

std::uint32_t big_endian_u32(ByteView bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

/// A PNG's pixels take at least this many bytes before compression (PNG 1.2, section 4.1.1).
std::uint64_t least_png_bytes(ByteView file, std::uint64_t width, std::uint64_t height) {
  const auto bit_depth = std::to_integer<std::uint64_t>(file[24]);
  const auto color_type = std::to_integer<unsigned>(file[25]);
  const std::uint64_t channels = color_type == 2 ? 3 : color_type == 4 ? 2 : color_type == 6 ? 4 : 1;
  return height * (width * channels * bit_depth / 8);
}

/// Whether `size` bytes of file can hold the pixels. Deflate reaches 1032 : 1 at most; a progressive JPEG
/// spends at least six bits on a block of 16 x 16.
bool is_plausible(Format format, ByteView file, std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t kDeflateRatio = 1032;
  constexpr std::uint64_t kJpegPixelsPerByte = 1024;
  if (format == Format::png) return least_png_bytes(file, width, height) <= file.size() * kDeflateRatio;
  return width * height <= file.size() * kJpegPixelsPerByte;
}

bool is_shape(const ImageShape& shape, int width, int height) {
  return shape.width == static_cast<std::uint32_t>(width) &&
         shape.height == static_cast<std::uint32_t>(height);
}

/// NaN and negative light become 0, infinite light the largest half. Sums over the picture must not overflow.
float light_value(float value) {
  constexpr float kLargestHalf = 65504.0f;
  constexpr float kBrightest = 1e12f;
  if (!(value > 0.0f)) return 0.0f;
  if (!(value <= std::numeric_limits<float>::max())) return kLargestHalf;
  return value < kBrightest ? value : kBrightest;
}

}  // namespace

Result<void> check_image_size(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return invalid("has no pixels");
  constexpr std::uint64_t kLongestSide = 1 << 24;
  if (width > kLongestSide || height > kLongestSide || width * height > kMaxImagePixels) {
    return invalid(fmt::format("has {} x {} pixels; the most are 16384 x 16384 in all", width, height));
  }
  return {};
}

Result<void> check_picture_kind(ByteView begin) {
  const Signature* signature = signature_of(begin);
  const bool known =
      signature != nullptr && (signature->format == Format::png || signature->format == Format::jpeg);
  if (!known) return unsupported(signature, "PNG or JPEG");
  return {};
}

Result<ImageShape> probe_image(ByteView file) {
  if (file.empty()) return invalid("is empty");
  OCT_TRY(check_picture_kind(file));
  const Signature* signature = signature_of(file);
  if (file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  const int size = static_cast<int>(file.size());
  ImageShape shape;
  if (signature->format == Format::png) {
    if (file.size() < 33) return invalid("is cut off");
    shape = {big_endian_u32(file, 16), big_endian_u32(file, 20), file[24] == std::byte{16}};
  } else {
    if (!has_sane_jpeg_tables(file)) return undecodable();
    int width = 0;
    int height = 0;
    int channels = 0;
    if (stbi_info_from_memory(stb_bytes(file), size, &width, &height, &channels) == 0) return undecodable();
    shape = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), false};
  }
  OCT_TRY(check_image_size(shape.width, shape.height));
  if (!is_plausible(signature->format, file, shape.width, shape.height)) return invalid("is cut off");
  return shape;
}

Result<SceneImage> decode_image(ByteView file) {
  OCT_TRY_ASSIGN(const ImageShape shape, probe_image(file));
  const int size = static_cast<int>(file.size());
  int width = 0;
  int height = 0;
  int channels = 0;
  SceneImage image;
  image.width = shape.width;
  image.height = shape.height;
  const std::size_t value_count = std::size_t{shape.width} * shape.height * 4;
  if (shape.is_16_bit) {
    const std::unique_ptr<stbi_us, FreeStb> pixels(
        stbi_load_16_from_memory(stb_bytes(file), size, &width, &height, &channels, 4));
    if (!pixels) return undecodable();
    if (!is_shape(shape, width, height)) return invalid("names two sizes");
    image.rgba16.assign(pixels.get(), pixels.get() + value_count);
  } else {
    const std::unique_ptr<stbi_uc, FreeStb> pixels(
        stbi_load_from_memory(stb_bytes(file), size, &width, &height, &channels, 4));
    if (!pixels) return undecodable();
    if (!is_shape(shape, width, height)) return invalid("names two sizes");
    image.rgba8.assign(pixels.get(), pixels.get() + value_count);
  }
  return image;
}

Result<SceneImage> decode_float_image(ByteView file) {
  if (file.empty()) return invalid("is empty");
  const Signature* signature = signature_of(file);
  const bool known =
      signature != nullptr && (signature->format == Format::hdr || signature->format == Format::exr);
  if (!known) return unsupported(signature, "Radiance HDR or OpenEXR");
  if (file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  OCT_TRY_ASSIGN(SceneImage image, signature->format == Format::exr ? decode_exr(file) : decode_hdr(file));
  for (float& value : image.rgb_float) value = light_value(value);
  return image;
}

}  // namespace oct
