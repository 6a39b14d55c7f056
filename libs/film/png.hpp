#pragma once
#include "base/byte_sink.hpp"
#include "codec/png.hpp"
#include "film/picture_rows.hpp"

namespace oct {

/// Writes a display-linear picture as RGB of `bits` 8 or 16 with sRGB encoding, a few rows at a time, on all threads if
/// a pool is given. The texts become tEXt, or iTXt where not ASCII.
Result<void> encode_png(ByteSink& sink, const PictureRows& display, int bits, const PictureTexts& texts,
                        ThreadPool* pool = nullptr);

/// Size, bit depth and texts of a PNG. The pixels are not decoded.
Result<PictureTexts> inspect_png(ByteView file);

}  // namespace oct
