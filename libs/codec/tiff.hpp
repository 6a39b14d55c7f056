#pragma once
#include "base/bytes.hpp"
#include "codec/picture.hpp"

// TIFF, by libtiff: strips and tiles, interleaved and planar, 1 to 32 bits, floats, palettes, alpha. The first
// picture of a file. Errors hold the reason alone.

namespace oct {

bool is_tiff(ByteView file);
Result<PictureShape> probe_tiff(ByteView file);
/// Floats become rgb_float, without alpha; 16 bits and more rgba16; all else rgba8.
Result<Picture> decode_tiff(ByteView file);

}  // namespace oct
