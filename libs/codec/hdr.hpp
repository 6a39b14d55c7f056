#pragma once
#include "base/bytes.hpp"
#include "codec/picture.hpp"

// Radiance HDR, read by us. Errors hold the reason alone.

namespace oct {

bool is_hdr(ByteView file);
Result<PictureShape> probe_hdr(ByteView file);
/// RGBE or XYZE (converted to linear Rec.709), run-length coded in the new or the old way or not at all, rows and
/// columns in any of the eight orders. Exposure and colour correction lines do not count.
Result<Picture> decode_hdr(ByteView file);

}  // namespace oct
