#include "daemon/slave_supervisor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/exit_code.hpp"

namespace oct {
namespace {

/// What the way in which a slave ended asks for.
enum class Reaction { restart, later, give_up };

Reaction reaction_to(const SlaveExit& exit) {
  if (exit.signal != 0) return Reaction::restart;
  switch (static_cast<ExitCode>(exit.code)) {
    case ExitCode::done:  // the render ended there, but its master is still here
    case ExitCode::network: return Reaction::later;
    case ExitCode::usage:
    case ExitCode::device:
    case ExitCode::version:
    case ExitCode::activation: return Reaction::give_up;
    default: return Reaction::restart;
  }
}

Duration doubled(Duration first, unsigned times, Duration longest) {
  Duration pause = first;
  for (unsigned i = 0; i < times && pause < longest; ++i) pause *= 2;
  return std::min(pause, longest);
}

}  // namespace

std::optional<std::uint64_t> progress_of_line(std::string_view line) {
  constexpr std::string_view kMark = "progress ";
  if (line.substr(0, kMark.size()) != kMark) return std::nullopt;
  line.remove_prefix(kMark.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return number;
}

// What is wanted.

void SlaveSupervisor::want(const SlaveTarget& target, Duration silence, Instant now) {
  if (is_alive()) ask_to_leave(Why::dismissed, now);
  target_ = target;
  silence_ = silence;
  crashes_ = tries_ = 0;
  starts_ = 0;
  start_at_.reset();
  log_.clear();
  set(SlaveStage::starting);
  changed_ = true;
  if (!is_alive()) start(now);
}

void SlaveSupervisor::dismiss(Instant now) {
  target_.reset();
  start_at_.reset();
  if (is_alive()) return ask_to_leave(Why::dismissed, now);
  if (stage_ != SlaveStage::unknown && stage_ != SlaveStage::crashed) set(SlaveStage::ended);
}

void SlaveSupervisor::retry(Instant now) {
  crashes_ = tries_ = 0;
  if (is_alive()) return;
  if (target_) return start(now);
  if (stage_ == SlaveStage::crashed) set(SlaveStage::ended);
}

void SlaveSupervisor::give_up(SlaveMishap mishap) {
  start_at_.reset();
  set(SlaveStage::crashed, std::move(mishap));
}

void SlaveSupervisor::start(Instant now) {
  start_at_.reset();
  process_ = Process::up;
  why_leaving_ = Why::unknown;
  spoke_ = false;
  look_again_at_.reset();
  started_ = heard_ = now;
  progress_before_ = progress_;
  ++starts_;
  ++run_;
  actions_.emplace_back(StartSlave{run_, *target_});
  set(SlaveStage::starting);
  changed_ = true;
}

void SlaveSupervisor::ask_to_leave(Why why, Instant now) {
  if (why == Why::dismissed) why_leaving_ = why;  // it stays so, whatever else it did
  if (process_ != Process::up) return;
  process_ = Process::leaving;
  why_leaving_ = why;
  kill_at_ = now + limits_.grace;
  actions_.emplace_back(AskSlaveToLeave{run_});
}

// What happens.

void SlaveSupervisor::not_started(SlaveRun run, const std::string& why, Instant now) {
  if (!is_current(run)) return;
  process_ = Process::none;
  if (!target_) return set(SlaveStage::ended);
  if (why_leaving_ == Why::dismissed) return start(now);
  SlaveMishap mishap;
  mishap.kind = SlaveMishap::Kind::not_started;
  mishap.text = why;
  crashed(std::move(mishap), now);
}

void SlaveSupervisor::wrote(SlaveRun run, std::string line, Instant now) {
  if (!is_current(run)) return;
  const auto progress = progress_of_line(line);
  if (!progress) {
    log_.push_back({std::move(line)});
    if (log_.size() > kMaxLogLines) log_.pop_front();
    return;
  }
  heard_ = now;
  look_again_at_.reset();
  spoke_ = true;
  progress_ = std::max(progress_, progress_before_ + *progress);
  if (process_ == Process::up) set(SlaveStage::running);
}

void SlaveSupervisor::ended(SlaveRun run, const SlaveExit& exit, Instant now) {
  if (!is_current(run)) return;
  process_ = Process::none;
  const Why why = std::exchange(why_leaving_, Why::unknown);
  if (!target_) {
    if (stage_ != SlaveStage::crashed) set(SlaveStage::ended);
    return;
  }
  if (why == Why::dismissed) {  // for a new owner, whom these lines do not concern
    log_.clear();
    return start(now);
  }
  if (now - started_ >= limits_.stable) crashes_ = tries_ = 0;
  if (why == Why::hung) return crashed(std::exchange(mishap_, {}), now);
  SlaveMishap mishap;
  mishap.kind = SlaveMishap::Kind::ended;
  mishap.exit = exit;
  mishap.text = last_words();
  switch (reaction_to(exit)) {
    case Reaction::restart: return crashed(std::move(mishap), now);
    case Reaction::give_up: return give_up(std::move(mishap));
    case Reaction::later:
      return wait(std::move(mishap), doubled(limits_.first_pause, tries_++, limits_.longest_pause), now);
  }
}

void SlaveSupervisor::crashed(SlaveMishap mishap, Instant now) {
  ++crashes_;
  if (crashes_ >= limits_.most_crashes) {
    mishap.failures = crashes_;
    return give_up(std::move(mishap));
  }
  wait(std::move(mishap), doubled(limits_.first_pause, crashes_ - 1, limits_.longest_pause), now);
}

void SlaveSupervisor::wait(SlaveMishap mishap, Duration pause, Instant now) {
  start_at_ = now + pause;
  mishap.again_in = pause;
  set(SlaveStage::waiting, std::move(mishap));
}

std::string SlaveSupervisor::last_words() const {
  constexpr std::string_view kMark = "error: ";
  const auto found = std::find_if(log_.rbegin(), log_.rend(),
                                  [&](const LogLine& line) { return line.text.rfind(kMark, 0) == 0; });
  return found == log_.rend() ? std::string() : found->text.substr(kMark.size());
}

// Time.

std::optional<Instant> SlaveSupervisor::wake_at() const {
  switch (process_) {
    case Process::none: return start_at_;
    case Process::up: return look_again_at_ ? *look_again_at_ : heard_ + patience();
    case Process::leaving: return kill_at_;
    case Process::killed: return std::nullopt;
  }
  return std::nullopt;
}

void SlaveSupervisor::wake(Instant now) {
  const auto due = wake_at();
  if (!due || now < *due) return;
  if (process_ == Process::none) {
    start(now);
  } else if (process_ == Process::up && !look_again_at_) {
    look_again_at_ = now + limits_.second_look;
  } else if (process_ == Process::up) {
    SlaveMishap mishap;
    mishap.kind = SlaveMishap::Kind::hung;
    mishap.silent = now - heard_;
    set(SlaveStage::hung, std::move(mishap));
    ask_to_leave(Why::hung, now);
  } else if (process_ == Process::leaving) {
    process_ = Process::killed;
    actions_.emplace_back(KillSlave{run_});
  }
}

void SlaveSupervisor::set(SlaveStage stage, SlaveMishap mishap) {
  if (stage_ == stage && mishap_ == mishap) return;
  stage_ = stage;
  mishap_ = std::move(mishap);
  changed_ = true;
}

DaemonActions SlaveSupervisor::take_actions() {
  return std::exchange(actions_, {});
}

bool SlaveSupervisor::take_changed() {
  return std::exchange(changed_, false);
}

}  // namespace oct
