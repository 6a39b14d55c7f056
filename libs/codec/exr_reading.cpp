#include <ImfChannelList.h>
#include <ImfChromaticitiesAttribute.h>
#include <ImfCompression.h>
#include <ImfDoubleAttribute.h>
#include <ImfFloatAttribute.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfInputPart.h>
#include <ImfIntAttribute.h>
#include <ImfMatrixAttribute.h>
#include <ImfMultiPartInputFile.h>
#include <ImfPartType.h>
#include <ImfRationalAttribute.h>
#include <ImfStringAttribute.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "codec/exr.hpp"
#include "codec/exr_attribute_sizes.hpp"
#include "codec/exr_library.hpp"
#include "codec/invalid.hpp"

namespace oct {
namespace {

using exr::ByteStream;
using exr::guarded;

Unexpected deep() {
  return invalid("is a deep picture, which is not supported");
}

/// A name of the file as it may be shown.
std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  std::string shown(name.substr(0, kLongest));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return name.size() > kLongest ? shown + "..." : shown;
}

/// Opens the file and returns what use(parts) makes of it.
template <class Use>
auto with_file(ByteView file, Use&& use) -> decltype(use(std::declval<Imf::MultiPartInputFile&>())) {
  OCT_TRY(check_exr_attributes(file));
  static const bool limited = [] {
    constexpr int kLongest = static_cast<int>(kLongestPictureSide);
    Imf::Header::setMaxImageSize(kLongest, kLongest);
    Imf::Header::setMaxTileSize(1 << 14, 1 << 14);
    return true;
  }();
  static_cast<void>(limited);
  ByteStream stream(file);
  const auto read = [&] {
    constexpr int kNoThreads = 0;
    Imf::MultiPartInputFile parts(stream, kNoThreads);
    return use(parts);
  };
  return guarded(
      read, [&](const std::exception&) { return invalid(stream.ran_out() ? "is cut off" : "is damaged"); });
}

bool is_deep(const Imf::Header& header) {
  return header.hasType() && (header.type() == Imf::DEEPSCANLINE || header.type() == Imf::DEEPTILE);
}

ExrPixelType type_of(const Imf::Channel& channel) {
  if (channel.type == Imf::HALF) return ExrPixelType::half;
  return channel.type == Imf::FLOAT ? ExrPixelType::real : ExrPixelType::uint;
}

template <class Values>
std::string joined(const Values& values) {
  std::string text;
  for (const float value : values) text += fmt::format("{}{}", text.empty() ? "" : " ", value);
  return text;
}

std::string chromaticities_text(const Imf::Chromaticities& c) {
  return joined(std::array{c.red.x, c.red.y, c.green.x, c.green.y, c.blue.x, c.blue.y, c.white.x, c.white.y});
}

/// A text, or numbers as text; nothing for other types.
std::optional<std::string> attribute_text(const Imf::Attribute& attribute) {
  if (const auto* text = dynamic_cast<const Imf::StringAttribute*>(&attribute)) return text->value();
  if (const auto* a = dynamic_cast<const Imf::IntAttribute*>(&attribute))
    return fmt::format("{}", a->value());
  if (const auto* a = dynamic_cast<const Imf::FloatAttribute*>(&attribute))
    return fmt::format("{}", a->value());
  if (const auto* a = dynamic_cast<const Imf::DoubleAttribute*>(&attribute))
    return fmt::format("{}", a->value());
  if (const auto* a = dynamic_cast<const Imf::ChromaticitiesAttribute*>(&attribute))
    return chromaticities_text(a->value());
  if (const auto* a = dynamic_cast<const Imf::M33fAttribute*>(&attribute))
    return joined(std::span(a->value()[0], 9));
  if (const auto* a = dynamic_cast<const Imf::M44fAttribute*>(&attribute))
    return joined(std::span(a->value()[0], 16));
  const auto* a = dynamic_cast<const Imf::RationalAttribute*>(&attribute);
  if (a == nullptr) return std::nullopt;
  if (a->value().d == 1) return fmt::format("{}", a->value().n);
  return fmt::format("{}/{}", a->value().n, a->value().d);
}

/// The last two are of files with several parts, and the library adds them to others.
bool is_in_every_header(std::string_view name) {
  return name == "pixelAspectRatio" || name == "screenWindowWidth" || name == "type" || name == "chunkCount";
}

ExrHeader header_of(const Imf::Header& source) {
  ExrHeader header;
  const auto& window = source.dataWindow();
  header.width = std::int64_t{window.max.x} - window.min.x + 1;
  header.height = std::int64_t{window.max.y} - window.min.y + 1;
  for (auto c = source.channels().begin(); c != source.channels().end(); ++c)
    header.channels.push_back({c.name(), type_of(c.channel())});
  for (auto a = source.begin(); a != source.end(); ++a) {
    const std::string name = a.name();
    if (is_in_every_header(name)) continue;
    if (auto text = attribute_text(a.attribute())) header.texts.emplace_back(name, *std::move(text));
  }
  return header;
}

/// Names of the channels that become red, green and blue.
using Rgb = std::array<std::string, 3>;

/// Red, green and blue of a layer, `prefix` with its dot: by their names of one letter or whole.
std::optional<Rgb> rgb_of_layer(const Imf::ChannelList& channels, const std::string& prefix) {
  for (const Rgb& names : {Rgb{"R", "G", "B"}, Rgb{"r", "g", "b"}, Rgb{"red", "green", "blue"}}) {
    const Rgb full{prefix + names[0], prefix + names[1], prefix + names[2]};
    const bool all =
        std::all_of(full.begin(), full.end(), [&](const auto& name) { return channels.findChannel(name); });
    if (all) return full;
  }
  return std::nullopt;
}

/// Whether the last part of a layer's name, in any letter case, says that it is the whole picture: Blender's
/// ViewLayer.Combined, "beauty", "rgba".
bool is_whole_picture(std::string_view prefix) {
  prefix.remove_suffix(1);                                 // its dot
  std::string last(prefix.substr(prefix.rfind('.') + 1));  // npos + 1 is 0
  for (char& c : last) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr std::array<std::string_view, 4> kNames{"combined", "beauty", "rgba", "rgb"};
  return std::find(kNames.begin(), kNames.end(), last) != kNames.end();
}

/// The layer that shows the whole picture where one says so, else the first.
std::optional<Rgb> rgb_of_any_layer(const Imf::ChannelList& channels) {
  std::optional<Rgb> first;
  for (auto c = channels.begin(); c != channels.end(); ++c) {
    const std::string name = c.name();
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) continue;
    const std::string prefix = name.substr(0, dot + 1);
    const std::optional<Rgb> rgb = rgb_of_layer(channels, prefix);
    if (!rgb) continue;
    if (is_whole_picture(prefix)) return rgb;
    if (!first) first = rgb;
  }
  return first;
}

