#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "film/picture_file.hpp"

namespace oct {

/// The header of an OpenEXR file of one part with channels A, B, G, R, ZIP, rows from the top, from its magic
/// number to the zero byte at its end ("OpenEXR File Layout", openexr.com).
Bytes exr_header(std::uint32_t width, std::uint32_t height, ExrType type, const PictureMetadata& metadata);

}  // namespace oct
