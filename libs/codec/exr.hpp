#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_sink.hpp"
#include "base/bytes.hpp"
#include "base/thread_pool.hpp"
#include "codec/picture.hpp"

// OpenEXR files, by the OpenEXR library. It reads in the caller's thread alone; none of its exceptions and texts leave
// this module. Errors hold the reason alone.

namespace oct {

enum class ExrPixelType { uint, half, real };

struct ExrChannel {
  std::string name;
  ExrPixelType type = ExrPixelType::half;
};

/// The header of a file's first part. Texts are as they stand in the file, any bytes.
struct ExrHeader {
  std::size_t part_count = 1;
  std::int64_t width = 0, height = 0;  ///< of the data window
  std::vector<ExrChannel> channels;    ///< at least one
  /// Attributes of type string as they are, and of numbers (int, float, double, rational, chromaticities, m33f,
  /// m44f) as text; what every header has is left out.
  std::vector<std::pair<std::string, std::string>> texts;
};

/// Whether the file begins with OpenEXR's magic number.
bool is_exr(ByteView file);

/// Allocates no more than the file's size, and some.
Result<ExrHeader> read_exr_header(ByteView file);

/// The pixels of the display window; black where the file has none. Scanlines and tiles (the finest level), any
/// compression, the first part and layer that has red, green and blue, or a luminance, or a single channel.
/// Values as stored.
Result<Picture> decode_exr(ByteView file);

/// Size of what decode_exr returns.
Result<PictureShape> probe_exr(ByteView file);

struct ExrMatrix {
  std::string name;
  std::array<float, 16> values;
};

/// A file to write: one part, channels R G B A, ZIP, rows from the top.
struct ExrDescription {
  std::uint32_t width = 0, height = 0;
  bool half = true;                                           ///< values are halves, else floats
  std::vector<std::pair<std::string, std::int64_t>> numbers;  ///< int where it holds them, else double
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<ExrMatrix> matrices;                   ///< for row vectors
  std::array<std::uint32_t, 2> frames_per_second{};  ///< a fraction; 0 = left out
};

/// Rows of a block of ZIP.
inline constexpr std::uint32_t kExrBlockRows = 16;

/// Fills a block's planes A, B, G, R, each of `width` values a row, 16 rows or those that are left from `y0`
/// on.
using ExrHalfRows = std::function<void(std::uint32_t y0, std::span<std::uint16_t> planes)>;
using ExrFloatRows = std::function<void(std::uint32_t y0, std::span<float> planes)>;

/// Writes a block at a time, or, given a pool, a few blocks for each thread, which asks `rows` for several blocks at a
/// time. Where the sink cannot overwrite all blocks are made twice, since the table of their places stands before
/// them. The bytes do not depend on the pool.
Result<void> write_exr(ByteSink& sink, const ExrDescription& description, const ExrHalfRows& rows,
                       ThreadPool* pool = nullptr);
Result<void> write_exr(ByteSink& sink, const ExrDescription& description, const ExrFloatRows& rows,
                       ThreadPool* pool = nullptr);

}  // namespace oct
