#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

enum class ExrPixelType : std::uint32_t { uint, half, real };

/// Pixels [x0, x1] x [y0, y1], both ends included.
struct ExrWindow {
  std::int64_t x0 = 0, y0 = 0, x1 = -1, y1 = -1;
  std::int64_t width() const { return x1 - x0 + 1; }
  std::int64_t height() const { return y1 - y0 + 1; }
  friend bool operator==(const ExrWindow&, const ExrWindow&) = default;
};

struct ExrChannel {
  std::string name;
  ExrPixelType type = ExrPixelType::half;
  std::int32_t x_sampling = 1, y_sampling = 1;
};

/// The header of an OpenEXR file of one part ("OpenEXR File Layout", openexr.com). Texts are as they stand in
/// the file, any bytes.
struct ExrHeader {
  bool tiled = false;
  std::vector<ExrChannel> channels;  ///< at least one
  std::uint8_t compression = 0;      ///< its number in the file; may be one that does not exist
  ExrWindow data_window;             ///< may be empty or of any size
  std::optional<ExrWindow> display_window;
  std::uint32_t tile_width = 0, tile_height = 0;
  /// Attributes of type string as they are, and of numbers (int, float, double, rational, chromaticities, m33f,
  /// m44f) as text; what every header has is left out.
  std::vector<std::pair<std::string, std::string>> texts;
  std::size_t byte_count = 0;  ///< of the header itself, magic number included
};

/// Whether the file begins with OpenEXR's magic number.
bool is_exr(ByteView file);

/// invalid_input with the reason alone ("is cut off") for what is no such header. Allocates no more than the
/// file's size, and some.
Result<ExrHeader> read_exr_header(ByteView file);

}  // namespace oct
