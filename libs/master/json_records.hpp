#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/hash.hpp"
#include "farm/daemon_view.hpp"
#include "master/progress.hpp"

// The JSON lines of --progress json (schema octane.progress/1) and the document of --report
// (octane.report/1). docs/command_line.md lists the fields. All functions are pure.

namespace oct {

using WallTime = std::chrono::system_clock::time_point;

/// "2025-11-23T08:43:10.512Z".
std::string utc_text(WallTime time);

struct SceneSummary {
  std::string name;
  std::uint64_t triangles = 0, objects = 0, materials = 0, textures = 0;
  std::uint64_t bytes = 0;  ///< of render data
  double seconds = 0;
};

std::string started_record(WallTime time, const std::vector<std::string>& command);
std::string scene_record(WallTime time, const SceneSummary& scene);
std::string frame_started_record(WallTime time, const ProgressView& view);
std::string progress_record(WallTime time, const ProgressView& view);
std::string slave_record(WallTime time, const SlaveStatus& status);
/// The same record of a daemon whose slave does nothing yet: `doing` is null.
std::string daemon_slave_record(WallTime time, const DaemonView& daemon);
std::string warning_record(WallTime time, const std::string& message, const std::string& help);
std::string error_record(WallTime time, const Error& error, std::optional<std::int32_t> frame, ExitCode code);

/// What a render came to.
struct RenderOutcome {
  std::vector<std::string> command;
  ExitCode exit_code = ExitCode::done;
  std::string stop_reason;  ///< samples, cancelled, failed
  std::string frame_state;  ///< done, cancelled, failed
  std::optional<Error> error;
  std::optional<Digest> film_hash;
  std::optional<Digest> render_key;
  std::int32_t frame = 1;
  std::uint32_t samples_per_pixel = 0;
  std::uint64_t samples_wanted = 0, samples_merged = 0;
  double seconds = 0;
  std::uint64_t non_finite_samples = 0;
  std::vector<std::string> outputs;  ///< that were written
  std::vector<LocalStatus> devices;
  std::vector<SlaveStatus> slaves;
  std::vector<std::uint64_t> slave_bytes_out;  ///< parallel to slaves: sent to each
  Instant started{};
  std::vector<std::string> warnings;
};

std::string frame_finished_record(WallTime time, const RenderOutcome& outcome);
std::string finished_record(WallTime time, const RenderOutcome& outcome);
/// The whole document, indented.
std::string report_document(const RenderOutcome& outcome);

}  // namespace oct
