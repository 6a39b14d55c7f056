#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "report/activity.hpp"
#include "report/daemon_status.hpp"
#include "report/network_summary.hpp"
#include "report/render_outcome.hpp"
#include "report/render_status.hpp"
#include "report/scene_summary.hpp"
#include "report/words.hpp"

// The JSON lines of --progress json (schema octane.progress/1). docs/command_line.md lists the fields. All functions are
// pure.

namespace oct {

using WallTime = std::chrono::system_clock::time_point;

/// "2025-11-23T08:43:10.512Z".
std::string utc_text(WallTime time);

std::string started_record(WallTime time, const std::vector<std::string>& command);
std::string network_record(WallTime time, const ListeningPlace& place);
std::string scene_record(WallTime time, const SceneSummary& scene);
std::string frame_started_record(WallTime time, const RenderStatus& status);
std::string progress_record(WallTime time, const RenderStatus& status);
std::string slave_record(WallTime time, const SlaveStatus& status);
/// The same record of a daemon whose slave does nothing yet: `doing` is null.
std::string daemon_slave_record(WallTime time, const WantedDaemonStatus& daemon);
/// Of what is done while no sample comes, once it takes over a second.
std::string activity_record(WallTime time, const Activity& activity, double lasting);
std::string warning_record(WallTime time, const Phrase& warning);
std::string error_record(WallTime time, const Error& error, std::optional<std::int32_t> frame, ExitCode code);
std::string frame_finished_record(WallTime time, const FrameOutcome& frame);
std::string finished_record(WallTime time, const RenderOutcome& outcome);

}  // namespace oct
