#pragma once
#include "base/thread_pool.hpp"
#include "compile/textures.hpp"

namespace oct {

/// Fills the one environment with its sampling tables (environment.light is set by add_lights).
///   return  the integral of its luminance over the sphere; 0 = black
Result<double> add_environment(const PosedScene& scene, TextureTable& textures, ThreadPool& pool,
                               RenderData& data);

}  // namespace oct
