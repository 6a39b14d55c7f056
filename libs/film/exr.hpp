#pragma once
#include "film/picture_file.hpp"

namespace oct {

/// One part, channels R G B A (A = 1), ZIP, with the metadata as header attributes, a block of 16 rows at a
/// time, or on all threads if a pool is given. Values beyond what half holds are clamped to its largest.
Result<void> encode_exr(ByteSink& sink, const PictureRows& picture, ExrType type,
                        const PictureMetadata& metadata, ThreadPool* pool = nullptr);

/// Size, channels, and attributes of an OpenEXR file that are texts or numbers. The pixels are not decoded.
Result<std::vector<std::pair<std::string, std::string>>> inspect_exr(ByteView file);

}  // namespace oct
