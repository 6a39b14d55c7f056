#pragma once
#include <string>

#include "base/bytes.hpp"
#include "scene/scene.hpp"

namespace oct {

/// Wavefront OBJ from the bytes of a file. `file_name` names it in messages; material libraries and pictures
/// are looked for from `folder` on ("" = the current one).
Result<ImportedScene> import_obj(ByteView file, const std::string& file_name, const std::string& folder,
                                 const ImportOptions& options = {});

}  // namespace oct
