#include "slave/slave_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"
#include "base/version.hpp"
#include "slave/slave_words.hpp"

namespace oct {
namespace {

/// For what is finished to be sent, before a slave that is asked to rest drops the connection: its daemon kills it a few
/// seconds later.
constexpr Duration kLongestFarewell = seconds(3);
/// The same for one that ends: a device may hang.
constexpr Duration kLongestStop = seconds(10);

std::string short_hash(const Digest& digest) {
  return digest.hex().substr(0, 12);
}

}  // namespace

SlaveCore::SlaveCore(const SlaveCoreConfig& config)
    : config_(config),
      attempts_(config.jitter_seed, config.timeout),
      jobs_(outbox_),
      scenes_(config.devices, jobs_, outbox_) {}

SlaveActions SlaveCore::on(SlaveEvent event, Instant now) {
  if (stage_ != Stage::ended) {
    std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  }
  return outbox_.take();
}

void SlaveCore::enter(Stage stage) {
  stage_ = stage;
  outbox_.set_open(stage == Stage::accepted);
}

// Reaching the master.

void SlaveCore::on_event(SlaveStarted&, Instant now) {
  if (!config_.master.address.empty()) return seek(now);
  attempts_.lost(now);
  enter(Stage::unaddressed);
}

void SlaveCore::seek(Instant now) {
  attempts_.lost(now);
  connect();
}

void SlaveCore::connect() {
  enter(Stage::connecting);
  outbox_.act(Say{MasterSought{config_.master.text()}});
  outbox_.act(ConnectToMaster{config_.master});
}

void SlaveCore::on_event(MasterReached&, Instant) {
  enter(Stage::greeting);
  SlaveHello hello;
  hello.version = config_.version;
  hello.kernel_hash = config_.kernel_hash;
  hello.name = config_.name;
  hello.platform = platform_name();
  hello.reads = config_.reads;
  hello.devices = config_.devices;
  hello.canaries = config_.canaries;
  outbox_.send(std::move(hello));
}

void SlaveCore::on_event(MasterNotReached& event, Instant now) {
  if (event.word == PreambleWord::other_version) return refused_version(event.master_version);
  if (event.word == PreambleWord::not_activated || event.word == PreambleWord::other_farm) {
    return end(ExitCode::activation, event.error);
  }
  if (event.error.kind == ErrorKind::incompatible || event.error.kind == ErrorKind::invalid_input ||
      event.error.kind == ErrorKind::exhausted)
    return end(exit_code_of(event.error.kind), event.error);
  retry(now, MasterMissed::Why::not_reached, event.error);
}

void SlaveCore::on_event(SlaveTick&, Instant now) {
  if (stage_ == Stage::unaddressed && attempts_.is_over(now)) {
    return end(ExitCode::network,
               Error{ErrorKind::timed_out,
                     fmt::format("no master wrote its address within {:.0f} s", to_seconds(*config_.timeout)),
                     "octane_master SCENE --net-enable --net-address-file FILE writes it"});
  }
  const bool unconnected =
      stage_ == Stage::waiting || stage_ == Stage::connecting || stage_ == Stage::greeting;
  if (unconnected && attempts_.is_over(now)) return end(ExitCode::network, not_reached_in_time());
  if (stage_ == Stage::waiting && attempts_.is_due(now)) {
    enter(Stage::connecting);
    outbox_.act(ConnectToMaster{config_.master});
  }
  jobs_.flush_overdue(now);
  const bool saying_goodbye = stage_ == Stage::accepted || stage_ == Stage::closing;
  if (!saying_goodbye || now < leave_by_) return;
  if (stopping_) return end(ExitCode::done);
  if (rest_asked_) return rest(ExitCode::done);
  if (next_master_) follow(now);
}

/// Why the last attempt failed says more than that time is over.
Error SlaveCore::not_reached_in_time() const {
  Error error{ErrorKind::timed_out,
              fmt::format("master {} was not reached within {:.0f} s", config_.master.text(),
                          to_seconds(*config_.timeout)),
              "is octane_master running there with --net-enable, and its port open in the firewall?"};
  if (!last_miss_) return error;
  error.message += ": " + last_miss_->message;
  if (!last_miss_->help.empty()) error.help = last_miss_->help;
  return error;
}

/// A supervised slave ends, or rests, instead: its daemon starts it again. What would help is told once.
void SlaveCore::retry(Instant now, MasterMissed::Why why, const Error& reason) {
  const bool is_known = last_miss_ && last_miss_->message == reason.message;
  last_miss_ = reason;
  MasterMissed missed{why, reason.message, is_known ? std::string() : reason.help, {}};
  if (config_.supervised) {
    Error error{ErrorKind::unavailable, words_of(missed, config_.master.text()), reason.help};
    return config_.warm ? rest(ExitCode::network, std::move(error))
                        : end(ExitCode::network, std::move(error));
  }
  enter(Stage::waiting);
  missed.pause = attempts_.plan_next(now);
  outbox_.act(Say{std::move(missed)});
}

void SlaveCore::on_event(MasterGone& event, Instant now) {
  const Stage stage = stage_;
  forget_connection();
  if (stage == Stage::waiting || stage == Stage::connecting) return;  // the next attempt is planned already
  if (stage == Stage::resting) return;
  if (end_after_close_ || stopping_) return end(end_code_, std::move(end_error_));
  attempts_.lost(now);
  if (next_master_) return follow(now);
  if (stage == Stage::closing && !config_.supervised) {
    enter(Stage::waiting);
    return attempts_.plan_soon(now);
  }
  if (rest_asked_ || rest_after_close_) return rest(ExitCode::done);
  if (stage == Stage::accepted) attempts_.reached();
  retry(now, MasterMissed::Why::lost, event.error);
}

void SlaveCore::forget_connection() {
  jobs_.connection_lost();
  scenes_.connection_lost();
}

void SlaveCore::end(ExitCode code, std::optional<Error> error) {
  jobs_.cancel_all();
  enter(Stage::ended);
  outbox_.act(EndSlave{code, std::move(error)});
}

void SlaveCore::refused_version(std::uint32_t master_version) {
  end(ExitCode::version, Error{ErrorKind::incompatible,
                               fmt::format("master {} has version {}, this slave is {}",
                                           config_.master.text(), master_version, config_.version),
                               "use the same release folder on both computers"});
}

// Messages.

void SlaveCore::on_event(MasterMessage& event, Instant now) {
  if (stage_ == Stage::closing) return;
  std::visit([&](auto& message) { on_message(message, now); }, event.message);
}

void SlaveCore::on_event(MasterBroken& event, Instant) {
  reject(event.why);
}

void SlaveCore::on_message(MasterWelcome& message, Instant) {
  if (stage_ != Stage::greeting) return reject("it said welcome twice");
  enter(Stage::accepted);
  attempts_.reached();
  last_miss_.reset();
  outbox_.act(EstablishMaster{milliseconds(message.heartbeat_ms), milliseconds(message.dead_ms)});
  outbox_.act(Say{MasterJoined{config_.version}});
  if (stopping_) leave_if_idle();
}

void SlaveCore::on_message(MasterRefusal& message, Instant now) {
  switch (message.reason) {
    case RefusalReason::other_version: return refused_version(message.master_version);
    case RefusalReason::other_kernels:
      return end(ExitCode::version,
                 Error{ErrorKind::incompatible,
                       fmt::format("master {} has other kernels of the same version: {} there, {} here",
                                   config_.master.text(), short_hash(message.master_kernel_hash),
                                   short_hash(config_.kernel_hash)),
                       "use the same release folder on both computers"});
    case RefusalReason::full:
    case RefusalReason::stopping: break;
  }
  outbox_.act(FinishMaster{});
  retry(now, MasterMissed::Why::not_taken, {ErrorKind::unavailable, message.text, {}});
}

void SlaveCore::on_message(Heartbeat&, Instant) {}

void SlaveCore::on_message(Goodbye& message, Instant now) {
  jobs_.cancel_all();
  enter(Stage::closing);
  outbox_.act(FinishMaster{});
  if (message.reason == GoodbyeReason::failed) return outbox_.act(Say{MasterFailed{message.text}});
  if (message.reason == GoodbyeReason::rejected) {
    end_after_close_ = true;
    end_code_ = ExitCode::device;
    end_error_ =
        Error{ErrorKind::exhausted,
              fmt::format("master {} does not use this slave: {}", config_.master.text(), message.text),
              {}};
    return;
  }
  attempts_.lost(now);
  rest_after_close_ = config_.warm;
  end_after_close_ = config_.once || (config_.supervised && !config_.warm);
  outbox_.act(Say{MasterFinished{!config_.once && !config_.supervised}});
}

/// The master broke the protocol: say why, close, and try again later.
void SlaveCore::reject(const std::string& why) {
  if (stage_ != Stage::greeting && stage_ != Stage::accepted) return;
  jobs_.cancel_all();
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::rejected;
  goodbye.text = why;
  outbox_.send(std::move(goodbye));
  outbox_.act(FinishMaster{});
  outbox_.act(Say{MasterDropped{why}});
  enter(Stage::closing);
}

// Scenes and leases.

void SlaveCore::on_message(ManifestPart& message, Instant now) {
  if (stage_ != Stage::accepted) return reject("it sent a manifest before its welcome");
  heed(scenes_.announce(std::move(message), now));
}

void SlaveCore::on_message(Chunk& message, Instant) {
  heed(scenes_.store(std::move(message)));
}

void SlaveCore::on_message(FrameEnd& message, Instant now) {
  heed(scenes_.end_frame(message.frame, now));
}

void SlaveCore::on_message(LeaseGrant& message, Instant) {
  if (stage_ != Stage::accepted) return reject("it granted a lease before its welcome");
  const SceneSlot* slot = scenes_.of_frame(message.frame);
  if (slot == nullptr) return;  // it has ended
  if (auto fault = jobs_.begin(std::move(message), *slot, scenes_.number_of(*slot))) reject(fault->why);
}

void SlaveCore::on_message(LeaseRecall& message, Instant) {
  jobs_.recall(message.lease);
}

void SlaveCore::on_event(SceneBegun& event, Instant) {
  heed(scenes_.begun(std::move(event)));
}

void SlaveCore::on_event(ChunkStored& event, Instant) {
  heed(scenes_.stored(event));
}

void SlaveCore::on_event(SceneRebuilt& event, Instant) {
  heed(scenes_.rebuilt(event));
}

void SlaveCore::on_event(DeviceUploaded& event, Instant) {
  heed(scenes_.uploaded(event));
}

void SlaveCore::on_event(UnitsFinished& event, Instant now) {
  jobs_.finished(std::move(event), now);
}

void SlaveCore::on_event(JobEnded& event, Instant) {
  if (auto failed = jobs_.ended(event))
    heed(scenes_.device_failed(failed->slot, failed->device, failed->error));
  leave_if_idle();
  rest_if_idle();
}

void SlaveCore::on_event(DeviceLost& event, Instant) {
  device_lost_ = true;
  if (event.hangs) jobs_.give_up(event.device);
  heed(scenes_.device_lost(event.device, event.error));
  if (stage_ == Stage::resting) {  // as rest() says
    Rest rest = rest_.value_or(Rest{master_number_, ExitCode::done, std::nullopt});
    return end(rest.code, std::move(rest.error));
  }
  leave_if_idle();
}

void SlaveCore::on_event(CacheFailed& event, Instant) {
  outbox_.act(Say{CacheGivenUp{std::move(event.why)}});
}

void SlaveCore::heed(std::optional<SlaveTrouble> trouble) {
  if (!trouble) return;
  std::visit(Overloaded{
                 [&](const MasterAtFault& fault) { reject(fault.why); },
                 [&](const NothingToOffer& useless) { give_up(useless.error); },
             },
             *trouble);
}

/// Nothing here can render this scene: another slave may.
void SlaveCore::give_up(const Error& error) {
  jobs_.cancel_all();
  end_after_close_ = true;
  end_code_ = ExitCode::device;
  end_error_ = error;
  if (stage_ != Stage::accepted) return end(end_code_, end_error_);
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::failed;
  goodbye.text = error.message;
  outbox_.send(std::move(goodbye));
  outbox_.act(FinishMaster{});
  enter(Stage::closing);
}

// Leaving.

void SlaveCore::on_event(SlaveStopAsked&, Instant now) {
  stopping_ = true;
  if (stage_ != Stage::accepted) return end(ExitCode::done);
  leave_by_ = now + kLongestStop;
  jobs_.leave();
  leave_if_idle();
}

void SlaveCore::on_event(RestAsked&, Instant now) {
  if (stopping_ || !config_.warm) return;
  if (stage_ == Stage::resting) {
    if (!rest_) outbox_.act(Rest{master_number_, ExitCode::done, std::nullopt});  // it was told already
    return;
  }
  rest_asked_ = true;
  if (stage_ != Stage::closing && stage_ != Stage::accepted) return rest(ExitCode::done);
  begin_farewell(now);
}

/// What is finished is still sent.
void SlaveCore::begin_farewell(Instant now) {
  leave_by_ = now + kLongestFarewell;
  if (stage_ == Stage::closing) return;
  jobs_.leave();
  leave_if_idle();
}

/// What the slots hold stays; the daemon is told when no device is at work any more. With a device that is lost it ends
/// instead: the daemon starts another one, which may find it well.
void SlaveCore::rest(ExitCode code, std::optional<Error> error) {
  if (device_lost_) return end(code, std::move(error));
  outbox_.act(DropMaster{});
  forget_connection();
  enter(Stage::resting);
  rest_asked_ = rest_after_close_ = end_after_close_ = false;
  end_code_ = ExitCode::done;
  end_error_.reset();
  rest_ = Rest{master_number_, code, std::move(error)};
  rest_if_idle();
}

void SlaveCore::rest_if_idle() {
  if (stage_ != Stage::resting || !rest_ || !jobs_.none_left()) return;
  outbox_.act(*std::exchange(rest_, std::nullopt));
}

void SlaveCore::on_event(MasterNamed& event, Instant now) {
  if (stopping_ || !config_.warm) return;
  if (stage_ != Stage::resting) rest(ExitCode::done);
  config_.master = std::move(event.master);
  master_number_ = event.number;
  rest_.reset();
  seek(now);
}

void SlaveCore::on_event(MasterMoved& event, Instant now) {
  if (stopping_ || config_.supervised) return;
  const bool is_same = event.master == config_.master;
  if (stage_ == Stage::accepted || stage_ == Stage::closing) {
    const bool is_leaving = next_master_.has_value();
    if (is_same && !is_leaving) return;
    next_master_ = std::move(event.master);
    if (!is_leaving) begin_farewell(now);
    return;
  }
  if (is_same && stage_ != Stage::waiting) return;  // it is being reached
  config_.master = std::move(event.master);
  attempts_.reached();
  outbox_.act(DropMaster{});
  forget_connection();
  connect();
}

/// The former master is left; what the slots hold stays.
void SlaveCore::follow(Instant now) {
  config_.master = *std::exchange(next_master_, std::nullopt);
  attempts_.reached();
  outbox_.act(DropMaster{});
  forget_connection();
  seek(now);
}

/// When the last lease has been answered or returned.
void SlaveCore::leave_if_idle() {
  if ((!stopping_ && !rest_asked_ && !next_master_) || stage_ != Stage::accepted || !jobs_.none_left())
    return;
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::leaving;
  outbox_.send(std::move(goodbye));
  outbox_.act(FinishMaster{});
  enter(Stage::closing);
}

}  // namespace oct
