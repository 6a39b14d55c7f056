#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "report/render_status.hpp"

namespace oct {

enum class FrameState { done, skipped, failed, cancelled };
enum class StopReason { samples, time_limit, noise_threshold, cancelled, failed };

/// What a frame came to.
struct FrameOutcome {
  std::int32_t frame = 1;
  std::string job = {};  ///< its name in a batch; empty without one
  FrameState state = FrameState::failed;
  std::optional<Error> error;
  std::optional<Digest> render_key;
  std::optional<std::string> film_hash;  ///< as people are shown it
  std::uint32_t samples_per_pixel =
      0;  ///< wanted; of a picture that a rule has ended, the most that a tile has
  std::uint32_t least_samples_per_pixel = 0;     ///< of a tile of such a picture; 0 = all have the same
  std::uint64_t pixels = 0;                      ///< of a picture that is done
  StopReason stop_reason = StopReason::samples;  ///< what ended its samples, of a picture that is done
  std::uint64_t samples_wanted = 0, samples_merged = 0;
  std::uint64_t samples_resumed = 0;  ///< of those merged, from an earlier run's film file
  double seconds = 0;
  std::uint64_t non_finite_samples = 0;
  std::vector<std::string> outputs;  ///< that were written, or were there of a skipped frame
};

/// How long a render took to begin, counted from the start of the program.
struct StartSeconds {
  std::optional<double> loaded;         ///< until the scene was compiled
  std::optional<double> first_samples;  ///< until the first samples were merged
};

/// What a render came to, with all its frames.
struct RenderOutcome {
  std::vector<std::string> command;
  ExitCode exit_code = ExitCode::done;
  StopReason stop_reason = StopReason::failed;
  double seconds = 0;
  StartSeconds start;
  std::vector<FrameOutcome> frames;
  std::vector<LocalStatus> devices;
  bool network = false;  ///< slaves could come
  std::vector<SlaveStatus> slaves;
  Instant started{};

  std::uint64_t samples_wanted() const;
  std::uint64_t samples_merged() const;
  std::uint64_t samples_rendered() const;  ///< merged, and not resumed
  std::uint64_t non_finite_samples() const;
  /// Of the only frame; none where there are several.
  std::optional<std::string> film_hash() const;
};

}  // namespace oct
