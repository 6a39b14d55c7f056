#pragma once
#include <future>
#include <vector>

#include "base/thread_pool.hpp"
#include "compile/textures.hpp"

namespace oct {

/// By which the image of an environment is drawn from.
struct EnvironmentTables {
  u32 width = 0, height = 0;  ///< of the tables, in cells
  std::vector<AliasEntry> alias;
  std::vector<float> density;
  double luminance = 0;  ///< its integral over the sphere; 0 = black, without tables
};

/// Begins to make them on threads of their own, since nothing else of a scene is needed for it. Its images must have
/// been checked (TextureTable::make), and outlive the result. Not valid where the environment has no image, or is black.
std::future<EnvironmentTables> start_environment_tables(const PosedScene& scene, unsigned threads);

/// Fills the one environment with its sampling tables (environment.light is set by add_lights).
///   tables  as start_environment_tables() gave them
///   return  the integral of its luminance over the sphere; 0 = black
Result<double> add_environment(const PosedScene& scene, TextureTable& textures,
                               std::future<EnvironmentTables> tables, ThreadPool& pool, RenderData& data);

}  // namespace oct
