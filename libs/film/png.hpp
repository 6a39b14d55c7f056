#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

// PNG (ISO/IEC 15948) over zlib. stb writes neither 16 bits nor text, and libpng is not packaged for every
// platform that we build for.

namespace oct {

using PictureTexts = std::vector<std::pair<std::string, std::string>>;

/// RGB, `bits` 8 or 16; code_values is width x height x 3. The texts become tEXt, or iTXt where not ASCII.
Result<Bytes> encode_png(std::uint32_t width, std::uint32_t height, int bits,
                         const std::vector<std::uint16_t>& code_values, const PictureTexts& texts);

/// Size, bit depth and texts of a PNG. The pixels are not decoded.
Result<PictureTexts> inspect_png(ByteView file);

}  // namespace oct
