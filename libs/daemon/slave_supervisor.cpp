#include "daemon/slave_supervisor.hpp"

#include <algorithm>
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

// What is wanted.

void SlaveSupervisor::want(const SlaveTarget& target, Duration silence, Instant now) {
  if (process_ != Process::none && process_ != Process::resting) let_go(now);
  target_ = target;
  silence_ = silence;
  crashes_ = tries_ = 0;
  starts_ = 0;
  was_warm_ = false;
  start_at_.reset();
  log_.clear();
  set(SlaveStage::starting);
  changed_ = true;
  if (process_ == Process::none || process_ == Process::resting) begin(now);
}

void SlaveSupervisor::dismiss(Instant now) {
  target_.reset();
  start_at_.reset();
  if (process_ == Process::resting) return keep(now);
  if (is_alive()) return let_go(now);
  if (stage_ != SlaveStage::unknown && stage_ != SlaveStage::crashed) set(SlaveStage::ended);
}

void SlaveSupervisor::end(Instant now) {
  target_.reset();
  start_at_.reset();
  if (is_alive()) return ask_to_leave(Why::dismissed, now);
  if (stage_ != SlaveStage::unknown && stage_ != SlaveStage::crashed) set(SlaveStage::ended);
}

void SlaveSupervisor::cool(const WarmSlaveEnded& why, Instant now) {
  if (!is_warm()) return;
  news_ = why;
  ask_to_leave(Why::dismissed, now);
}

void SlaveSupervisor::retry(Instant now) {
  crashes_ = tries_ = 0;
  if (target_ && (process_ == Process::none || process_ == Process::resting)) return begin(now);
  if (!is_alive() && stage_ == SlaveStage::crashed) set(SlaveStage::ended);
}

void SlaveSupervisor::give_up(SlaveMishap mishap) {
  start_at_.reset();
  set(SlaveStage::crashed, std::move(mishap));
}

/// For the target, by the process at rest if there is one.
void SlaveSupervisor::begin(Instant now) {
  start_at_.reset();
  why_leaving_ = Why::unknown;
  look_again_at_.reset();
  started_ = heard_ = now;
  ++starts_;
  process_ == Process::resting ? send_to_work() : start();
  process_ = Process::up;
  set(SlaveStage::starting);
  changed_ = true;
}

void SlaveSupervisor::start() {
  spoke_ = false;
  can_rest_ = program_can_rest_ && warm_.is_wanted();
  progress_before_ = progress_;
  ++run_;
  master_ = 0;
  actions_.emplace_back(StartSlave{run_, *target_, can_rest_});
}

void SlaveSupervisor::send_to_work() {
  was_warm_ = was_warm_ || starts_ == 1;
  actions_.emplace_back(SendSlaveTo{run_, ++master_, *target_});
}

bool SlaveSupervisor::may_rest() const {
  return can_rest_ && spoke_ && (process_ == Process::up || process_ == Process::settling);
}

/// Its owner has gone, or is another one now.
void SlaveSupervisor::let_go(Instant now) {
  if (!may_rest()) return ask_to_leave(Why::dismissed, now);
  why_leaving_ = Why::dismissed;
  if (process_ == Process::settling) return;
  process_ = Process::settling;
  look_again_at_.reset();
  kill_at_ = now + limits_.grace;
  actions_.emplace_back(AskSlaveToRest{run_});
}

void SlaveSupervisor::ask_to_leave(Why why, Instant now) {
  if (why == Why::dismissed) why_leaving_ = why;  // it stays so, whatever else it did
  if (process_ != Process::up && process_ != Process::settling && process_ != Process::resting) return;
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
  if (why_leaving_ == Why::dismissed) return begin(now);
  SlaveMishap mishap;
  mishap.kind = SlaveMishap::Kind::not_started;
  mishap.text = why;
  crashed(std::move(mishap), now);
}

void SlaveSupervisor::wrote(SlaveRun run, std::string line, Instant now) {
  if (!is_current(run)) return;
  const auto word = slave_word_of(line);
  if (!word) {
    log_.push_back({std::move(line)});
    if (log_.size() > kMaxLogLines) log_.pop_front();
    return;
  }
  heard_ = now;
  look_again_at_.reset();
  if (const auto* rests = std::get_if<SlaveRests>(&*word)) return rested(*rests, now);
  if (process_ == Process::resting) return;  // it was on its way
  spoke_ = true;
  progress_ = std::max(progress_, progress_before_ + std::get<SlaveProgress>(*word).progress);
  if (process_ == Process::up) set(SlaveStage::running);
}

