#pragma once
#include <cstdint>

#include "codec/exr.hpp"
#include "film/picture_file.hpp"

namespace oct {

/// What stands in the header of an OpenEXR file of a picture.
ExrDescription exr_description(std::uint32_t width, std::uint32_t height, ExrType type,
                               const PictureMetadata& metadata);

}  // namespace oct
