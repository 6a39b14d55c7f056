#pragma once
#include "render_data/compiled_scene_file.hpp"

// The head of a compiled scene as bytes: everything but the content of its chunks.

namespace oct {

/// Magic number, version of the format and length of the head: enough to know how much to read.
inline constexpr std::size_t kCompiledSceneStartBytes = 20;

/// The head with its own digest at the end.
Bytes compiled_scene_head(const CompiledSceneHeader& header, const Manifest& manifest);

/// Bytes of the whole head, its digest included, from its first kCompiledSceneStartBytes bytes; invalid_input for
/// what is not a compiled scene that this program reads. Messages lack the file's name.
Result<std::uint64_t> compiled_scene_head_bytes(ByteView start);

/// The inverse of compiled_scene_head; invalid_input for whatever it did not write. The manifest has passed
/// check_manifest. Messages lack the file's name.
Result<CompiledSceneSummary> parse_compiled_scene_head(ByteView head);

}  // namespace oct
