#pragma once
#include "base/bytes.hpp"

namespace oct {

/// Whether no Huffman table of a JPEG file lists more than 256 codes (ITU-T T.81, B.2.4.2 and C). The
/// stb_image of 2022 writes past its tables for others, so that such a file must not reach it.
bool has_sane_jpeg_tables(ByteView file);

}  // namespace oct
