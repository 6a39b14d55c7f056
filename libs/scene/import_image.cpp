#include "scene/import_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "codec/exr.hpp"
#include "codec/hdr.hpp"
#include "codec/jpeg.hpp"
#include "codec/png.hpp"
#include "codec/stb_pictures.hpp"
#include "codec/tiff.hpp"
#include "codec/webp.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

/// A format, and what reads it.
struct Format {
  const char* name;
  bool (*is_one)(ByteView begin);
  Result<PictureShape> (*probe)(ByteView file);
  Result<Picture> (*decode)(ByteView file);
};

bool starts_with(ByteView file, std::string_view signature) {
  return std::string_view(reinterpret_cast<const char*>(file.data()), file.size()).starts_with(signature);
}

bool is_jpeg(ByteView file) {
  return starts_with(file, "\xff\xd8\xff");
}

/// TGA comes last: it has no signature.
constexpr Format kFormats[] = {
    {"PNG", is_png, probe_png, decode_png},
    {"JPEG", is_jpeg, probe_jpeg, decode_jpeg},
    {"WebP", is_webp, probe_webp, decode_webp},
    {"TIFF", is_tiff, probe_tiff, decode_tiff},
    {"OpenEXR", is_exr, probe_exr, decode_exr},
    {"Radiance HDR", is_hdr, probe_hdr, decode_hdr},
    {"BMP", is_bmp, probe_tga_or_bmp, decode_tga_or_bmp},
    {"TGA", is_tga, probe_tga_or_bmp, decode_tga_or_bmp},
};

/// Formats that are known by name alone.
struct Stranger {
  const char* name;
  std::size_t offset;
  std::string_view bytes;
};

constexpr Stranger kStrangers[] = {
    {"KTX", 0, "\xabKTX"},      {"DDS", 0, "DDS "},
    {"GIF", 0, "GIF8"},         {"Photoshop", 0, "8BPS"},
    {"AVIF", 4, "ftypavif"},    {"HEIF", 4, "ftypheic"},
    {"JPEG XL", 0, "\xff\x0a"}, {"Basis Universal", 0, "sB\x13"},
};

const Format* format_of(ByteView file) {
  const auto found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                  [&](const Format& format) { return format.is_one(file); });
  return found != std::end(kFormats) ? &*found : nullptr;
}

const char* stranger_name(ByteView file) {
  for (const Stranger& stranger : kStrangers) {
    if (file.size() >= stranger.offset && starts_with(file.subspan(stranger.offset), stranger.bytes))
      return stranger.name;
  }
  return nullptr;
}

constexpr const char* kForMaterials = "PNG, JPEG, WebP, TIFF, OpenEXR, Radiance HDR, BMP and TGA";
constexpr const char* kForLight = "Radiance HDR, OpenEXR and TIFF of floats";

Unexpected unsupported(const char* name, const char* supported) {
  if (name == nullptr) return invalid("is not a picture of a known format");
  return invalid(fmt::format("is a {} file, which is not supported here; {} are", name, supported));
}

Result<const Format*> known_format(ByteView file, const char* supported) {
  if (file.empty()) return invalid("is empty");
  const Format* format = format_of(file);
  if (format == nullptr) return unsupported(stranger_name(file), supported);
  return format;
}

SceneImage named(Picture picture) {
  SceneImage image;
  image.width = picture.width;
  image.height = picture.height;
  image.rgba8 = std::move(picture.rgba8);
  image.rgba16 = std::move(picture.rgba16);
  image.rgb_float = std::move(picture.rgb_float);
  return image;
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

Result<void> check_picture_kind(ByteView begin) {
  OCT_TRY(known_format(begin, kForMaterials));
  return {};
}

Result<PictureShape> probe_image(ByteView file) {
  OCT_TRY_ASSIGN(const Format* format, known_format(file, kForMaterials));
  if (file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  return format->probe(file);
}

Result<SceneImage> decode_image(ByteView file) {
  OCT_TRY_ASSIGN(const Format* format, known_format(file, kForMaterials));
  if (file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  OCT_TRY_ASSIGN(Picture picture, format->decode(file));
  for (float& value : picture.rgb_float) value = std::min(light_value(value), 1.0f);
  return named(std::move(picture));
}

Result<SceneImage> decode_float_image(ByteView file) {
  OCT_TRY_ASSIGN(const Format* format, known_format(file, kForLight));
  if (file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  const bool may_be_light =
      format->decode == decode_exr || format->decode == decode_hdr || format->decode == decode_tiff;
  if (!may_be_light) return unsupported(format->name, kForLight);
  OCT_TRY_ASSIGN(Picture picture, format->decode(file));
  if (picture.rgb_float.empty()) return unsupported("TIFF of whole numbers", kForLight);
  for (float& value : picture.rgb_float) value = light_value(value);
  return named(std::move(picture));
}

}  // namespace oct
