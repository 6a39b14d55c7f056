#include "farm/daemon_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace oct {
namespace {

/// Which obstacle people are told of: the same one is told once.
std::string subject_of(DaemonState state, const DaemonReason& reason) {
  return fmt::format("{} {} {} {}", to_string(state), static_cast<int>(reason.kind), reason.there,
                     reason.text);
}

}  // namespace

DaemonLink::DaemonLink(const KeeperConfig& config, SeenDaemon seen)
    : config_(config), seen_(std::move(seen)) {}

void DaemonLink::see(const SeenDaemon* seen, Instant now) {
  seen_now_ = seen != nullptr;
  if (!seen) return;
  const bool became_free =
      seen_.status.mode != DaemonMode::unbound && seen->status.mode == DaemonMode::unbound;
  if (became_free) {
    next_try_ = now;
    pause_ = {};
    crashed_here_ = false;
  }
  seen_ = *seen;
}

void DaemonLink::set_wanted(bool wanted, bool steal) {
  wanted_ = wanted;
  steal_ = steal;
}

bool DaemonLink::usable() const {
  const DaemonState state = view().state;
  return (phase_ != Phase::free || seen_now_) && !robbed_ &&
         (state == DaemonState::unbound || state == DaemonState::authenticating ||
          state == DaemonState::running);
}

DaemonView DaemonLink::view() const {
  DaemonView view = view_of(seen_, config_.identity);
  view.log = log_;
  switch (phase_) {
    case Phase::free:
    case Phase::connecting:
      // Another master of this user, on this computer, is another master all the same. This very one has lost
      // its connection, and the daemon, which gives itself back to it, does not know yet.
      if (view.state == DaemonState::running) {
        const bool is_this_master = view.owner && view.owner->port == config_.master_port;
        view.state = is_this_master ? DaemonState::unbound : DaemonState::bound_to_other;
      }
      if (!seen_now_ && phase_ == Phase::free) {
        view.state = DaemonState::unknown;
        view.reason = {DaemonReason::Kind::not_seen};
      }
      break;
    case Phase::asking: view.state = DaemonState::authenticating; break;
    case Phase::occupied:
    case Phase::releasing:
      view.state = stage_ == SlaveStage::crashed   ? DaemonState::crashed
                   : stage_ == SlaveStage::running ? DaemonState::running
                                                   : DaemonState::authenticating;
      view.reason = DaemonReason::told(slave_reason_);
      break;
  }
  return view;
}

/// Whether it would give itself to us, as far as its last answer tells.
bool DaemonLink::may_ask() const {
  if (seen_.stranger || robbed_ || !seen_now_) return false;
  const DaemonView seen = view();
  if (seen.state == DaemonState::unbound) return true;
  if (seen_.status.mode == DaemonMode::crashed && seen_.status.owner.empty()) return !crashed_here_;
  const bool is_held = seen.state == DaemonState::bound_to_other ||
                       (seen_.status.mode == DaemonMode::crashed && seen.state == DaemonState::crashed);
  return is_held && steal_ && !stole_;
}

void DaemonLink::step(Instant now, KeeperActions& actions) {
  if (!wanted_) {
    told_.clear();
    if (phase_ == Phase::connecting || phase_ == Phase::asking) close(actions);
    if (phase_ == Phase::occupied) {
      phase_ = Phase::releasing;
      release_deadline_ = now + config_.release_patience;
      actions.push_back(SendToDaemon{seen_.key, ReleaseDaemon()});
    }
  }
  if (phase_ == Phase::releasing && now >= release_deadline_) close(actions);
  if (!wanted_ || phase_ != Phase::free) return;
  if (!may_ask()) return tell_why_not(actions);
  if (now < next_try_) return;
  phase_ = Phase::connecting;
  actions.push_back(OpenTalk{seen_.key, seen_.endpoint});
}

void DaemonLink::tell_once(const std::string& subject, Notice notice, KeeperActions& actions) {
  if (std::exchange(told_, subject) != subject) actions.push_back(TellPeople{std::move(notice)});
}

void DaemonLink::tell_why_not(KeeperActions& actions) {
  if (robbed_ || !seen_now_) return;  // was told when it happened; a list shows who is not seen
  const DaemonView seen = view();
  const DaemonReason& reason = seen.reason;
  // A stranger's words may be others each time.
  const std::string subject = seen_.stranger ? "stranger" : subject_of(seen.state, reason);
  switch (seen.state) {
    case DaemonState::bound_to_other:
      if (!seen.owner) return;
      return tell_once(fmt::format("bound {} {}", seen.owner->nick, seen.owner->address),
                       notice::DaemonBoundToOther{peer(), *seen.owner, config_.unix_time_s}, actions);
    case DaemonState::invalid_version:
      return tell_once(subject, notice::DaemonHasOtherVersion{peer(), reason}, actions);
    case DaemonState::crashed:
      return tell_once(subject, notice::SlaveCrashed{seen_.name(), reason.text}, actions);
    case DaemonState::deactivated:
      return tell_once(subject, notice::DaemonDeactivated{peer(), reason}, actions);
    case DaemonState::unknown:
    case DaemonState::unbound:
    case DaemonState::authenticating:
    case DaemonState::running: return;
  }
}

void DaemonLink::close(KeeperActions& actions) {
  actions.push_back(CloseTalk{seen_.key});
  phase_ = Phase::free;
  stage_ = SlaveStage::unknown;
  slave_reason_.clear();
}

void DaemonLink::pause(Instant now) {
  pause_ = pause_ == Duration{} ? config_.first_pause : std::min(pause_ * 2, config_.most_pause);
  next_try_ = now + pause_;
}

