#pragma once
#include <string>

#include "base/thread_pool.hpp"
#include "master/scene_loader.hpp"

namespace oct {

/// Reads a compiled scene, and gives it the settings that the user chose: samples, seed, depth, limits and size of the
/// film. Whatever else a scene is compiled from must be as it is. Parameters as load_scene().
Result<LoadedScene> load_compiled_scene(const SceneChoice& choice, ThreadPool& pool, ExitCode& failure_code);

/// Writes a scene so that load_compiled_scene() gives it back. Errors are of kind output.
Result<void> save_compiled_scene(const std::string& path, const LoadedScene& scene, ThreadPool& pool);

}  // namespace oct
