#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// Walks the attributes of an OpenEXR file's headers ("OpenEXR File Layout", openexr.com), of which it reads no
/// value. The library makes room for as many bytes as an attribute says before it reads them, and takes the size of
/// known types for granted: where that is wrong it reads sizes from anywhere. So they must be right, and
/// within the file. Deep files of one part, and other versions, end here.
Result<void> check_exr_attributes(ByteView file);

}  // namespace oct
