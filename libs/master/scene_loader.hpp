#pragma once
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/hash.hpp"
#include "base/thread_pool.hpp"
#include "master/master_config.hpp"
#include "render_data/chunks.hpp"
#include "report/scene_summary.hpp"
#include "scene/scene.hpp"

namespace oct {

/// A scene ready to be rendered and served.
struct LoadedScene {
  SceneSummary summary;
  std::string camera_name;  ///< "Camera", or its number
  std::shared_ptr<const ChunkedScene> chunks;
  Digest hash;                        ///< of the render data
  std::vector<std::string> warnings;  ///< unsupported, mended or left out
  std::vector<std::string> notes;     ///< how it was understood, and what was added, such as a camera
  bool neutral_light_added = false;

  const RenderDataPtr& data() const { return chunks->data(); }
  const RenderSettings& settings() const { return data()->settings.front(); }
};

/// What people are told of a scene of this name; without the seconds.
SceneSummary summary_of(const std::string& name, const RenderData& data);

/// Imports, completes and compiles what was chosen, or reads it where it is compiled already, and cuts it into chunks.
/// Slow: a worker's job.
///   failure_code  set when it fails: usage for what the command line asks, input for what files hold, device
///                 for more than memory holds
/// `seconds` of the summary are the caller's to fill.
Result<LoadedScene> load_scene(const SceneChoice& choice, ThreadPool& pool, ExitCode& failure_code);

}  // namespace oct