void DaemonLink::on_opened(KeeperActions& actions) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::asking;
  OccupyDaemon request;
  request.nick = config_.identity.nick;
  request.master_port = config_.master_port;
  // Asked for only where somebody has it: else a race would rob who came a moment before.
  request.steal = steal_ && !stole_ && !seen_.status.owner.empty() ? 1 : 0;
  request.heartbeat_ms = static_cast<std::uint32_t>(config_.deadlines.heartbeat.count());
  request.dead_ms = static_cast<std::uint32_t>(config_.deadlines.dead.count());
  stole_ = stole_ || request.steal == 1;
  actions.push_back(SendToDaemon{seen_.key, request});
}

void DaemonLink::on_failed(const Error& error, bool final, Instant now, KeeperActions& actions) {
  if (phase_ == Phase::free) return;
  phase_ = Phase::free;
  pause(now);
  if (final) {
    pause_ = config_.most_pause;
    next_try_ = now + pause_;
  }
  tell_once("failed " + error.message, notice::DaemonNotReached{error}, actions);
}

void DaemonLink::on_message(const DaemonMessage& message, Instant now, KeeperActions& actions) {
  std::visit([&](const auto& known) { on_answer(known, now, actions); }, message);
}

void DaemonLink::on_answer(const DaemonOccupied&, Instant, KeeperActions& actions) {
  if (phase_ != Phase::asking) return;
  phase_ = Phase::occupied;
  stage_ = SlaveStage::unknown;
  slave_reason_.clear();
  log_.clear();
  pause_ = {};
  told_.clear();
  const auto& own = config_.identity.addresses;
  const bool same_computer = is_loopback(seen_.endpoint.address) ||
                             std::find(own.begin(), own.end(), seen_.endpoint.address) != own.end();
  if (same_computer && config_.local_devices) {
    actions.push_back(TellPeople{notice::DaemonSharesDevices{seen_.name()}});
  }
}

void DaemonLink::on_answer(const OccupyRefused& message, Instant now, KeeperActions& actions) {
  if (phase_ != Phase::asking) return;
  close(actions);
  pause(now);
  switch (message.refusal) {
    case OccupyRefusal::bound_to_other:
    case OccupyRefusal::reserved: seen_.status.mode = DaemonMode::bound; break;
    case OccupyRefusal::paused: seen_.status.mode = DaemonMode::paused; break;
    case OccupyRefusal::no_slave: seen_.status.mode = DaemonMode::no_slave; break;
    case OccupyRefusal::ending:
    case OccupyRefusal::unknown: return;  // tried again after the pause, or it is gone
  }
  seen_.status.owner = message.owner;
  seen_.status.reason = message.text;
  tell_why_not(actions);
}

void DaemonLink::on_answer(const SlaveReport& message, Instant, KeeperActions& actions) {
  if (phase_ != Phase::occupied) return;
  const bool same = stage_ == message.stage && slave_reason_ == message.reason;
  stage_ = message.stage;
  slave_reason_ = message.stage == SlaveStage::running ? std::string() : message.reason;
  if (!message.log.empty()) {
    log_.clear();
    for (const LogLine& line : message.log) log_.push_back(line.text);
  }
  const std::string name = seen_.name();
  const auto tell = [&](Notice notice) { actions.push_back(TellPeople{std::move(notice)}); };
  switch (message.stage) {
    case SlaveStage::starting:
      if (!same || message.starts > 1) tell(notice::SlaveStarted{name, message.starts});
      return;
    case SlaveStage::hung:
      if (!same) tell(notice::SlaveHangs{name, message.reason});
      return;
    case SlaveStage::waiting:
      if (!same) tell(notice::SlaveRestarts{name, message.reason});
      return;
    case SlaveStage::crashed:
      crashed_here_ = true;
      if (!same) tell(notice::SlaveCrashed{name, message.reason});
      return;
    case SlaveStage::running:
    case SlaveStage::ended:
    case SlaveStage::warm:
    case SlaveStage::unknown: return;
  }
}

void DaemonLink::on_answer(const DaemonTaken& message, Instant now, KeeperActions& actions) {
  if (phase_ != Phase::occupied && phase_ != Phase::releasing) return;
  if (message.by.empty()) {
    seen_.status.mode = DaemonMode::paused;
    seen_.status.reason = message.text;
    seen_.status.owner.clear();
    actions.push_back(TellPeople{notice::DaemonTakenBack{peer(), message.text}});
    told_ = subject_of(DaemonState::deactivated, DaemonReason::told(message.text));
  } else {
    robbed_ = true;
    seen_.status.mode = DaemonMode::bound;
    seen_.status.owner = message.by;
    actions.push_back(DaemonRobbed{seen_.key, seen_.name(), seen_.endpoint.address, message.by.front()});
  }
  close(actions);
  pause(now);
}

void DaemonLink::on_answer(const DaemonReleased&, Instant, KeeperActions& actions) {
  if (phase_ != Phase::releasing) return;
  close(actions);
  seen_.status.mode = DaemonMode::unbound;
  seen_.status.owner.clear();
}

void DaemonLink::on_answer(const Unsupported&, Instant now, KeeperActions& actions) {
  if (phase_ != Phase::asking) return;
  close(actions);
  pause_ = config_.most_pause;
  next_try_ = now + pause_;
  tell_once("unsupported", notice::DaemonTooOld{peer()}, actions);
}

void DaemonLink::on_closed(const Error& error, Instant now, KeeperActions& actions) {
  if (phase_ == Phase::free) return;
  const bool had_it = phase_ == Phase::occupied;
  phase_ = Phase::free;
  stage_ = SlaveStage::unknown;
  slave_reason_.clear();
  pause(now);
  if (had_it && wanted_) actions.push_back(TellPeople{notice::DaemonLost{seen_.name(), error.message}});
}

}  // namespace oct
