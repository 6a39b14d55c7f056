#pragma once
#include "base/bytes.hpp"
#include "codec/picture.hpp"

// TGA and BMP, by stb_image. Errors hold the reason alone.

namespace oct {

/// Bytes at the start of a TGA or BMP file that tell what it is.
inline constexpr std::size_t kTgaHeaderBytes = 18;

/// TGA files have no signature: whether the header is one that TGA files have.
bool is_tga(ByteView file);
bool is_bmp(ByteView file);

Result<PictureShape> probe_tga_or_bmp(ByteView file);
Result<Picture> decode_tga_or_bmp(ByteView file);

}  // namespace oct
