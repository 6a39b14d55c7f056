#include "report/render_report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <span>

#include "base/columns.hpp"
#include "base/escaped.hpp"
#include "base/file.hpp"
#include "report/json_records.hpp"
#include "report/lines.hpp"
#include "report/progress.hpp"
#include "report/report_document.hpp"
#include "report/report_log.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostRows = 20;  // of the table under the bar

WallTime wall_now() {
  return std::chrono::system_clock::now();
}

ProgressMode resolved(const ReportChoice& choice) {
  if (choice.progress != ProgressMode::automatic) return choice.progress;
  if (choice.quiet) return ProgressMode::none;
  return Console::stderr_is_terminal() ? ProgressMode::bar : ProgressMode::plain;
}

Duration interval_of(ProgressMode mode, std::optional<double> asked) {
  if (asked) return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*asked));
  if (mode == ProgressMode::bar) return milliseconds(250);
  return mode == ProgressMode::json ? seconds(1) : seconds(5);
}

}  // namespace

RenderReport::RenderReport(const ReportChoice& choice)
    : choice_(choice),
      mode_(resolved(choice)),
      console_({choice.quiet, choice.no_color}),
      interval_(interval_of(mode_, choice.interval_seconds)) {}

Result<std::unique_ptr<RenderReport>> RenderReport::make(const ReportChoice& choice) {
  auto report = std::unique_ptr<RenderReport>(new RenderReport(choice));
  std::unique_ptr<Log> file;
  if (!choice.log_file.empty()) {
    OCT_TRY_ASSIGN(file, make_file_log(choice.log_file, choice.log_level));
  }
  report->log_ = std::make_unique<ReportLog>(report->console_, std::move(file), choice.log_level);
  return report;
}

// What is rendered with what.

void RenderReport::started(const std::vector<std::string>& command) {
  if (is_json()) record(started_record(wall_now(), command));
}

void RenderReport::listening(const ListeningPlace& place) {
  if (is_json()) record(network_record(wall_now(), place));
}

void RenderReport::scene(const SceneSummary& scene) {
  if (is_json()) record(scene_record(wall_now(), scene));
  line(scene_line(scene));
}

void RenderReport::devices(const DevicePlan& plan) {
  line(devices_line(plan));
}

void RenderReport::film(const FilmSummary& film) {
  line(film_line(film));
}

void RenderReport::network(const NetworkSummary& network) {
  line(network_line(network));
}

// While it is rendered.

void RenderReport::frame_started(const RenderStatus& status, Instant now) {
  if (mode_ == ProgressMode::plain || mode_ == ProgressMode::openjd)
    last_progress_ = now;  // nobody needs to be told of 0 %
  if (is_json()) record(frame_started_record(wall_now(), status));
}

void RenderReport::progress(const RenderStatus& status, Instant now) {
  tell_of_losses();
  const auto activity = activity_of(status);
  if (!activity) watch_.over();
  if (activity && mode_ != ProgressMode::bar) this->activity(*activity, now);
  if (mode_ == ProgressMode::none || !is_time(now)) return;
  if (mode_ == ProgressMode::bar) draw_bar(status, bar_of(status, now));
  if (mode_ == ProgressMode::json) record(progress_record(wall_now(), status));
  if (mode_ == ProgressMode::openjd) tell_openjd(status);
  if (mode_ == ProgressMode::plain) {
    console_.wanted_line(escaped(plain_text(status)));
    if (!choice_.net_verbose) return;
    for (const std::string& row : slave_rows(status, status.slaves.size())) console_.note(row);
  }
}

void RenderReport::tell_openjd(const RenderStatus& status) {
  console_.wanted_line(openjd_progress_line(status));
  console_.wanted_line(escaped(openjd_status_line(status)));
}

/// A bar is drawn anew at once when its terminal gets another width.
bool RenderReport::is_time(Instant now) {
  const bool resized = mode_ == ProgressMode::bar && drawn_width_ != Console::terminal_width();
  if (!resized && last_progress_ && now - *last_progress_ < interval_) return false;
  last_progress_ = now;
  return true;
}

std::string RenderReport::bar_of(const RenderStatus& status, Instant now) {
  const std::size_t width = Console::terminal_width();
  const auto activity = activity_of(status);
  const auto lasting = activity ? watch_.lasts(*activity, now) : std::nullopt;
  return lasting ? activity_bar(*activity, *lasting, percent(status), width) : bar_text(status, width);
}

void RenderReport::draw_bar(const RenderStatus& status, const std::string& bar) {
  drawn_width_ = Console::terminal_width();
  std::string text = bar;
  if (choice_.net_verbose && console_.redraws_lines()) {
    for (const std::string& row : slave_rows(status, kMostRows))
      text += "\n" + cut_to_columns(escaped(row), drawn_width_ - 1);
  }
  console_.bar(text);
}

