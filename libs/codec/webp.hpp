#pragma once
#include "base/bytes.hpp"
#include "codec/picture.hpp"

// WebP, by libwebp: lossy and lossless, with transparency; no animations. Errors hold the reason alone.

namespace oct {

bool is_webp(ByteView file);
Result<PictureShape> probe_webp(ByteView file);
Result<Picture> decode_webp(ByteView file);

}  // namespace oct
