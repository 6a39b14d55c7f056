#include "exr/exr_header.hpp"

#include <fmt/format.h>

#include "exr/cursor.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kMagic = 20000630;

Unexpected invalid(std::string reason) {
  return fail(ErrorKind::invalid_input, std::move(reason));
}

Result<void> read_channels(Cursor value, ExrHeader& header) {
  for (;;) {
    ExrChannel channel;
    channel.name = value.text();
    if (channel.name.empty()) break;
    const std::uint32_t type = value.u32();
    value.u32();
    channel.x_sampling = value.i32();
    channel.y_sampling = value.i32();
    if (type > 2) return invalid("has a channel of unknown type");
    channel.type = static_cast<ExrPixelType>(type);
    header.channels.push_back(std::move(channel));
    constexpr std::size_t kMostChannels = 1024;
    if (header.channels.size() > kMostChannels) return invalid("has more than 1024 channels");
  }
  if (value.failed()) return invalid("has a damaged header");
  return {};
}

std::optional<ExrWindow> read_window(Cursor value) {
  ExrWindow window;
  window.x0 = value.i32();
  window.y0 = value.i32();
  window.x1 = value.i32();
  window.y1 = value.i32();
  return value.failed() ? std::nullopt : std::optional(window);
}

/// Up to 16 floats, apart by blanks; nothing where the attribute has another size.
std::optional<std::string> floats_text(ByteView bytes, std::size_t count) {
  if (bytes.size() != count * sizeof(float)) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : " ", load<float>(bytes.data() + i * sizeof(float)));
  return text;
}

/// The numbers of an attribute as text; nothing for other types, and for sizes that do not fit the type.
std::optional<std::string> number_text(const std::string& type, ByteView bytes) {
  if (type == "int" && bytes.size() == 4) return fmt::format("{}", load<std::int32_t>(bytes.data()));
  if (type == "double" && bytes.size() == 8) return fmt::format("{}", load<double>(bytes.data()));
  if (type == "float") return floats_text(bytes, 1);
  if (type == "chromaticities") return floats_text(bytes, 8);
  if (type == "m33f") return floats_text(bytes, 9);
  if (type == "m44f") return floats_text(bytes, 16);
  if (type != "rational" || bytes.size() != 8) return std::nullopt;
  const auto below = load<std::uint32_t>(bytes.data() + 4);
  const auto above = load<std::int32_t>(bytes.data());
  return below == 1 ? fmt::format("{}", above) : fmt::format("{}/{}", above, below);
}

/// What is read beside the header's plain fields.
struct Found {
  std::optional<ExrWindow> data_window;
  bool compression = false;
};

Result<void> read_attribute(const std::string& name, const std::string& type, ByteView bytes,
                            ExrHeader& header, Found& found) {
  Cursor value(bytes);
  if (name == "channels" && header.channels.empty()) return read_channels(value, header);
  if (name == "compression") {
    header.compression = value.u8();
    found.compression = !value.failed();
  }
  if (name == "dataWindow") found.data_window = read_window(value);
  if (name == "displayWindow") header.display_window = read_window(value).value_or(ExrWindow{});
  if (name == "tiles") {
    header.tile_width = value.u32();
    header.tile_height = value.u32();
  }
  if (type == "string") {
    header.texts.emplace_back(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  if (name == "pixelAspectRatio" || name == "screenWindowWidth") return {};
  if (auto text = number_text(type, bytes)) header.texts.emplace_back(name, *std::move(text));
  return {};
}

}  // namespace

bool is_exr(ByteView file) {
  Cursor cursor(file);
  return cursor.u32() == kMagic;
}

Result<ExrHeader> read_exr_header(ByteView file) {
  if (!is_exr(file)) return invalid("is not an OpenEXR file");
  Cursor cursor(file);
  cursor.u32();
  ExrHeader header;
  const std::uint32_t version = cursor.u32();
  header.tiled = (version & 0x200u) != 0;
  if ((version & 0xffu) != 2) return invalid(fmt::format("is of OpenEXR version {}, not 2", version & 0xffu));
  if ((version & 0x800u) != 0) return invalid("is a deep picture, which is not supported");
  if ((version & 0x1000u) != 0) return invalid("has several parts, which is not supported");
  Found found;
  for (;;) {
    const std::string name = cursor.text();
    if (name.empty()) break;
    const std::string type = cursor.text();
    const ByteView value = cursor.take(cursor.u32());
    if (cursor.failed()) break;
    OCT_TRY(read_attribute(name, type, value, header, found));
  }
  if (cursor.failed()) return invalid("is cut off");
  if (header.channels.empty() || !found.data_window || !found.compression)
    return invalid("has a damaged header");
  header.data_window = *found.data_window;
  header.byte_count = cursor.position();
  return header;
}

}  // namespace oct
