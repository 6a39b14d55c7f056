#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "scene/import_image.hpp"
#include "scene/invalid.hpp"

// Radiance's pictures (G. Ward, "Real Pixels", Graphics Gems II; the file format is in Radiance's
// filefmts.pdf). Not through stb_image, whose reader runs for ever on some damaged files.

namespace oct {
namespace {

/// Up to a line feed, which is taken too; nullopt when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The number after `prefix` at the start of `text`, which are both taken.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

struct HdrShape {
  std::uint32_t width = 0, height = 0;
};

/// Takes the header, up to the pixels.
Result<HdrShape> take_header(std::string_view& text) {
  for (;;) {
    const auto line = take_line(text);
    if (!line) return invalid("is cut off");
    if (line->empty()) break;
    if (line->starts_with("FORMAT=") && *line != "FORMAT=32-bit_rle_rgbe") {
      return invalid("does not hold red, green and blue (32-bit_rle_rgbe)");
    }
  }
  auto line = take_line(text);
  if (!line) return invalid("is cut off");
  const auto height = take_number(*line, "-Y ");
  const auto width = take_number(*line, " +X ");
  if (!height || !width || !line->empty()) {
    return invalid("is turned or mirrored (only rows from the top, columns from the left are supported)");
  }
  return HdrShape{*width, *height};
}

using Rgbe = std::array<std::uint8_t, 4>;

class HdrReader {
 public:
  explicit HdrReader(std::string_view bytes) : bytes_(bytes) {}

  /// One row; false when the data is damaged or ends.
  bool read_row(std::vector<Rgbe>& row) {
    constexpr std::size_t kLeast = 8;
    constexpr std::size_t kMost = 0x7fff;
    const bool by_channel = row.size() >= kLeast && row.size() <= kMost && bytes_.size() >= 4 && at(0) == 2 &&
                            at(1) == 2 && at(2) < 128;
    if (!by_channel) return read_pixels(row);
    if ((at(2) << 8 | at(3)) != row.size()) return false;
    bytes_.remove_prefix(4);
    for (std::size_t channel = 0; channel < 4; ++channel) {
      if (!read_channel(row, channel)) return false;
    }
    return true;
  }

 private:
  std::size_t at(std::size_t offset) const { return static_cast<unsigned char>(bytes_[offset]); }

  /// Runs of one channel: a count above 128 repeats one byte, another one copies.
  bool read_channel(std::vector<Rgbe>& row, std::size_t channel) {
    for (std::size_t x = 0; x < row.size();) {
      if (bytes_.empty()) return false;
      const bool repeats = at(0) > 128;
      const std::size_t count = repeats ? at(0) - 128 : at(0);
      const std::size_t taken = repeats ? 1 : count;
      if (count == 0 || count > row.size() - x || bytes_.size() < 1 + taken) return false;
      for (std::size_t i = 0; i < count; ++i)
        row[x++][channel] = static_cast<std::uint8_t>(at(repeats ? 1 : 1 + i));
      bytes_.remove_prefix(1 + taken);
    }
    return true;
  }

  /// Whole pixels; 1 1 1 n repeats the last one, several in a row count in higher bytes.
  bool read_pixels(std::vector<Rgbe>& row) {
    unsigned shift = 0;
    for (std::size_t x = 0; x < row.size();) {
      if (bytes_.size() < 4) return false;
      const Rgbe pixel{static_cast<std::uint8_t>(at(0)), static_cast<std::uint8_t>(at(1)),
                       static_cast<std::uint8_t>(at(2)), static_cast<std::uint8_t>(at(3))};
      bytes_.remove_prefix(4);
      if (pixel[0] == 1 && pixel[1] == 1 && pixel[2] == 1) {
        const std::size_t count = std::size_t{pixel[3]} << shift;
        if (x == 0 || count > row.size() - x) return false;
        const Rgbe last = row[x - 1];
        for (std::size_t i = 0; i < count; ++i) row[x++] = last;
        shift += 8;
        if (shift > 24) return false;
      } else {
        row[x++] = pixel;
        shift = 0;
      }
    }
    return true;
  }

  std::string_view bytes_;
};

/// Mantissa times 2^(exponent - 136); exact, but for the smallest, which are denormal.
void append_pixel(const Rgbe& pixel, std::vector<float>& values) {
  const float scale = pixel[3] == 0 ? 0.0f : std::ldexp(1.0f, static_cast<int>(pixel[3]) - 136);
  for (std::size_t c = 0; c < 3; ++c) values.push_back(static_cast<float>(pixel[c]) * scale);
}

}  // namespace

Result<SceneImage> decode_hdr(ByteView file) {
  std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  OCT_TRY_ASSIGN(const HdrShape shape, take_header(text));
  OCT_TRY(check_image_size(shape.width, shape.height));
  // the shortest run covers 127 values of a channel with two bytes; older files repeat without such a limit,
  // but a picture of one colour is no environment
  constexpr std::uint64_t kPixelsPerByte = 16;
  const std::uint64_t pixels = std::uint64_t{shape.width} * shape.height;
  if (pixels > text.size() * kPixelsPerByte) return invalid("is cut off");
  SceneImage image;
  image.width = shape.width;
  image.height = shape.height;
  image.rgb_float.reserve(pixels * 3);
  HdrReader reader(text);
  std::vector<Rgbe> row(shape.width);
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    if (!reader.read_row(row)) return invalid("is cut off or damaged");
    for (const Rgbe& pixel : row) append_pixel(pixel, image.rgb_float);
  }
  return image;
}

}  // namespace oct
