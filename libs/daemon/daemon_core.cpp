#include "daemon/daemon_core.hpp"

#include <algorithm>
#include <utility>

#include "daemon/daemon_words.hpp"

namespace oct {
namespace {

constexpr std::chrono::milliseconds kShortestSilence{3000};  // of a slave that speaks each second

SetDeadlines deadlines_of(const OccupyDaemon& request, ConnectionId connection, const Deadlines& usual) {
  const auto or_usual = [](std::uint32_t wanted, std::chrono::milliseconds other) {
    return wanted == 0 ? other : std::chrono::milliseconds(std::max(wanted, kMinDeadlineMs));
  };
  const auto heartbeat = or_usual(request.heartbeat_ms, usual.heartbeat);
  return {connection, heartbeat, std::max(or_usual(request.dead_ms, usual.dead), 2 * heartbeat)};
}

}  // namespace

DaemonCore::DaemonCore(DaemonCoreConfig config)
    : deadlines_(config.deadlines),
      occupancy_(config.reservation),
      rules_(config.lending),
      inquiry_(std::move(config.inquiry)),
      slave_(config.slave),
      self_(std::move(config.identity), occupancy_, inquiry_, slave_) {
  occupancy_.withhold(rules_.withheld());
}

DaemonActions DaemonCore::on(DaemonEvent event, Moment now) {
  if (ended_) return {};
  std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  reconcile(now);
  return std::exchange(actions_, {});
}

/// What follows from any event: the slave's actions, and news of it.
void DaemonCore::reconcile(Moment now) {
  if (occupancy_.end_pause_if_over(now)) announce(PauseOver{});
  reconcile_slave();
  finish_if_free(now);
}

// Requests of masters.

void DaemonCore::on_event(MasterSaid& event, Moment now) {
  if (const auto* unknown = std::get_if<UnknownMessage>(&event.message))
    return send(event.connection, event.request, Unsupported{unknown->type});
  const auto& message = std::get<DaemonMessage>(event.message);
  const bool may_ask = !slave_.is_busy() && !occupancy_.is_ending();
  if (may_ask && inquiry_.is_wanted_for(message, event.slave_file, now.instant)) {
    const ConnectionId connection = event.connection;
    if (pending_.size() >= kMaxPendingRequests) return act(FinishConnection{connection});
    pending_.push_back(std::move(event));
    return ask_facts();
  }
  std::visit([&](const auto& request) { on_request(event, request, now); }, message);
}

void DaemonCore::on_request(const MasterSaid& said, const DescribeDaemon&, Moment now) {
  send(said.connection, said.request, self_.description(now));
}

void DaemonCore::on_request(const MasterSaid& said, const OccupyDaemon& request, Moment now) {
  const DaemonOwner asker{request.nick, said.address, request.master_port, now.unix_s};
  if (const auto refusal = occupancy_.refusal(asker, request.steal != 0, now)) return refuse(said, *refusal);
  if (request.master_port < kMinPort) {
    OccupyRefused refused{OccupyRefusal::unknown, impossible_port_text(request.master_port), {}};
    return send(said.connection, said.request, std::move(refused));
  }
  if (inquiry_.facts() == nullptr) {
    OccupyRefused refused{OccupyRefusal::no_slave, no_slave_text(inquiry_.why_no_slave()), {}};
    return send(said.connection, said.request, std::move(refused));
  }
  occupy(said, request, now);
}

void DaemonCore::refuse(const MasterSaid& said, const Refusal& refusal) {
  OccupyRefused refused{refusal.kind, words_of(refusal), {}};
  if (refusal.in_favour_of) refused.owner = {*refusal.in_favour_of};
  send(said.connection, said.request, std::move(refused));
}

void DaemonCore::occupy(const MasterSaid& said, const OccupyDaemon& request, Moment now) {
  const DaemonOwner who{request.nick, said.address, request.master_port, now.unix_s};
  const SetDeadlines deadlines = deadlines_of(request, said.connection, deadlines_);
  const bool again = is_owner(said.connection) && occupancy_.owner()->who.port == who.port;
  if (again) {
    act(deadlines);
    return send(said.connection, said.request, DaemonOccupied{});
  }
  if (occupancy_.owner() && !is_owner(said.connection)) evict(occupancy_.eviction_by(who), now);
  occupancy_.take(said.connection, who, now);
  announced_ = SlaveStage::unknown;
  act(deadlines);
  send(said.connection, said.request, DaemonOccupied{});
  slave_.want({who.address, static_cast<std::uint16_t>(who.port)}, std::max(deadlines.dead, kShortestSilence),
              now.instant);
}

void DaemonCore::on_request(const MasterSaid& said, const ReleaseDaemon&, Moment now) {
  if (is_owner(said.connection)) leave_owner(OwnerFinished{occupancy_.owner()->who}, Slave::keep, now);
  answer_when_free(said);
}

void DaemonCore::on_request(const MasterSaid& said, const StealDaemon& request, Moment now) {
  const DaemonOwner thief{request.nick, said.address, 0, now.unix_s};
  if (const auto refusal = occupancy_.refusal(thief, true, now)) return refuse(said, *refusal);
  if (is_owner(said.connection)) {
    leave_owner(OwnerFinished{occupancy_.owner()->who}, Slave::keep, now);
  } else if (occupancy_.owner()) {
    evict({Eviction::Why::taken_over, thief, {}}, now);
  }
  occupancy_.keep_for(thief, now);
  answer_when_free(said);
}

void DaemonCore::on_request(const MasterSaid& said, const RetryDaemon&, Moment now) {
  const bool has_slave = inquiry_.facts() != nullptr;
  if (has_slave || !slave_.is_wanted()) slave_.retry(now.instant);
  if (!has_slave && slave_.is_wanted() && !slave_.is_alive())
    slave_.give_up({SlaveMishap::Kind::not_started, inquiry_.why_no_slave(), {}, {}, 0, {}});
  send(said.connection, said.request, self_.description(now));
}

void DaemonCore::on_request(const MasterSaid& said, const TryReach& request, Moment) {
  act(TryToReach{said.connection, said.request, {said.address, static_cast<std::uint16_t>(request.port)}});
}

/// That it came here whole is half of the answer; the other half is whether the answer gets there.
void DaemonCore::on_request(const MasterSaid& said, const TestPath& request, Moment) {
  send(said.connection, said.request, PathTested{Bytes(request.answer_bytes)});
}

void DaemonCore::on_event(ReachTried& event, Moment) {
  send(event.connection, event.request, std::move(event.result));
}

void DaemonCore::answer_when_free(const MasterSaid& said) {
  if (!slave_.is_busy()) return send(said.connection, said.request, DaemonReleased{});
  if (releases_.size() >= kMaxPendingRequests) return act(FinishConnection{said.connection});
  releases_.push_back({said.connection, said.request});
}

/// The owner loses the daemon against its will.
void DaemonCore::evict(const Eviction& eviction, Moment now) {
  const Occupancy::Owner former = *occupancy_.owner();
  DaemonTaken taken;
  if (eviction.by) {
    taken.by = {*eviction.by};
    taken.by.front().age_s = 0;
  }
  taken.text = words_of(eviction);
  send(former.connection, 0, std::move(taken));
  act(FinishConnection{former.connection});
  const bool for_a_master = eviction.by.has_value();
  leave_owner(OwnerEvicted{former.who, eviction}, for_a_master ? Slave::keep : Slave::end, now);
}

void DaemonCore::leave_owner(DaemonNews news, Slave slave, Moment now) {
  announce(std::move(news));
  occupancy_.release();
  slave == Slave::keep ? slave_.dismiss(now.instant) : slave_.end(now.instant);
}

void DaemonCore::on_event(ConnectionClosed& event, Moment now) {
  const auto is_its = [&](const auto& waiting) { return waiting.connection == event.connection; };
  std::erase_if(pending_, is_its);
  std::erase_if(releases_, is_its);
  std::erase_if(stops_, is_its);
  if (!is_owner(event.connection)) return;
  const bool orderly = event.reason.kind == ErrorKind::cancelled;
  const DaemonOwner former = occupancy_.owner()->who;
  leave_owner(orderly ? DaemonNews(OwnerFinished{former}) : OwnerGone{former, event.reason}, Slave::keep,
              now);
}

// The person at this computer.

void DaemonCore::on_event(PersonSaid& event, Moment now) {
  switch (event.said.command) {
    case ControlCommand::pause: pause(event.said.minutes, now); break;
    case ControlCommand::unpause:
      if (occupancy_.end_pause()) announce(PauseEnded{});
      break;
    case ControlCommand::stop:
      if (stops_.size() >= kMaxPendingRequests) return act(FinishConnection{event.connection});
      stops_.push_back({event.connection, event.request});
      return stop(now);
    case ControlCommand::status: break;
    case ControlCommand::unknown:
      return send(event.connection, event.request,
                  Unsupported{static_cast<std::uint32_t>(MessageType::control_request)});
  }
  answer_person(event.connection, event.request, now);
}

void DaemonCore::pause(std::uint32_t minutes, Moment now) {
  const Pause pause = occupancy_.begin_pause(minutes, now);
  announce(PauseBegun{pause});
  give_computer_back({Eviction::Why::paused, {}, pause}, now);
}

/// All of it, at once: no slave stays.
void DaemonCore::give_computer_back(const Eviction& eviction, Moment now) {
  if (occupancy_.owner()) return evict(eviction, now);
  slave_.end(now.instant);
}

void DaemonCore::stop(Moment now) {
  if (occupancy_.is_ending()) return;
  occupancy_.begin_end();
  announce(DaemonStopping{});
  give_computer_back({Eviction::Why::stopped, {}, {}}, now);
}

void DaemonCore::on_event(DaemonStopAsked&, Moment now) {
  stop(now);
}

void DaemonCore::answer_person(ConnectionId connection, std::uint32_t request, Moment now) {
  send(connection, request, ControlAnswer{self_.port(), {self_.description(now)}});
}

/// Once no process works for a former owner: who waited for that is told. Once none is left the daemon ends if it is to.
void DaemonCore::finish_if_free(Moment now) {
  if (slave_.is_busy()) return;
  for (const Waiter& waiter : std::exchange(releases_, {}))
    send(waiter.connection, waiter.request, DaemonReleased{});
  if (!occupancy_.is_ending() || slave_.is_alive()) return;
  for (const Waiter& waiter : std::exchange(stops_, {}))
    answer_person(waiter.connection, waiter.request, now);
  ended_ = true;
  act(EndDaemon{});
}

// Time.

std::optional<Instant> DaemonCore::wake_at(Moment now) const {
  if (ended_) return std::nullopt;
  std::optional<Instant> first = slave_.wake_at();
  const auto consider = [&](std::optional<Instant> other) {
    if (other && (!first || *other < *first)) first = other;
  };
  consider(inquiry_.next_try());
  consider(occupancy_.pause_end(now));
  consider(rules_.next_look());
  return first;
}

void DaemonCore::on_event(WakeUp&, Moment now) {
  slave_.wake(now.instant);
  look_at_computer(now);
  const auto& next_try = inquiry_.next_try();
  if (!next_try || now.instant < *next_try) return;
  if (slave_.is_busy()) return inquiry_.plan_next_try(now.instant);
  ask_facts();
}

// The slave.

void DaemonCore::reconcile_slave() {
  for (DaemonAction& action : slave_.take_actions()) actions_.push_back(std::move(action));
  if (slave_.take_changed()) {
    report_slave();
    announce_slave();
  }
  if (auto news = slave_.take_news()) announce(*std::move(news));
}

void DaemonCore::on_event(SlaveNotStarted& event, Moment now) {
  slave_.not_started(event.run, event.why, now.instant);
}

void DaemonCore::on_event(SlaveWrote& event, Moment now) {
  slave_.wrote(event.run, std::move(event.line), now.instant);
}

void DaemonCore::on_event(SlaveEnded& event, Moment now) {
  slave_.ended(event.run, event.exit, now.instant);
}

void DaemonCore::on_event(MemorySeen& event, Moment now) {
  slave_.memory_seen(event.free_bytes, now.instant);
}

void DaemonCore::report_slave() {
  if (!occupancy_.owner()) return;
  SlaveReport report{slave_.stage(), slave_.starts(), words_of(slave_.mishap()), {}};
  if (report.stage == SlaveStage::crashed || report.stage == SlaveStage::waiting) report.log = slave_.log();
  send(occupancy_.owner()->connection, 0, std::move(report));
}

/// A start once, and whatever goes wrong.
void DaemonCore::announce_slave() {
  if (!occupancy_.owner()) return;
  const SlaveStage stage = slave_.stage();
  if (stage == SlaveStage::starting && slave_.starts() > 0 && announced_ == SlaveStage::unknown) {
    announce(SlaveStartedFor{occupancy_.owner()->who, slave_.was_warm()});
  } else if (stage == SlaveStage::starting && announced_ == SlaveStage::waiting) {
    announce(SlaveStartedAgain{});
  } else if (stage == SlaveStage::hung || stage == SlaveStage::waiting) {
    announce(SlaveStumbled{slave_.mishap()});
  } else if (stage == SlaveStage::crashed) {
    announce(SlaveCrashed{slave_.mishap()});
  }
  if (stage != SlaveStage::starting || slave_.starts() > 0) announced_ = stage;
}

// When it is lent.

void DaemonCore::look_at_computer(Moment now) {
  if (rules_.begin_look_if_due(now.instant)) act(ReadComputer{});
}

void DaemonCore::on_event(ComputerRead& event, Moment now) {
  const bool is_news = rules_.saw(event.computer, now);
  const auto& withheld = rules_.withheld();
  occupancy_.withhold(withheld);
  if (is_news) announce(withheld ? DaemonNews(NotLent{*withheld}) : LentAgain{});
  if (withheld) give_computer_back({Eviction::Why::withheld, {}, {}, withheld}, now);
}

// What the slave program says of this computer.

void DaemonCore::ask_facts() {
  if (inquiry_.begin()) act(AskFacts{});
}

void DaemonCore::on_event(DaemonStarted&, Moment now) {
  ask_facts();
  look_at_computer(now);
}

void DaemonCore::on_event(FactsCame& event, Moment now) {
  const SlaveInquiry::Answer answer = inquiry_.came(std::move(event), now.instant);
  const SlaveFacts* facts = inquiry_.facts();
  slave_.set_can_rest(facts != nullptr && facts->can_rest);
  if (answer.is_other_program || facts == nullptr)
    slave_.cool({WarmSlaveEnded::Why::other_program, {}, 0, {}}, now.instant);
  // another program may be cured of what made the former one crash
  if (answer.is_other_program && !occupancy_.owner()) slave_.retry(now.instant);
  if (answer.is_news) act(ShowFacts{*inquiry_.answer()});
  for (const MasterSaid& said : std::exchange(pending_, {})) {
    std::visit([&](const auto& request) { on_request(said, request, now); },
               std::get<DaemonMessage>(said.message));
    reconcile_slave();  // one after the other
  }
}

}  // namespace oct
