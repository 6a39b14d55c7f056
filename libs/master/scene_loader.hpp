#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/hash.hpp"
#include "base/thread_pool.hpp"
#include "master/master_config.hpp"
#include "render_data/chunks.hpp"
#include "report/scene_summary.hpp"
#include "scene/pose.hpp"

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

/// When a scene is seen.
struct SceneMoment {
  std::int32_t frame = 1;  ///< the picture's number, on which its noise depends, too
  double time_s = 0;       ///< of the animation
};

/// A scene that is read once and seen at several moments. A camera or light that it lacks is added once: as the scene is at
/// the time of the choice. Slow: a worker's job; one thread at a time.
class SceneSource {
 public:
  /// Errors and `failure_code` as load_scene().
  static Result<std::unique_ptr<SceneSource>> open(const SceneChoice& choice, ThreadPool& pool,
                                                   ExitCode& failure_code);
  SceneSource(const SceneSource&) = delete;
  SceneSource& operator=(const SceneSource&) = delete;

  /// Poses and compiles it. What is as it was in the last moment is shared with that, so that it costs neither memory nor
  /// hashing. A compiled scene has one moment and is always that.
  Result<LoadedScene> at(const SceneMoment& moment, ThreadPool& pool, ExitCode& failure_code);

  /// Whether it looks different at different times.
  bool moves() const { return !compiled_ && animation_ && *animation_ < imported_.scene.animations.size(); }

 private:
  explicit SceneSource(const SceneChoice& choice) : choice_(choice) {}
  Result<void> complete();

  const SceneChoice choice_;
  std::optional<LoadedScene> compiled_;  ///< then nothing of the following
  ImportedScene imported_;
  std::optional<std::size_t> animation_;
  std::size_t camera_ = 0;
  bool neutral_light_added_ = false;
  std::optional<PosedScene> posed_;  ///< at the time of the choice, until it is compiled
  RenderDataPtr last_;
};

/// Imports, completes and compiles what was chosen, or reads it where it is compiled already, and cuts it into chunks.
/// Slow: a worker's job.
///   failure_code  set when it fails: usage for what the command line asks, input for what files hold, device
///                 for more than memory holds
/// `seconds` of the summary are the caller's to fill.
Result<LoadedScene> load_scene(const SceneChoice& choice, ThreadPool& pool, ExitCode& failure_code);

}  // namespace oct
