#pragma once
#include <vector>

#include "scene/scene.hpp"

namespace oct::test {

/// A scene and the picture that is made of it.
struct GpuScene {
  const char* name;
  Scene scene;
  std::uint32_t width, height, samples, max_depth;
};

/// What CPU and GPU are compared by. The first is the one whose film is pinned (support/golden_film.hpp);
/// then a bit of every kind of light, material and geometry, and one scene large enough that times say
/// something. `effort` multiplies the samples of all but the first.
std::vector<GpuScene> gpu_scenes(std::uint32_t effort);

}  // namespace oct::test