/// It has let go of its master, because it was asked to or by itself.
void SlaveSupervisor::rested(const SlaveRests& said, Instant now) {
  if (said.number != master_) return;  // on its way when it was sent to the next one
  if (process_ == Process::resting) {
    warm_.heard();
    return gpu_memory_seen(said, now);
  }
  if (process_ != Process::up && process_ != Process::settling) return;
  process_ = Process::resting;
  const Why why = std::exchange(why_leaving_, Why::unknown);
  if (!target_) {
    keep(now);
    return gpu_memory_seen(said, now);
  }
  if (why != Why::dismissed) return stopped_by_itself({said.code, 0}, now);
  log_.clear();  // for a new owner, whom these lines do not concern
  begin(now);
}

void SlaveSupervisor::keep(Instant now) {
  warm_.begin(now);
  news_ = SlaveKeptWarm{warm_.keep_time()};
  set(SlaveStage::warm);
}

void SlaveSupervisor::ended(SlaveRun run, const SlaveExit& exit, Instant now) {
  if (!is_current(run)) return;
  const bool rested = process_ == Process::resting;
  process_ = Process::none;
  const Why why = std::exchange(why_leaving_, Why::unknown);
  if (!target_) {
    if (rested) news_ = WarmSlaveEnded{WarmSlaveEnded::Why::died, {}, 0, exit};
    if (stage_ != SlaveStage::crashed) set(SlaveStage::ended);
    return;
  }
  if (rested) return;  // another one is started when this one would have been sent to work
  if (why == Why::dismissed) {
    log_.clear();
    return begin(now);
  }
  if (why != Why::hung) return stopped_by_itself(exit, now);
  if (now - started_ >= limits_.stable) crashes_ = tries_ = 0;
  crashed(std::exchange(mishap_, {}), now);
}

/// Its owner still wants it.
void SlaveSupervisor::stopped_by_itself(const SlaveExit& exit, Instant now) {
  if (now - started_ >= limits_.stable) crashes_ = tries_ = 0;
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

void SlaveSupervisor::memory_seen(std::uint64_t free_bytes, Instant now) {
  if (const auto end = warm_.memory_seen(WarmSlaveEnded::Why::memory_short, free_bytes)) cool(*end, now);
}

void SlaveSupervisor::gpu_memory_seen(const SlaveRests& said, Instant now) {
  if (!said.free_gpu_bytes) return;
  if (const auto end = warm_.memory_seen(WarmSlaveEnded::Why::gpu_memory_short, *said.free_gpu_bytes))
    cool(*end, now);
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
    case Process::resting: return target_ ? start_at_ : warm_.wake_at();
    case Process::settling:
    case Process::leaving: return kill_at_;
    case Process::killed: return std::nullopt;
  }
  return std::nullopt;
}

void SlaveSupervisor::wake(Instant now) {
  const auto due = wake_at();
  if (!due || now < *due) return;
  switch (process_) {
    case Process::none: return begin(now);
    case Process::up: return silent(now);
    case Process::resting: return target_ ? begin(now) : look_after_warm(now);
    case Process::settling:
    case Process::leaving:
      process_ = Process::killed;
      actions_.emplace_back(KillSlave{run_});
      return;
    case Process::killed: return;
  }
}

void SlaveSupervisor::silent(Instant now) {
  if (!look_again_at_) {
    look_again_at_ = now + limits_.second_look;
    return;
  }
  SlaveMishap mishap;
  mishap.kind = SlaveMishap::Kind::hung;
  mishap.silent = now - heard_;
  set(SlaveStage::hung, std::move(mishap));
  ask_to_leave(Why::hung, now);
}

void SlaveSupervisor::look_after_warm(Instant now) {
  const WarmSlave::Due due = warm_.wake(now);
  if (due.end) return cool(*due.end, now);
  if (due.look_at_memory) actions_.emplace_back(LookAtMemory{});
  if (due.ask) actions_.emplace_back(AskSlaveToRest{run_});
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
