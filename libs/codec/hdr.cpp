#include "codec/hdr.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "codec/invalid.hpp"

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

/// What the header says. The file's lines are rows of the picture, or its columns where x comes first.
struct HdrLayout {
  std::uint32_t width = 0, height = 0;
  bool lines_are_columns = false;
  bool from_right = false;
  bool from_below = false;
  bool is_xyz = false;

  std::uint32_t line_count() const { return lines_are_columns ? width : height; }
  std::uint32_t line_length() const { return lines_are_columns ? height : width; }
  /// The picture's pixel that is number i of a line.
  std::size_t pixel(std::uint32_t line, std::uint32_t i) const {
    const std::uint32_t x = lines_are_columns ? line : i;
    const std::uint32_t y = lines_are_columns ? i : line;
    return std::size_t{from_below ? height - 1 - y : y} * width + (from_right ? width - 1 - x : x);
  }
};

/// `-Y 512 +X 1024`: -Y counts rows from the top, +X columns from the left; what comes first changes slowest.
std::optional<HdrLayout> read_resolution(std::string_view line) {
  HdrLayout layout;
  layout.lines_are_columns = line.size() > 1 && line[1] == 'X';
  for (int part = 0; part < 2; ++part) {
    const bool is_x = layout.lines_are_columns == (part == 0);
    const std::string_view blank = part == 0 ? "" : " ";
    if (!line.starts_with(blank)) return std::nullopt;
    line.remove_prefix(blank.size());
    const bool minus = line.starts_with('-');
    if (!minus && !line.starts_with('+')) return std::nullopt;
    line.remove_prefix(1);
    const auto number = take_number(line, is_x ? "X " : "Y ");
    if (!number) return std::nullopt;
    (is_x ? layout.width : layout.height) = *number;
    (is_x ? layout.from_right : layout.from_below) = is_x ? minus : !minus;
  }
  if (!line.empty()) return std::nullopt;
  return layout;
}

/// Takes the header, up to the pixels.
Result<HdrLayout> take_header(std::string_view& text) {
  bool is_xyz = false;
  for (;;) {
    const auto line = take_line(text);
    if (!line) return invalid("is cut off");
    if (line->empty()) break;
    if (!line->starts_with("FORMAT=")) continue;
    is_xyz = *line == "FORMAT=32-bit_rle_xyze";
    if (!is_xyz && *line != "FORMAT=32-bit_rle_rgbe")
      return invalid("is of another format than 32-bit_rle_rgbe and 32-bit_rle_xyze");
  }
  const auto line = take_line(text);
  if (!line) return invalid("is cut off");
  std::optional<HdrLayout> layout = read_resolution(*line);
  if (!layout) return invalid("has no line that tells its size");
  layout->is_xyz = is_xyz;
  OCT_TRY(check_picture_size(layout->width, layout->height));
  // the shortest run covers 127 values of a channel with two bytes; older files repeat without such a limit,
  // but a large picture of one colour is not an environment
  constexpr std::uint64_t kPixelsPerByte = 16;
  if (std::uint64_t{layout->width} * layout->height > text.size() * kPixelsPerByte)
    return invalid("is cut off");
  return *layout;
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
std::array<float, 3> values_of(const Rgbe& pixel) {
  const float scale = pixel[3] == 0 ? 0.0f : std::ldexp(1.0f, static_cast<int>(pixel[3]) - 136);
  return {static_cast<float>(pixel[0]) * scale, static_cast<float>(pixel[1]) * scale,
          static_cast<float>(pixel[2]) * scale};
}

/// CIE XYZ to linear Rec.709 (IEC 61966-2-1); colours outside have negative parts.
std::array<float, 3> rec709_from_xyz(const std::array<float, 3>& xyz) {
  static constexpr double kRows[3][3] = {{3.2404542, -1.5371385, -0.4985314},
                                         {-0.9692660, 1.8760108, 0.0415560},
                                         {0.0556434, -0.2040259, 1.0572252}};
  const double x = static_cast<double>(xyz[0]), y = static_cast<double>(xyz[1]),
               z = static_cast<double>(xyz[2]);
  std::array<float, 3> rgb{};
  for (std::size_t c = 0; c < 3; ++c)
    rgb[c] = static_cast<float>((kRows[c][0] * x + kRows[c][1] * y) + kRows[c][2] * z);
  return rgb;
}

std::string_view text_of(ByteView file) {
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

}  // namespace

bool is_hdr(ByteView file) {
  return text_of(file).starts_with("#?RADIANCE") || text_of(file).starts_with("#?RGBE");
}

Result<PictureShape> probe_hdr(ByteView file) {
  std::string_view text = text_of(file);
  OCT_TRY_ASSIGN(const HdrLayout layout, take_header(text));
  return PictureShape{layout.width, layout.height, ValueKind::real};
}

Result<Picture> decode_hdr(ByteView file) {
  std::string_view text = text_of(file);
  OCT_TRY_ASSIGN(const HdrLayout layout, take_header(text));
  Picture picture = make_picture({layout.width, layout.height, ValueKind::real});
  HdrReader reader(text);
  std::vector<Rgbe> line(layout.line_length());
  for (std::uint32_t l = 0; l < layout.line_count(); ++l) {
    if (!reader.read_row(line)) return invalid("is cut off or damaged");
    for (std::uint32_t i = 0; i < line.size(); ++i) {
      std::array<float, 3> values = values_of(line[i]);
      if (layout.is_xyz) values = rec709_from_xyz(values);
      std::copy(values.begin(), values.end(),
                picture.rgb_float.begin() + static_cast<std::ptrdiff_t>(layout.pixel(l, i) * 3));
    }
  }
  return picture;
}

}  // namespace oct
