#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/exit_code.hpp"
#include "master/frame_task.hpp"
#include "master/packed_sizes.hpp"
#include "master/resumed_film.hpp"
#include "master/scene_loader.hpp"
#include "master/stop_rules.hpp"
#include "render/device_choice.hpp"
#include "report/render_outcome.hpp"

namespace oct {

/// A frame with everything that it needs before its first sample.
struct LoadedFrame {
  LoadedScene scene;
  PackedSample packed_sample;       ///< of its chunks, where slaves may come
  std::optional<ResumedFilm> film;  ///< that it goes on with
  std::uint64_t samples_kept = 0;   ///< of this render, in the checkpoint
  StopRules rules;                  ///< what may end it early
  bool replaces_film = false;       ///< of another render, in the checkpoint
  bool others_fit_beside = true;    ///< memory holds another frame like it, and the film of a third one
};

/// A frame whose pictures are there.
struct SkippedFrame {
  FrameOutcome outcome;
};

/// A frame that cannot be rendered.
struct UnloadableFrame {
  Error error;
  ExitCode code =
      ExitCode::input;     ///< usage, input, output, device, or checkpoint for a film of another render
  bool whole_job = false;  ///< no frame of its job can
};

using FrameOffer = std::variant<LoadedFrame, SkippedFrame, UnloadableFrame>;

/// Makes frames ready one after the other: reads a job's scene once, poses and compiles it for each frame, adds up the memory
/// that rendering takes, and looks what is there of the frame already. Slow: a worker's job; one thread.
class FrameLoader {
 public:
  /// Both must outlive it.
  FrameLoader(const MasterConfig& config, const DevicePlan& plan) : config_(config), plan_(plan) {}

  FrameOffer load(const FrameTask& task);

 private:
  /// By which one sees that a file was written again.
  struct FileStamp {
    std::uintmax_t bytes = 0;
    std::filesystem::file_time_type time{};
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
  };

  Result<void> open_scene(const FrameTask& task, ThreadPool& pool, ExitCode& code);
  Result<LoadedFrame> make_ready(const FrameTask& task, ThreadPool& pool, ExitCode& code);
  Result<void> find_film(const FrameTask& task, ThreadPool& pool, LoadedFrame& frame, ExitCode& code);
  std::optional<SkippedFrame> skipped(const FrameTask& task, const LoadedScene& scene) const;
  std::optional<std::string> file_changed();
  static std::optional<FileStamp> stamp_of(const std::string& path);

  const MasterConfig& config_;
  const DevicePlan& plan_;
  std::optional<std::size_t> job_;       ///< whose scene is open, or could not be opened
  std::unique_ptr<SceneSource> source_;  ///< of that job; none: it could not be opened
  UnloadableFrame unopened_;             ///< why
  std::optional<FileStamp> stamp_;       ///< of the scene's file, when it was read
};

}  // namespace oct
