#include "slave/slave_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/version.hpp"

namespace oct {
namespace {

constexpr Duration kFirstRetry = seconds(1);
constexpr Duration kLongestRetry = seconds(30);
constexpr Duration kLongestHeld = milliseconds(100);  // a finished unit waits for others

std::string short_hash(const Digest& digest) {
  return digest.hex().substr(0, 12);
}

}  // namespace

SlaveCore::SlaveCore(const SlaveCoreConfig& config)
    : config_(config),
      retry_delay_(kFirstRetry),
      jitter_(config.jitter_seed | 1),
      slots_(kSceneSlots, SceneSlot(config.devices.size())) {}

SlaveActions SlaveCore::on(SlaveEvent event, Instant now) {
  if (stage_ != Stage::ended) {
    std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  }
  return std::exchange(actions_, {});
}

// Reaching the master.

void SlaveCore::on_event(SlaveStarted&, Instant now) {
  unconnected_since_ = now;
  stage_ = Stage::connecting;
  act(Say{fmt::format("Connecting to master {} ...", config_.master)});
  act(ConnectToMaster{});
}

void SlaveCore::on_event(MasterReached&, Instant) {
  stage_ = Stage::greeting;
  SlaveHello hello;
  hello.version = config_.version;
  hello.kernel_hash = config_.kernel_hash;
  hello.name = config_.name;
  hello.platform = platform_name();
  hello.reads = config_.reads;
  hello.devices = config_.devices;
  hello.canaries = config_.canaries;
  send(std::move(hello));
}

void SlaveCore::on_event(MasterNotReached& event, Instant now) {
  if (event.word == PreambleWord::other_version) return refused_version(event.master_version);
  if (event.word == PreambleWord::not_activated || event.word == PreambleWord::other_farm) {
    return end(ExitCode::activation, event.error);
  }
  if (event.error.kind == ErrorKind::incompatible || event.error.kind == ErrorKind::invalid_input)
    return end(exit_code_of(event.error.kind), event.error);
  retry(now, fmt::format("Not reached: {}.", event.error.message));
}

void SlaveCore::on_event(SlaveTick&, Instant now) {
  const bool unconnected =
      stage_ == Stage::waiting || stage_ == Stage::connecting || stage_ == Stage::greeting;
  if (unconnected && config_.timeout && now - unconnected_since_ >= *config_.timeout) {
    return end(ExitCode::network,
               Error{ErrorKind::timed_out,
                     fmt::format("master {} was not reached within {:.0f} s", config_.master,
                                 to_seconds(*config_.timeout)),
                     "is octane_master running there with --net-enable, and its port open in the firewall?"});
  }
  if (stage_ == Stage::waiting && now >= retry_at_) {
    stage_ = Stage::connecting;
    act(ConnectToMaster{});
  }
  for (auto& [id, job] : jobs_) {
    if (!job.finished.empty() && now - job.oldest >= kLongestHeld) flush(job);
  }
}

/// Exponential back-off, 1 to 30 s, with up to 20 % jitter. A supervised slave exits instead: its daemon restarts it.
void SlaveCore::retry(Instant now, const std::string& why) {
  if (config_.supervised) return end(ExitCode::network, Error{ErrorKind::unavailable, why, {}});
  stage_ = Stage::waiting;
  jitter_ = jitter_ * 1664525u + 1013904223u;
  const double stretch = 1 + 0.2 * ((jitter_ >> 16) / 65536.0);
  retry_at_ = now + std::chrono::duration_cast<Duration>(retry_delay_ * stretch);
  act(Say{fmt::format("{} Trying again in {:.0f} s.", why, to_seconds(retry_delay_))});
  retry_delay_ = std::min(retry_delay_ * 2, kLongestRetry);
}

void SlaveCore::on_event(MasterGone& event, Instant now) {
  const Stage stage = stage_;
  forget_connection();
  if (stage == Stage::waiting || stage == Stage::connecting) return;  // the next attempt is planned already
  if (end_after_close_ || stopping_) return end(end_code_, std::move(end_error_));
  unconnected_since_ = now;
  if (stage == Stage::closing && !config_.supervised) {
    retry_delay_ = kFirstRetry;
    stage_ = Stage::waiting;
    retry_at_ = now + retry_delay_;
    return;
  }
  if (stage == Stage::accepted) retry_delay_ = kFirstRetry;
  retry(now, fmt::format("Connection to master {} lost: {}.", config_.master, event.error.message));
}

/// What was granted by a connection that is gone is rendered by others by now.
void SlaveCore::forget_connection() {
  for (auto& [id, job] : jobs_) {
    job.lease = 0;
    job.finished.clear();
  }
  cancel_jobs();
  for (SceneSlot& slot : slots_) {
    slot.wants.connection_lost();
    slot.frame = kNoFrame;
  }
  coming_chunks_.clear();
}

void SlaveCore::end(ExitCode code, std::optional<Error> error) {
  cancel_jobs();
  stage_ = Stage::ended;
  act(EndSlave{code, std::move(error)});
}

void SlaveCore::refused_version(std::uint32_t master_version) {
  end(ExitCode::version, Error{ErrorKind::incompatible,
                               fmt::format("master {} has version {}, this slave is {}", config_.master,
                                           master_version, config_.version),
                               "use the same release folder on both computers"});
}

// Messages.

void SlaveCore::on_event(MasterMessage& event, Instant now) {
  if (stage_ == Stage::closing) return;
  std::visit([&](auto& message) { on_message(message, now); }, event.message);
}

void SlaveCore::on_event(MasterBroken& event, Instant now) {
  reject(event.why, now);
}

void SlaveCore::on_message(MasterWelcome& message, Instant now) {
  if (stage_ != Stage::greeting) return reject("it said welcome twice", now);
  stage_ = Stage::accepted;
  retry_delay_ = kFirstRetry;
  act(EstablishMaster{milliseconds(message.heartbeat_ms), milliseconds(message.dead_ms)});
  act(Say{fmt::format("Launching net render slave ({}) with master {}", config_.version, config_.master)});
  if (stopping_) leave_if_idle();
}

void SlaveCore::on_message(MasterRefusal& message, Instant now) {
  switch (message.reason) {
    case RefusalReason::other_version: return refused_version(message.master_version);
    case RefusalReason::other_kernels:
      return end(ExitCode::version,
                 Error{ErrorKind::incompatible,
                       fmt::format("master {} has other kernels of the same version: {} there, {} here",
                                   config_.master, short_hash(message.master_kernel_hash),
                                   short_hash(config_.kernel_hash)),
                       "use the same release folder on both computers"});
    case RefusalReason::full:
    case RefusalReason::stopping: break;
  }
  act(FinishMaster{});
  retry(now, fmt::format("Master {} does not take this slave now: {}.", config_.master, message.text));
}

void SlaveCore::on_message(Heartbeat&, Instant) {}

void SlaveCore::on_message(Goodbye& message, Instant now) {
  cancel_jobs();
  stage_ = Stage::closing;
  act(FinishMaster{});
  if (message.reason == GoodbyeReason::rejected || message.reason == GoodbyeReason::failed) {
    end_after_close_ = message.reason == GoodbyeReason::rejected;
    end_code_ = ExitCode::device;
    end_error_ = Error{ErrorKind::exhausted,
                       fmt::format("master {} does not use this slave: {}", config_.master, message.text),
                       {}};
    if (!end_after_close_) act(Say{fmt::format("Master {} ended: {}", config_.master, message.text)});
    return;
  }
  unconnected_since_ = now;
  if (config_.once || config_.supervised) {
    end_after_close_ = true;
    act(Say{"Master finished."});
  } else {
    act(Say{fmt::format("Master finished. Waiting for the next render at {}. CTRL-C ends.", config_.master)});
  }
}

/// The master broke the protocol: say why, close, and try again later.
void SlaveCore::reject(const std::string& why, Instant) {
  if (stage_ == Stage::closing) return;
  cancel_jobs();
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::rejected;
  goodbye.text = why;
  send(std::move(goodbye));
  act(FinishMaster{});
  act(Say{fmt::format("Disconnecting from master {}: {}.", config_.master, why)});
  stage_ = Stage::closing;
}

// Leaving.

void SlaveCore::on_event(SlaveStopAsked&, Instant) {
  stopping_ = true;
  if (stage_ != Stage::accepted) return end(ExitCode::done);
  for (auto& [id, job] : jobs_) act(CancelJob{job.device, id});
  leave_if_idle();
}

/// When the last lease has been answered or returned.
void SlaveCore::leave_if_idle() {
  if (!stopping_ || stage_ != Stage::accepted || !jobs_.empty()) return;
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::leaving;
  send(std::move(goodbye));
  act(FinishMaster{});
  stage_ = Stage::closing;
}

void SlaveCore::cancel_jobs() {
  for (auto& [id, job] : jobs_) act(CancelJob{job.device, id});
}

}  // namespace oct
