#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/thread_pool.hpp"
#include "render_data/render_data.hpp"
#include "scene/pose.hpp"

namespace oct {

/// What a picture is, besides its scene.
struct CompileOptions {
  std::uint32_t width = 1280, height = 720;
  std::uint32_t samples_per_pixel = 256;
  std::uint32_t pass_steps = 0;  ///< RenderSettings::pass_steps
  std::uint32_t seed = 0;
  std::uint32_t max_depth = 16;
  std::int32_t frame = 0;                      ///< picture frame
  std::size_t camera = 0;                      ///< index into PosedScene::cameras
  std::optional<SceneCamera> camera_override;  ///< taken instead of the scene's
  float contribution_limit = 65536;            ///< each contribution is clamped to it, per channel
  std::optional<float> indirect_limit;         ///< the same after the first bounce; none = contribution_limit
  std::int32_t quantum_log2 = -24;             ///< the film counts in units of 2^quantum_log2
};

/// Makes the data a device renders from. The same scene and options give the same bytes with any compiler,
/// system and number of threads. The vertical field of view (the height of a parallel projection) is kept; the
/// film's shape decides the width of the view.
///   warnings  if given, gets a line for each thing that was left out or mended
///   errors    invalid_input: links that lead nowhere, coordinates that are not finite or above 1e18, images
///   without
///             pixels, no such camera; exhausted: more than 32-bit indices can count
Result<RenderData> compile(const PosedScene& scene, const CompileOptions& options, ThreadPool& pool,
                           std::vector<std::string>* warnings = nullptr);

/// The same of a scene's first moment.
Result<RenderData> compile(const Scene& scene, const CompileOptions& options, ThreadPool& pool,
                           std::vector<std::string>* warnings = nullptr);

}  // namespace oct
