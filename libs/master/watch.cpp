#include "master/watch.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

namespace oct {
namespace {

constexpr std::size_t kMostWarnings = 1000;  // of a report
constexpr std::size_t kMostRows = 20;        // of the table under the bar

WallTime wall_now() {
  return std::chrono::system_clock::now();
}

std::string time_of_day() {
  return fmt::format("{:%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

ProgressMode resolved(ProgressMode mode) {
  if (mode != ProgressMode::automatic) return mode;
  return Console::stderr_is_terminal() ? ProgressMode::bar : ProgressMode::plain;
}

Duration interval_of(ProgressMode mode, std::optional<double> asked) {
  if (asked) return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*asked));
  if (mode == ProgressMode::bar) return milliseconds(250);
  return mode == ProgressMode::json ? seconds(1) : seconds(5);
}

/// Debug lines on stderr, everything into the log file. The other levels reach stderr in words of their own.
class WatchLog final : public Log {
 public:
  WatchLog(Console& console, Log* file, LogLevel level) : console_(console), file_(file), level_(level) {}

  LogLevel level() const override { return level_; }
  void write(LogLevel level, std::string_view who, std::string_view text) override {
    if (level == LogLevel::debug) console_.note(fmt::format("{}   debug {}: {}", time_of_day(), who, text));
    if (file_ != nullptr) file_->write(level, who, text);
  }

 private:
  Console& console_;
  Log* file_;
  LogLevel level_;
};

}  // namespace

Watch::Watch(const WatchChoice& choice)
    : choice_(choice),
      mode_(resolved(choice.progress)),
      console_({choice.quiet, choice.no_color}),
      interval_(interval_of(mode_, choice.interval_seconds)) {
  if (choice.quiet && choice.progress == ProgressMode::automatic) mode_ = ProgressMode::none;
}

Result<std::unique_ptr<Watch>> Watch::make(const WatchChoice& choice) {
  auto watch = std::unique_ptr<Watch>(new Watch(choice));
  if (!choice.log_file.empty()) {
    OCT_TRY_ASSIGN(watch->file_log_, make_file_log(choice.log_file, choice.log_level));
  }
  watch->log_ = std::make_unique<WatchLog>(watch->console_, watch->file_log_.get(), choice.log_level);
  return watch;
}

void Watch::started(const std::vector<std::string>& command) {
  if (is_json()) json(started_record(wall_now(), command));
}

void Watch::scene(const SceneSummary& scene) {
  if (is_json()) json(scene_record(wall_now(), scene));
}

void Watch::frame_started(const ProgressView& view, Instant now) {
  if (mode_ == ProgressMode::plain) last_progress_ = now;  // nobody needs to be told of 0 %
  if (is_json()) json(frame_started_record(wall_now(), view));
}

void Watch::frame_finished(const RenderOutcome& outcome) {
  if (is_json()) json(frame_finished_record(wall_now(), outcome));
}

void Watch::finished(const RenderOutcome& outcome) {
  console_.end_bar();
  if (is_json()) json(finished_record(wall_now(), outcome));
}

void Watch::line(std::string_view label, std::string_view text) {
  text_line(fmt::format("{:<11}{}", label, text));
}

void Watch::text_line(std::string_view text) {
  log_->info("master", "{}", text);
  if (!is_json()) console_.line(text);
}

void Watch::event(std::string_view text) {
  log_->info("master", "{}", text);
  if (choice_.log_level >= LogLevel::info) console_.note(fmt::format("{}   {}", time_of_day(), text));
}

void Watch::warning(const std::string& text, const std::string& help) {
  log_->warning("master", "{}{}{}", text, help.empty() ? "" : "; help: ", help);
  if (warnings_.size() < kMostWarnings) warnings_.push_back(text);
  if (is_json()) json(warning_record(wall_now(), text, help));
  if (choice_.log_level >= LogLevel::warning) console_.warning(text, help);
}

void Watch::error(const Error& error, std::optional<std::int32_t> frame, ExitCode code) {
  log_->error("master", "{}{}{}", error.message, error.help.empty() ? "" : "; help: ", error.help);
  if (is_json()) json(error_record(wall_now(), error, frame, code));
  console_.error(error.message, error.help);
}

void Watch::progress(const ProgressView& view, const std::vector<SlaveStatus>& slaves, Instant now) {
  if (mode_ == ProgressMode::none || (last_progress_ && now - *last_progress_ < interval_)) return;
  last_progress_ = now;
  if (mode_ == ProgressMode::bar) draw_bar(view, slaves);
  if (mode_ == ProgressMode::json) json(progress_record(wall_now(), view));
  if (mode_ == ProgressMode::plain) {
    console_.wanted_line(plain_text(view));
    if (!choice_.net_verbose) return;
    for (const SlaveStatus& slave : slaves) console_.note(fmt::format("  {:<20} {}", slave.name, slave.text));
  }
}

void Watch::draw_bar(const ProgressView& view, const std::vector<SlaveStatus>& slaves) {
  const std::size_t width = Console::terminal_width();
  std::string text = bar_text(view, width);
  if (choice_.net_verbose && console_.redraws_lines()) {
    std::size_t rows = 0;
    for (const SlaveStatus& slave : slaves) {
      if (++rows > kMostRows) break;
      text += fmt::format("\n{}", fmt::format("  {:<20} {}", slave.name, slave.text).substr(0, width - 1));
    }
  }
  console_.bar(text);
}

void Watch::end_progress(const ProgressView& view) {
  console_.end_bar();
  if (mode_ == ProgressMode::plain) console_.wanted_line(plain_text(view));
  if (mode_ == ProgressMode::json) json(progress_record(wall_now(), view));
}

void Watch::daemon(const DaemonView& daemon) {
  if (is_json()) json(daemon_slave_record(wall_now(), daemon));
}

void Watch::slave(const SlaveStatus& status) {
  if (is_json()) {
    // Each change of what it does or of its network, and each tenth of an update.
    const std::uint64_t tenth = status.bytes_total == 0 ? 10 : status.bytes_done * 10 / status.bytes_total;
    std::string key = fmt::format("{} {} {}", doing_word(status.doing), tenth, status.network_bound);
    if (std::exchange(last_slave_record_[status.link], key) != key) json(slave_record(wall_now(), status));
  }
  const std::string text = slave_text(status);
  const std::string key = status.doing == SlaveDoing::silent ? "silent" : text;
  if (text.empty() || std::exchange(last_slave_text_[status.link], key) == key) return;
  event(text);
}

}  // namespace oct