std::optional<Rgb> choose_channels(const Imf::ChannelList& channels) {
  if (auto rgb = rgb_of_layer(channels, "")) return rgb;
  if (channels.findChannel("Y") != nullptr && channels.findChannel("RY") == nullptr)
    return Rgb{"Y", "Y", "Y"};
  if (auto rgb = rgb_of_any_layer(channels)) return rgb;
  std::vector<std::string> others;
  for (auto c = channels.begin(); c != channels.end(); ++c) {
    if (std::string_view(c.name()) != "A") others.emplace_back(c.name());
  }
  const bool only_alpha = others.empty() && channels.findChannel("A") != nullptr;
  if (only_alpha) return Rgb{"A", "A", "A"};
  if (others.size() != 1) return std::nullopt;
  return Rgb{others[0], others[0], others[0]};
}

/// A part that holds a picture, and which of its channels are shown.
struct Chosen {
  int part = 0;
  Rgb channels;
};

Result<Chosen> choose_part(const Imf::MultiPartInputFile& parts) {
  std::string names;
  bool has_flat = false;
  for (int i = 0; i < parts.parts(); ++i) {
    const Imf::Header& header = parts.header(i);
    if (is_deep(header)) continue;
    has_flat = true;
    if (const auto rgb = choose_channels(header.channels())) return Chosen{i, *rgb};
    for (auto c = header.channels().begin(); c != header.channels().end(); ++c)
      names += (names.empty() ? "" : ", ") + std::string(c.name());
  }
  if (!has_flat) return deep();
  return invalid(fmt::format("has channels {}; needed are R, G and B, of a layer too, or Y, or a single one",
                             printable(names)));
}

