#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/console.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "device/device_plan.hpp"
#include "report/activity.hpp"
#include "report/daemon_status.hpp"
#include "report/network_summary.hpp"
#include "report/notice.hpp"
#include "report/render_outcome.hpp"
#include "report/render_status.hpp"
#include "report/report_choice.hpp"
#include "report/scene_summary.hpp"
#include "report/slave_changes.hpp"
#include "report/warning_list.hpp"

namespace oct {

/// All that people and programs see of a render: lines, status bar, progress records, warnings, log, report file. It decides
/// how and how often something is said, and joins the sinks, which phrase it. One thread.
class RenderReport {
 public:
  /// Output error when the log file cannot be written.
  static Result<std::unique_ptr<RenderReport>> make(const ReportChoice& choice);

  /// For what reports its own events, in its own words. Lives as long as this.
  Log& log() { return *log_; }

  /// Called often while no sample can come; says what is done once it takes over a second. progress() does so itself
  /// where the status tells of it.
  void activity(const Activity& activity, Instant now);
  void end_activity();

  // What is rendered with what.
  void started(const std::vector<std::string>& command);
  /// For programs that start slaves; people are told by network().
  void listening(const ListeningPlace& place);
  void scene(const SceneSummary& scene);
  void devices(const DevicePlan& plan);
  void film(const FilmSummary& film);
  void network(const NetworkSummary& network);

  // While it is rendered.
  void frame_started(const RenderStatus& status, Instant now);
  /// Called often; says something when it is time to.
  void progress(const RenderStatus& status, Instant now);
  /// The bar goes; a last plain line or record comes.
  void end_progress(const RenderStatus& status);
  /// Says what a slave does, if that has changed.
  void slave(const SlaveStatus& status);
  /// Says, to programs, what a wanted daemon is.
  void daemon(const WantedDaemonStatus& daemon);
  void tell(const Notice& notice);
  void error(const Error& error, std::optional<std::int32_t> frame, ExitCode code);
  /// Warns once of each place, log or standard output, that took not all that was said; whether lines were
  /// lost for which standard output was asked.
  bool tell_of_losses();

  // What it came to.
  /// `number` of `total` frames, from 1: people get a line of each where there are several, but for one
  /// that was stopped: of that its checkpoint tells.
  void frame_finished(const FrameOutcome& frame, std::size_t number = 1, std::size_t total = 1);
  /// Pictures, samples, shares; `host` is this computer's name.
  void summary(const RenderOutcome& outcome, const std::string& host);
  /// Writes the file of --report by renaming, if one is wanted. Output error.
  Result<void> write_file(const RenderOutcome& outcome) const;
  void finished(const RenderOutcome& outcome);

 private:
  explicit RenderReport(const ReportChoice& choice);

  bool is_json() const { return mode_ == ProgressMode::json; }
  void draw_bar(const RenderStatus& status, const std::string& text);
  void tell_openjd(const RenderStatus& status);
  std::string bar_of(const RenderStatus& status, Instant now);
  bool is_time(Instant now);
  void line(std::string_view text);
  void event(std::string_view text);
  void record(const std::string& text) { console_.wanted_line(text); }

  ReportChoice choice_;
  ProgressMode mode_;
  Console console_;
  std::unique_ptr<Log> log_;
  Duration interval_;
  std::optional<Instant> last_progress_;
  std::size_t drawn_width_ = 0;  ///< of the terminal, when the bar was drawn
  ActivityWatch watch_;
  SlaveChanges changes_;
  WarningList warnings_;
  bool output_lost_ = false;  ///< and said so
};

}  // namespace oct
