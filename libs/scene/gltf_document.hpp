#pragma once
#include <nlohmann/json.hpp>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "scene/import_log.hpp"

// The first half of reading glTF 2.0: from bytes to a JSON document of which every property that we use has
// the right type, and every index points to something. What follows need not check that again.

namespace oct {

using Json = nlohmann::json;

/// The two chunks of a .glb, or the whole of a .gltf. Views into the file's bytes.
struct GltfContainer {
  ByteView json;
  std::optional<ByteView> binary;  ///< what a buffer without uri means
};

/// Decides by content, not by name, which of the two it is. Errors hold the reason alone.
Result<GltfContainer> split_gltf(ByteView file);

/// Parses, and checks nesting first, since later stages recurse. Errors hold the reason alone.
Result<Json> parse_gltf_json(ByteView text);

/// Reports an extension that the file requires and we lack as a fault, one that it merely uses as a warning.
void check_gltf_extensions(const Json& document, ImportLog& log);

/// Takes away properties that are null, and indices of -1, which some writers put for "not given", with a warning each.
void drop_absent_properties(Json& document, ImportLog& log);

/// Reports every property of wrong type or length, every missing one, and every index out of range.
void check_gltf_properties(const Json& document, ImportLog& log);

}  // namespace oct