struct Window {
  std::int64_t x0, y0, x1, y1;  ///< all included
  std::uint64_t width() const { return static_cast<std::uint64_t>(std::max<std::int64_t>(x1 - x0 + 1, 0)); }
  std::uint64_t height() const { return static_cast<std::uint64_t>(std::max<std::int64_t>(y1 - y0 + 1, 0)); }
};

Window window_of(const Imath::Box2i& box) {
  return {box.min.x, box.min.y, box.max.x, box.max.y};
}

/// Bytes that a byte of the file may become. Deflate reaches 1032 : 1; DWA stores a block of 8 x 8 equal pixels
/// as one value, deflated.
std::uint64_t largest_ratio(Imf::Compression compression) {
  constexpr std::uint64_t kDeflate = 1032;
  const bool blocks = compression == Imf::DWAA_COMPRESSION || compression == Imf::DWAB_COMPRESSION;
  return blocks ? kDeflate * 64 : kDeflate;
}

std::uint64_t lines_of_block(Imf::Compression compression) {
  switch (compression) {
    case Imf::ZIP_COMPRESSION:
    case Imf::PXR24_COMPRESSION: return 16;
    case Imf::PIZ_COMPRESSION:
    case Imf::B44_COMPRESSION:
    case Imf::B44A_COMPRESSION:
    case Imf::DWAA_COMPRESSION: return 32;
    case Imf::DWAB_COMPRESSION: return 256;
    default: return 1;
  }
}

/// Pixels of a tile or block, for which the library makes room whatever the picture's size.
std::uint64_t pixels_of_block(const Imf::Header& header, std::uint64_t width) {
  if (!header.hasTileDescription()) return width * lines_of_block(header.compression());
  return std::uint64_t{header.tileDescription().xSize} * header.tileDescription().ySize;
}

std::uint64_t bytes_of_pixel(const Imf::ChannelList& channels) {
  std::uint64_t bytes = 0;
  for (auto c = channels.begin(); c != channels.end(); ++c) bytes += c.channel().type == Imf::HALF ? 2 : 4;
  return bytes;
}

/// Sizes are possible, and the file is long enough to hold that many pixels.
Result<void> check_header(const Imf::Header& header, const Rgb& rgb, std::size_t file_size) {
  const Window data = window_of(header.dataWindow());
  const Window display = window_of(header.displayWindow());
  OCT_TRY(check_picture_size(data.width(), data.height()));
  OCT_TRY(check_picture_size(display.width(), display.height()));
  for (const std::string& name : rgb) {
    const Imf::Channel& channel = *header.channels().findChannel(name);
    if (channel.xSampling != 1 || channel.ySampling != 1)
      return invalid(fmt::format("channel \"{}\" is subsampled, which is not supported", printable(name)));
  }
  // of the channels that are shown alone: others may be subsampled
  const std::uint64_t least = data.width() * data.height() * (rgb[0] == rgb[1] ? 2 : 6);
  if (least / largest_ratio(header.compression()) > file_size) return invalid("is cut off");
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 28;
  const std::uint64_t pixel = bytes_of_pixel(header.channels());
  if (pixels_of_block(header, data.width()) * pixel > kAlways + 4 * data.width() * data.height() * pixel)
    return invalid("has blocks far larger than the picture");
  return {};
}

/// Rows [y0, y1] of the data window, as RGB; `rows` has room for them.
void read_rows(Imf::InputPart& part, const Rgb& rgb, const Window& data, std::int64_t y0, std::int64_t y1,
               std::vector<float>& rows) {
  const std::size_t pixel_bytes = 3 * sizeof(float);
  const std::size_t row_bytes = data.width() * pixel_bytes;
  Imf::FrameBuffer target;
  // the library takes the first slice of a name alone, so a grey picture is read once and copied below
  const bool grey = rgb[0] == rgb[1];
  for (std::size_t c = 0; c < (grey ? 1u : 3u); ++c) {
    // counted in whole numbers, since the origin lies outside the vector
    const auto origin = reinterpret_cast<std::uintptr_t>(rows.data() + c) -
                        static_cast<std::uintptr_t>(y0) * row_bytes -
                        static_cast<std::uintptr_t>(data.x0) * pixel_bytes;
    target.insert(rgb[c], Imf::Slice(Imf::FLOAT, reinterpret_cast<char*>(origin), pixel_bytes, row_bytes));
  }
  part.setFrameBuffer(target);
  part.readPixels(static_cast<int>(y0), static_cast<int>(y1));
  if (!grey) return;
  const std::size_t count = data.width() * static_cast<std::size_t>(y1 - y0 + 1);
  for (std::size_t i = 0; i < count; ++i) rows[3 * i + 1] = rows[3 * i + 2] = rows[3 * i];
}

