#pragma once
#include <string>

#include "base/bytes.hpp"
#include "scene/scene.hpp"

namespace oct {

/// glTF 2.0 from the bytes of a .gltf or .glb file. `file_name` names it in messages; other files are looked
/// for from `folder` on ("" = the current one).
Result<ImportedScene> import_gltf(ByteView file, const std::string& file_name, const std::string& folder,
                                  const ImportOptions& options = {});

}  // namespace oct
