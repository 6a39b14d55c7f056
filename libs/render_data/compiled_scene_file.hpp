#pragma once
#include <cstdint>
#include <string>

#include "base/byte_sink.hpp"
#include "base/thread_pool.hpp"
#include "render_data/chunks.hpp"

// The compiled scene (.octscene): render data in a file, with all that a render needs, so that a scene can be carried to
// where its own files are not. docs/compiled_scene.md describes the bytes. Slow: a worker's job.

namespace oct {

inline constexpr std::uint32_t kCompiledSceneVersion = 2;

/// What such a file holds beside the render data: words for people, and by whom it was written.
struct CompiledSceneHeader {
  std::uint32_t program_version = 0;  ///< of who wrote it, as kVersion
  Digest kernel_hash;                 ///< of the kernels that it was compiled for (wire/kernel_hash.hpp)
  std::string scene_name;             ///< of the scene's own file, without a path
  std::string camera_name;            ///< "Camera", or its number
};

struct CompiledScene {
  CompiledSceneHeader header;
  RenderData data;
};

/// Whether these are the first bytes of a compiled scene.
bool is_compiled_scene(ByteView first_bytes);

/// Whether a file is one, by its first bytes, or by its name (.octscene) where it cannot be read or is damaged.
bool is_compiled_scene_file(const std::string& path);

/// Errors are the sink's.
Result<void> write_compiled_scene(ByteSink& sink, const CompiledSceneHeader& header,
                                  const ChunkedScene& scene, ThreadPool& pool);

/// The same into a file, which has its name when it is complete (stream_file_by_renaming).
Result<void> write_compiled_scene(const std::string& path, const CompiledSceneHeader& header,
                                  const ChunkedScene& scene, ThreadPool& pool);

/// Reads and checks everything as if it came from a peer: whatever passes is safe to render. Errors name the file.
/// invalid_input for what is missing, of another kind or version, cut off, changed anywhere, or not possible; exhausted
/// above `most_bytes` of render data, before memory is taken for it.
Result<CompiledScene> read_compiled_scene(const std::string& path, std::uint64_t most_bytes,
                                          ThreadPool& pool);
/// The same of a file in memory; errors do not name it.
Result<CompiledScene> read_compiled_scene(ByteView file, std::uint64_t most_bytes, ThreadPool& pool);

/// What the head of a file tells.
struct CompiledSceneSummary {
  CompiledSceneHeader header;
  Manifest manifest;
};
Result<CompiledSceneSummary> read_compiled_scene_head(const std::string& path);

}  // namespace oct
