#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_sink.hpp"
#include "base/bytes.hpp"
#include "base/thread_pool.hpp"
#include "codec/picture.hpp"

// PNG, by libpng. Errors hold the reason alone.

namespace oct {

using PictureTexts = std::vector<std::pair<std::string, std::string>>;

/// Whether the file begins with PNG's signature.
bool is_png(ByteView file);

/// Size and depth, after a check that a file of this length can hold that many pixels.
Result<PictureShape> probe_png(ByteView file);

/// Any colour type and depth, interlaced or not. What says how colours are meant (gamma, profiles) does not
/// count: who uses the picture knows.
Result<Picture> decode_png(ByteView file);

struct PngHeader {
  std::uint32_t width = 0, height = 0;
  int bits = 8;  ///< of a channel
  PictureTexts texts;
};

/// Header and texts that stand before the pixels.
Result<PngHeader> read_png_header(ByteView file);

/// Code values of rows [y0, y1) of RGB, each at most 2^bits - 1. Several threads may ask at once.
using PngRows = std::function<std::vector<std::uint16_t>(std::uint32_t y0, std::uint32_t y1)>;

/// Writes RGB with sRGB encoding, some rows at a time: on all threads if a pool is given, with the same bytes whatever
/// their number. The header's texts become tEXt, or iTXt where not ASCII. Errors are the sink's, or internal.
Result<void> write_png(ByteSink& sink, const PngHeader& header, const PngRows& rows,
                       ThreadPool* pool = nullptr);

}  // namespace oct
