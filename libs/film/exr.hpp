#pragma once
#include "film/picture_file.hpp"

namespace oct {

/// One part, channels R G B A (A = 1), ZIP, with the metadata as header attributes. Values beyond what half
/// holds are clamped to its largest.
Result<Bytes> encode_exr(const Image& image, ExrType type, const PictureMetadata& metadata);

/// Size, channels and string attributes of an OpenEXR file, as they stand there. The pixels are not decoded.
Result<std::vector<std::pair<std::string, std::string>>> inspect_exr(ByteView file);

}  // namespace oct
