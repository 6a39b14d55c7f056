#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "scene/scene.hpp"

// Encoded pictures to pixels. Errors hold the reason alone: `is cut off`, `is a WebP file, which is not
// supported here`. The same bytes give the same pixels with every compiler and on every machine: PNG and JPEG
// go through stb_image without its SIMD paths (what is left is integer arithmetic), HDR and EXR are read
// here.

namespace oct {

/// Largest picture that is decoded, 16384 x 16384.
inline constexpr std::uint64_t kMaxImagePixels = std::uint64_t{1} << 28;

/// Bytes at the start of a picture that tell its kind, and how large its file may be.
inline constexpr std::uint64_t kPictureSignatureBytes = 16;
inline constexpr std::uint64_t kMostPictureBytes = 0x7fffffff;

/// Whether `begin`, the first kPictureSignatureBytes of a file, are those of a PNG or JPEG file; the error
/// names what it is instead.
Result<void> check_picture_kind(ByteView begin);

struct ImageShape {
  std::uint32_t width = 0, height = 0;
  bool is_16_bit = false;
};

/// Reads the header of a PNG or JPEG file and checks that so few bytes can hold so many pixels, so that a
/// small file cannot ask for a lot of memory.
Result<ImageShape> probe_image(ByteView file);

/// PNG (8 and 16 bit, any colour type) or JPEG. The name is left empty.
Result<SceneImage> decode_image(ByteView file);

/// Radiance HDR or OpenEXR, as rgb_float. A single channel becomes grey; NaN and negative values become 0,
/// infinite ones 65504, the largest half; more than 1e12 becomes 1e12.
Result<SceneImage> decode_float_image(ByteView file);

/// Faults of a picture's size: none at all, or more pixels than we decode.
Result<void> check_image_size(std::uint64_t width, std::uint64_t height);

/// Radiance HDR alone: RGBE, run-length coded in the new or the old way or not at all. Exposure lines do not
/// count.
Result<SceneImage> decode_hdr(ByteView file);

/// OpenEXR alone: one part, scanlines or tiles (the finest level of mip maps), compression none, RLE, ZIPS,
/// ZIP, PIZ or PXR24, channels half, float or uint in any order. Values as stored.
Result<SceneImage> decode_exr(ByteView file);

}  // namespace oct