/// What both windows have in common, copied from rows that begin at y0.
void place_rows(const std::vector<float>& rows, const Window& data, const Window& display, std::int64_t y0,
                std::int64_t y1, Picture& picture) {
  const std::int64_t x0 = std::max(data.x0, display.x0);
  const std::int64_t x1 = std::min(data.x1, display.x1);
  if (x0 > x1) return;
  for (std::int64_t y = std::max(y0, display.y0); y <= std::min(y1, display.y1); ++y) {
    const auto from =
        static_cast<std::size_t>(y - y0) * data.width() + static_cast<std::size_t>(x0 - data.x0);
    const auto to =
        static_cast<std::size_t>(y - display.y0) * picture.width + static_cast<std::size_t>(x0 - display.x0);
    std::memcpy(picture.rgb_float.data() + to * 3, rows.data() + from * 3,
                static_cast<std::size_t>(x1 - x0 + 1) * 3 * sizeof(float));
  }
}

Picture read_picture(Imf::MultiPartInputFile& parts, const Chosen& chosen) {
  Imf::InputPart part(parts, chosen.part);
  const Window data = window_of(part.header().dataWindow());
  const Window display = window_of(part.header().displayWindow());
  Picture picture = make_picture({static_cast<std::uint32_t>(display.width()),
                                  static_cast<std::uint32_t>(display.height()), ValueKind::real});
  // whole blocks and tiles of all compressions that are usual; others are read more than once
  constexpr std::int64_t kRowsAtOnce = 256;
  const std::int64_t first = std::max(data.y0, display.y0);
  const std::int64_t last = std::min(data.y1, display.y1);
  std::vector<float> rows;
  for (std::int64_t y0 = first; y0 <= last;) {
    const std::int64_t block_end = data.y0 + ((y0 - data.y0) / kRowsAtOnce + 1) * kRowsAtOnce - 1;
    const std::int64_t y1 = std::min(block_end, last);
    rows.resize(static_cast<std::size_t>(y1 - y0 + 1) * data.width() * 3);
    read_rows(part, chosen.channels, data, y0, y1, rows);
    place_rows(rows, data, display, y0, y1, picture);
    y0 = y1 + 1;
  }
  return picture;
}

Result<Chosen> choose_and_check(const Imf::MultiPartInputFile& parts, std::size_t file_size) {
  OCT_TRY_ASSIGN(Chosen chosen, choose_part(parts));
  OCT_TRY(check_header(parts.header(chosen.part), chosen.channels, file_size));
  return chosen;
}

}  // namespace

Result<ExrHeader> read_exr_header(ByteView file) {
  return with_file(file, [](Imf::MultiPartInputFile& parts) -> Result<ExrHeader> {
    ExrHeader header = header_of(parts.header(0));
    header.part_count = static_cast<std::size_t>(parts.parts());
    if (header.channels.empty()) return invalid("has no channels");
    return header;
  });
}

Result<PictureShape> probe_exr(ByteView file) {
  return with_file(file, [&](Imf::MultiPartInputFile& parts) -> Result<PictureShape> {
    OCT_TRY_ASSIGN(const Chosen chosen, choose_and_check(parts, file.size()));
    const Window display = window_of(parts.header(chosen.part).displayWindow());
    return PictureShape{static_cast<std::uint32_t>(display.width()),
                        static_cast<std::uint32_t>(display.height()), ValueKind::real};
  });
}

Result<Picture> decode_exr(ByteView file) {
  return with_file(file, [&](Imf::MultiPartInputFile& parts) -> Result<Picture> {
    OCT_TRY_ASSIGN(const Chosen chosen, choose_and_check(parts, file.size()));
    if (!parts.partComplete(chosen.part))
      return invalid("is incomplete: it is cut off, or its writer was interrupted");
    return read_picture(parts, chosen);
  });
}

}  // namespace oct
