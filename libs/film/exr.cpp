#include "film/exr.hpp"

#include <fmt/format.h>
#include <tinyexr.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "exr/exr_header.hpp"
#include "math/transform.hpp"

namespace oct {
namespace {

constexpr float kLargestHalf = 65504.0f;

/// An attribute that owns its bytes until the header is written.
struct Attribute {
  std::string name, type;
  std::vector<unsigned char> value;
};

Attribute text_attribute(const std::string& name, const std::string& value) {
  return {name, "string", {value.begin(), value.end()}};
}

/// OpenEXR multiplies row vectors from the left.
using Matrix4 = std::array<float, 16>;

Attribute matrix_attribute(const std::string& name, const Matrix4& matrix) {
  Attribute attribute{name, "m44f", std::vector<unsigned char>(sizeof matrix)};
  std::memcpy(attribute.value.data(), matrix.data(), sizeof matrix);
  return attribute;
}

/// As ImfStandardAttributes.h defines it: left-handed, +Z is the viewing direction. The camera's transform is
/// rigid, so its inverse is the transposed rotation.
Matrix4 world_to_camera(const Camera& camera) {
  const float* m = camera.world_from_camera.m;
  const Vec3 right{m[0], m[4], m[8]}, up{m[1], m[5], m[9]}, forward{-m[2], -m[6], -m[10]},
      eye{m[3], m[7], m[11]};
  return {right.x,          up.x,          forward.x,          0,  //
          right.y,          up.y,          forward.y,          0,  //
          right.z,          up.z,          forward.z,          0,  //
          -dot(right, eye), -dot(up, eye), -dot(forward, eye), 1};
}

/// (0, 0) is the upper left and (1, 1) the lower right corner of the picture.
Matrix4 world_to_ndc(const Camera& camera) {
  const Matrix4 view = world_to_camera(camera);
  Matrix4 result{};
  const float sx = 0.5f / camera.half_width;
  const float sy = -0.5f / camera.half_height;
  for (std::size_t row = 0; row < 4; ++row) {
    const float x = view[row * 4], y = view[row * 4 + 1], z = view[row * 4 + 2];
    result[row * 4] = x * sx + z * (0.5f - camera.shift_right);
    result[row * 4 + 1] = y * sy + z * (0.5f + camera.shift_up);
    result[row * 4 + 2] = z;
    result[row * 4 + 3] = z;
  }
  return result;
}

Attribute rate_attribute(double frames_per_second) {
  constexpr std::uint32_t kDenominator = 1000;
  const std::uint32_t rational[2] = {
      static_cast<std::uint32_t>(std::lround(frames_per_second * kDenominator)), kDenominator};
  Attribute attribute{"framesPerSecond", "rational", std::vector<unsigned char>(sizeof rational)};
  std::memcpy(attribute.value.data(), rational, sizeof rational);
  return attribute;
}

std::vector<Attribute> attributes_of(const PictureMetadata& metadata) {
  std::vector<Attribute> attributes;
  for (const auto& [name, value] : metadata.texts) attributes.push_back(text_attribute(name, value));
  if (metadata.camera) {
    attributes.push_back(matrix_attribute("worldToCamera", world_to_camera(*metadata.camera)));
    attributes.push_back(matrix_attribute("worldToNDC", world_to_ndc(*metadata.camera)));
  }
  if (metadata.frames_per_second > 0) attributes.push_back(rate_attribute(metadata.frames_per_second));
  return attributes;
}

/// tinyexr's view of them; points into `attributes`.
std::vector<EXRAttribute> library_attributes(std::vector<Attribute>& attributes) {
  std::vector<EXRAttribute> result;
  for (Attribute& attribute : attributes) {
    EXRAttribute entry{};
    std::snprintf(entry.name, sizeof entry.name, "%s", attribute.name.c_str());
    std::snprintf(entry.type, sizeof entry.type, "%s", attribute.type.c_str());
    entry.value = attribute.value.data();
    entry.size = static_cast<int>(attribute.value.size());
    result.push_back(entry);
  }
  return result;
}

/// Channels A, B, G, R: the file keeps them in alphabetic order.
std::array<std::vector<float>, 4> planes_of(const Image& image, ExrType type) {
  const std::size_t pixels = std::size_t{image.width} * image.height;
  const float largest = type == ExrType::half ? kLargestHalf : kLargestFloat;
  std::array<std::vector<float>, 4> planes;
  planes[0].assign(pixels, 1.0f);
  for (std::size_t c = 0; c < 3; ++c) {
    planes[3 - c].resize(pixels);
    for (std::size_t i = 0; i < pixels; ++i) planes[3 - c][i] = min(image.rgb[i * 3 + c], largest);
  }
  return planes;
}

Unexpected library_error(ErrorKind kind, const char* what, const char* message) {
  const std::string text = fmt::format("{}: {}", what, message != nullptr ? message : "unknown reason");
  if (message != nullptr) FreeEXRErrorMessage(message);
  return fail(kind, text);
}

}  // namespace

Result<Bytes> encode_exr(const Image& image, ExrType type, const PictureMetadata& metadata) {
  auto planes = planes_of(image, type);
  std::array<unsigned char*, 4> pointers{};
  for (std::size_t i = 0; i < 4; ++i) pointers[i] = reinterpret_cast<unsigned char*>(planes[i].data());

  EXRImage exr;
  InitEXRImage(&exr);
  exr.images = pointers.data();
  exr.width = static_cast<int>(image.width);
  exr.height = static_cast<int>(image.height);
  exr.num_channels = 4;

  std::array<EXRChannelInfo, 4> channels{};
  const char* const names[4] = {"A", "B", "G", "R"};
  for (std::size_t i = 0; i < 4; ++i)
    std::snprintf(channels[i].name, sizeof channels[i].name, "%s", names[i]);
  std::array<int, 4> given, written;
  given.fill(TINYEXR_PIXELTYPE_FLOAT);
  written.fill(type == ExrType::half ? TINYEXR_PIXELTYPE_HALF : TINYEXR_PIXELTYPE_FLOAT);
  std::vector<Attribute> attributes = attributes_of(metadata);
  std::vector<EXRAttribute> entries = library_attributes(attributes);

  EXRHeader header;
  InitEXRHeader(&header);
  header.num_channels = 4;
  header.channels = channels.data();
  header.pixel_types = given.data();
  header.requested_pixel_types = written.data();
  header.compression_type = TINYEXR_COMPRESSIONTYPE_ZIP;
  header.num_custom_attributes = static_cast<int>(entries.size());
  header.custom_attributes = entries.data();

  unsigned char* memory = nullptr;
  const char* message = nullptr;
  const std::size_t size = SaveEXRImageToMemory(&exr, &header, &memory, &message);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(memory, &std::free);
  if (size == 0) return library_error(ErrorKind::internal, "the EXR picture cannot be encoded", message);
  const auto* bytes = reinterpret_cast<const std::byte*>(memory);
  return Bytes(bytes, bytes + size);
}

Result<std::vector<std::pair<std::string, std::string>>> inspect_exr(ByteView file) {
  const auto header = read_exr_header(file);
  if (!header) return fail(header.error().kind, fmt::format("the file {}", header.error().message));
  std::vector<std::pair<std::string, std::string>> texts;
  texts.emplace_back("size", fmt::format("{}x{}", header->data_window.width(), header->data_window.height()));
  std::string channels;
  for (const ExrChannel& channel : header->channels) {
    const bool half = channel.type == ExrPixelType::half;
    channels += fmt::format("{}{} {}", channels.empty() ? "" : ", ", channel.name, half ? "half" : "32 bit");
  }
  texts.emplace_back("channels", channels);
  texts.insert(texts.end(), header->texts.begin(), header->texts.end());
  return texts;
}

}  // namespace oct
