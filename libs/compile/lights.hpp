#pragma once
#include <string>
#include <vector>

#include "base/thread_pool.hpp"
#include "data/types.hpp"
#include "render_data/render_data.hpp"
#include "scene/pose.hpp"

namespace oct {

/// Lights at infinity take at most this share of the draws while others shine: their power is that of a disk
/// as large as the scene, so beside a wide ground nothing else would ever be drawn.
inline constexpr double kLargestInfiniteShare = 0.5;

/// Fills lights and light_alias, and links instances and environment to them: the triangles of emissive
/// instances in order, then punctual lights, then the environment. What has no power gets no light.
///   environment_luminance  integral of luminance over the sphere, 0 = no light
///   errors  invalid_input: a punctual light whose place or strength is not finite; exhausted: too many
///   lights
Result<void> add_lights(const PosedScene& scene, double environment_luminance, ThreadPool& pool,
                        RenderData& data, std::vector<std::string>& warnings);

/// Smallest box around all instances' boxes as a sphere: its radius, at least 1e-6.
double scene_radius(const RenderData& data, ThreadPool& pool);

}  // namespace oct