void RenderReport::activity(const Activity& activity, Instant now) {
  const auto lasting = watch_.lasts(activity, now);
  if (!lasting || mode_ == ProgressMode::none) return;
  const std::string text = activity_text(activity);
  // A reminder of those that are waited for comes by itself.
  const bool lines = mode_ == ProgressMode::plain || mode_ == ProgressMode::openjd;
  const bool reminded = lines && activity.kind == Activity::Kind::waiting;
  if (!watch_.is_due(text, reminded ? Duration::max() : interval_, now)) return;
  if (mode_ == ProgressMode::bar)
    console_.bar(activity_bar(activity, *lasting, 0, Console::terminal_width()));
  if (mode_ == ProgressMode::json) record(activity_record(wall_now(), activity, *lasting));
  if (!lines) return;
  const std::string time = reminded ? "" : fmt::format(" ... {} s", static_cast<int>(*lasting));
  const std::string line = escaped(text) + time;
  console_.wanted_line(mode_ == ProgressMode::openjd ? openjd_status_line(line) : line);
}

void RenderReport::end_activity() {
  watch_.over();
  console_.end_bar();
}

void RenderReport::end_progress(const RenderStatus& status) {
  watch_.over();
  console_.end_bar();
  if (mode_ == ProgressMode::plain) console_.wanted_line(escaped(plain_text(status)));
  if (mode_ == ProgressMode::openjd) tell_openjd(status);
  if (mode_ == ProgressMode::json) record(progress_record(wall_now(), status));
}

void RenderReport::slave(const SlaveStatus& status) {
  if (is_json() && changes_.is_new_record(status)) record(slave_record(wall_now(), status));
  if (const std::string text = changes_.new_event(status); !text.empty()) event(text);
}

void RenderReport::daemon(const WantedDaemonStatus& daemon) {
  if (is_json()) record(daemon_slave_record(wall_now(), daemon));
}

void RenderReport::tell(const Notice& notice) {
  const Phrase words = phrase(notice);
  if (words.is_result) return line(words.text);
  if (words.level != LogLevel::warning) return event(words.text);
  log_->warning("master", "{}{}{}", words.text, words.help.empty() ? "" : "; help: ", words.help);
  warnings_.add(words.text);
  if (is_json()) record(warning_record(wall_now(), words));
  if (choice_.log_level >= LogLevel::warning) console_.warning(escaped(words.text), words.help);
}

bool RenderReport::tell_of_losses() {
  if (const auto loss = log_->take_loss()) tell(notice::InputWarning{loss->message, loss->help});
  const auto reason = output_lost_ ? std::nullopt : lost_output();
  if (!reason) return output_lost_;
  output_lost_ = true;
  tell(notice::InputWarning{fmt::format("lines of standard output are lost: {}", *reason),
                            "make room; the render goes on"});
  return true;
}

void RenderReport::error(const Error& error, std::optional<std::int32_t> frame, ExitCode code) {
  log_->error("master", "{}{}{}", error.message, error.help.empty() ? "" : "; help: ", error.help);
  if (is_json()) record(error_record(wall_now(), error, frame, code));
  if (mode_ == ProgressMode::openjd) console_.wanted_line(escaped(openjd_fail_line(error)));
  console_.error(error.message, error.help);
}

// What it came to.

void RenderReport::frame_finished(const FrameOutcome& frame, std::size_t number, std::size_t total) {
  if (is_json()) record(frame_finished_record(wall_now(), frame));
  if (total > 1 && frame.state != FrameState::cancelled) line(frame_line(frame, number, total));
}

void RenderReport::summary(const RenderOutcome& outcome, const std::string& host) {
  for (const std::string& text : summary_lines(outcome, host)) line(text);
}

Result<void> RenderReport::write_file(const RenderOutcome& outcome) const {
  if (choice_.report.empty()) return {};
  const std::string document = report_document(outcome, warnings_.lines());
  return write_file_by_renaming(choice_.report, std::as_bytes(std::span(document)));
}

void RenderReport::finished(const RenderOutcome& outcome) {
  console_.end_bar();
  if (is_json()) record(finished_record(wall_now(), outcome));
}

void RenderReport::line(std::string_view text) {
  log_->info("master", "{}", text);
  if (!is_json()) console_.line(escaped(text));
}

void RenderReport::event(std::string_view text) {
  log_->info("master", "{}", text);
  if (choice_.log_level >= LogLevel::info)
    console_.note(escaped(fmt::format("{}   {}", time_of_day_text(), text)));
}

}  // namespace oct
