#pragma once
#include <array>
#include <optional>
#include <string>

#include "compile/compile.hpp"
#include "render_data/render_data.hpp"

namespace oct::simt {

/// A scene file and how it is seen.
struct FileScene {
  std::string path;
  std::string environment;                  ///< .hdr or .exr; empty = the scene's own
  std::optional<float> environment_power;   ///< factor of its radiance
  std::optional<std::array<float, 3>> eye;  ///< of a camera in place of the scene's, in metres
  std::array<float, 3> target{};            ///< what it looks at, +Y being up
  float fov_degrees = 60;                   ///< its horizontal field of view
  CompileOptions options;
};

/// Fault when it cannot be read, or does not compile.
RenderDataPtr load_file_scene(const FileScene& wanted);

}  // namespace oct::simt
