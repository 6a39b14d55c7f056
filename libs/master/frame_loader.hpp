#pragma once
#include <cstdint>
#include <optional>

#include "base/exit_code.hpp"
#include "master/master_config.hpp"
#include "master/packed_sizes.hpp"
#include "master/resumed_film.hpp"
#include "master/scene_loader.hpp"
#include "master/stop_rules.hpp"
#include "render/device_choice.hpp"

namespace oct {

/// A frame with everything that it needs before its first sample.
struct LoadedFrame {
  LoadedScene scene;
  PackedSample packed_sample;       ///< of its chunks, where slaves may come
  std::optional<ResumedFilm> film;  ///< that it goes on with
  std::uint64_t samples_kept = 0;   ///< of this render, in the checkpoint
  StopRules rules;                  ///< what may end it early
  bool replaces_film = false;       ///< of another render, in the checkpoint
};

/// Loads the scene, adds up the memory that rendering it takes, and reads what is there of it already. Slow: a
/// worker's job.
///   failure_code  set when it fails: usage, input, output, device, or checkpoint for a film of another render
Result<LoadedFrame> load_frame(const MasterConfig& config, const DevicePlan& plan, ExitCode& failure_code);

}  // namespace oct
