#include "codec/exr_attribute_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/cursor.hpp"
#include "codec/exr.hpp"
#include "codec/invalid.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kMagic = 20000630;
constexpr std::uint32_t kDeep = 0x800;
constexpr std::uint32_t kSeveralParts = 0x1000;

struct TypeSize {
  std::string_view type;
  std::size_t bytes;
};

constexpr TypeSize kSizes[] = {
    {"box2f", 16},
    {"box2i", 16},
    {"chromaticities", 32},
    {"compression", 1},
    {"deepImageState", 1},
    {"double", 8},
    {"envmap", 1},
    {"float", 4},
    {"int", 4},
    {"keycode", 28},
    {"lineOrder", 1},
    {"m33d", 72},
    {"m33f", 36},
    {"m44d", 128},
    {"m44f", 64},
    {"rational", 8},
    {"tiledesc", 9},
    {"timecode", 8},
    {"v2d", 16},
    {"v2f", 8},
    {"v2i", 8},
    {"v3d", 24},
    {"v3f", 12},
    {"v3i", 12},
};

/// Names, each with sixteen bytes, up to an empty one, and nothing behind it.
bool is_channel_list(ByteView value) {
  constexpr std::size_t kAfterName = 16;
  Cursor cursor(value);
  while (!cursor.text().empty()) cursor.take(kAfterName);
  return !cursor.failed() && cursor.position() == value.size();
}

bool has_size_of_type(std::string_view type, ByteView value) {
  if (type == "chlist") return is_channel_list(value);
  if (type == "floatvector") return value.size() % sizeof(float) == 0;
  const auto* known = std::find_if(std::begin(kSizes), std::end(kSizes),
                                   [&](const TypeSize& size) { return size.type == type; });
  return known == std::end(kSizes) || known->bytes == value.size();
}

/// One header up to the empty name at its end; whether it has attributes.
Result<bool> check_header(Cursor& cursor) {
  for (bool any = false;; any = true) {
    const bool at_end = cursor.text().empty();
    if (cursor.failed()) return invalid("is cut off");
    if (at_end) return any;
    const std::string type = cursor.text();
    const ByteView value = cursor.take(cursor.u32());
    if (cursor.failed()) return invalid("is cut off");
    if (!has_size_of_type(type, value)) return invalid("is damaged");
  }
}

}  // namespace

bool is_exr(ByteView file) {
  return file.size() >= sizeof kMagic && load<std::uint32_t>(file.data()) == kMagic;
}

Result<void> check_exr_attributes(ByteView file) {
  if (!is_exr(file)) return invalid("is not an OpenEXR file");
  Cursor cursor(file);
  cursor.u32();
  const std::uint32_t version = cursor.u32();
  if (cursor.failed()) return invalid("is cut off");
  if ((version & 0xffu) != 2) return invalid(fmt::format("is of OpenEXR version {}, not 2", version & 0xffu));
  const bool several = (version & kSeveralParts) != 0;
  if (!several && (version & kDeep) != 0) return invalid("is a deep picture, which is not supported");
  for (;;) {
    OCT_TRY_ASSIGN(const bool any, check_header(cursor));
    if (!any || !several) return {};  // an empty header ends a list of them
  }
}

}  // namespace oct
