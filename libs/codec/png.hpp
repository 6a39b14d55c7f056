#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_sink.hpp"
#include "base/bytes.hpp"
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

/// Writes RGB with sRGB encoding, some rows at a time.
class PngWriter {
 public:
  /// The header's texts become tEXt, or iTXt where not ASCII. `sink` must outlive this.
  PngWriter(ByteSink& sink, const PngHeader& header);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// Code values of whole rows, at most 2^bits - 1.
  Result<void> add_rows(std::span<const std::uint16_t> codes);
  /// After the last row. Errors are the sink's, or internal.
  Result<void> finish();

  struct State;  ///< libpng's

 private:
  std::unique_ptr<State> state_;
};

}  // namespace oct
