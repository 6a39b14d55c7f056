#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/picture.hpp"
#include "scene/scene.hpp"

// Encoded pictures to pixels, whatever their format: it is told from the content. Errors hold the reason alone:
// `is cut off`, `is a GIF file, which is not supported here`. The same bytes give the same pixels with every compiler
// and on every machine (docs/determinism.md).

namespace oct {

/// Bytes at the start of a picture that tell its kind, and how large its file may be.
inline constexpr std::uint64_t kPictureSignatureBytes = 18;
inline constexpr std::uint64_t kMostPictureBytes = 0x7fffffff;

/// Whether `begin`, the first kPictureSignatureBytes of a file, are those of a picture that a material can use;
/// the error names what it is instead.
Result<void> check_picture_kind(ByteView begin);

/// Reads the header of such a file and checks that a file of this length can hold that many pixels, so that a small file
/// cannot ask for a lot of memory.
Result<PictureShape> probe_image(ByteView file);

/// A picture for a material. Floats are shares of light, and become 0 to 1. The name is left empty.
Result<SceneImage> decode_image(ByteView file);

/// A picture of light: Radiance HDR, OpenEXR, or TIFF of floats, as rgb_float. NaN and negative values become 0,
/// infinite ones 65504, the largest half; more than 1e12 becomes 1e12.
Result<SceneImage> decode_float_image(ByteView file);

}  // namespace oct
