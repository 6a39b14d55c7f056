#pragma once
#include "base/bytes.hpp"
#include "codec/picture.hpp"

// JPEG, by libjpeg-turbo: baseline, progressive, arithmetic; grey, YCbCr, RGB, CMYK. The same bytes give the same
// pixels on every machine: the transform is the accurate one of whole numbers, which its SIMD code repeats
// bit for bit. Errors hold the reason alone.

namespace oct {

Result<PictureShape> probe_jpeg(ByteView file);
Result<Picture> decode_jpeg(ByteView file);

}  // namespace oct
