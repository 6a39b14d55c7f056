#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/log.hpp"
#include "master/json_records.hpp"
#include "master/master_config.hpp"

namespace oct {

/// Everything that people and programs see of a render: lines, status bar, progress records, warnings, log.
/// It decides only how and how often to say something. The loop's thread only.
class Watch {
 public:
  /// Output error when the log file cannot be written.
  static Result<std::unique_ptr<Watch>> make(const WatchChoice& choice);

  Log& log() { return *log_; }
  bool is_json() const { return mode_ == ProgressMode::json; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  void started(const std::vector<std::string>& command);
  void scene(const SceneSummary& scene);
  void frame_started(const ProgressView& view, Instant now);
  void frame_finished(const RenderOutcome& outcome);
  void finished(const RenderOutcome& outcome);

  /// "Scene      demo.glb: ..." for people.
  void line(std::string_view label, std::string_view text);
  void text_line(std::string_view text);
  /// An event with the time of day, for operators.
  void event(std::string_view text);
  void warning(const std::string& text, const std::string& help);
  void error(const Error& error, std::optional<std::int32_t> frame, ExitCode code);

  /// Called often; says something when it is time to.
  void progress(const ProgressView& view, const std::vector<SlaveStatus>& slaves, Instant now);
  /// Says what a slave does, if that has changed.
  void slave(const SlaveStatus& status);
  /// Says, to programs, what a wanted daemon is.
  void daemon(const DaemonView& daemon);
  /// The bar goes; a last plain line or record comes.
  void end_progress(const ProgressView& view);

 private:
  explicit Watch(const WatchChoice& choice);

  void draw_bar(const ProgressView& view, const std::vector<SlaveStatus>& slaves);
  void json(const std::string& record) { console_.wanted_line(record); }

  WatchChoice choice_;
  ProgressMode mode_;
  Console console_;
  std::unique_ptr<Log> file_log_;
  std::unique_ptr<Log> log_;
  Duration interval_;
  std::optional<Instant> last_progress_;
  std::map<LinkId, std::string> last_slave_text_;
  std::map<LinkId, std::string> last_slave_record_;
  std::vector<std::string> warnings_;
};

}  // namespace oct
