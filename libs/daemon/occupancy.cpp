#include "daemon/occupancy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace oct {
namespace {

constexpr std::chrono::milliseconds kShortestSilence{3000};  // of a slave that speaks each second

bool is_same_user(const DaemonOwner& a, const DaemonOwner& b) {
  return a.nick == b.nick && a.address == b.address;
}

/// One program: a master's port is its own as long as it runs.
bool is_same_master(const DaemonOwner& a, const DaemonOwner& b) {
  return is_same_user(a, b) && a.port == b.port;
}

SetDeadlines deadlines_of(const OccupyDaemon& request, ConnectionId connection, const Deadlines& usual) {
  const auto or_usual = [](std::uint32_t wanted, std::chrono::milliseconds other) {
    return wanted == 0 ? other : std::chrono::milliseconds(std::max(wanted, kMinDeadlineMs));
  };
  const auto heartbeat = or_usual(request.heartbeat_ms, usual.heartbeat);
  return {connection, heartbeat, std::max(or_usual(request.dead_ms, usual.dead), 2 * heartbeat)};
}

}  // namespace

Occupancy::Occupancy(OccupancyConfig config)
    : config_(std::move(config)), slave_(config_.slave), try_pause_(config_.first_try) {}

DaemonActions Occupancy::on(DaemonEvent event, Moment now) {
  if (ended_) return {};
  std::visit([&](auto& concrete) { on_event(concrete, now); }, event);
  reconcile(now);
  return std::exchange(actions_, {});
}

/// What follows from any event: the slave's actions, and news of it.
void Occupancy::reconcile(Moment now) {
  if (pause_ && !is_paused(now)) {
    pause_.reset();
    act(Announce{"the pause is over"});
  }
  reconcile_slave();
  finish_if_free(now);
}

// Requests of masters.

void Occupancy::on_event(MasterSaid& event, Moment now) {
  if (const auto* unknown = std::get_if<UnknownMessage>(&event.message))
    return send(event.connection, event.request, Unsupported{unknown->type});
  if (wants_facts(event, now)) {
    const ConnectionId connection = event.connection;
    if (pending_.size() >= kMaxPendingRequests) return act(FinishConnection{connection});
    pending_.push_back(std::move(event));
    return ask_facts();
  }
  std::visit([&](const auto& request) { on_request(event, request, now); },
             std::get<DaemonMessage>(event.message));
}

void Occupancy::on_request(const MasterSaid& said, const DescribeDaemon&, Moment now) {
  send(said.connection, said.request, description(now));
}

void Occupancy::on_request(const MasterSaid& said, const OccupyDaemon& request, Moment now) {
  const DaemonOwner asker{request.nick, said.address, request.master_port, now.unix_s};
  if (auto refused = refusal(asker, request.steal != 0, now))
    return send(said.connection, said.request, *std::move(refused));
  if (request.master_port < kMinPort) {
    OccupyRefused refused{OccupyRefusal::unknown,
                          fmt::format("port {} is not between {} and 65535", request.master_port, kMinPort),
                          {}};
    return send(said.connection, said.request, std::move(refused));
  }
  if (!has_slave()) {
    OccupyRefused refused{
        OccupyRefusal::no_slave, fmt::format("its slave cannot start: {}", why_no_slave()), {}};
    return send(said.connection, said.request, std::move(refused));
  }
  occupy(said, request, now);
}

/// Why this asker cannot have the daemon. Its own former connection, half dead perhaps, is no obstacle.
std::optional<OccupyRefused> Occupancy::refusal(const DaemonOwner& asker, bool steals, Moment now) const {
  if (stopping_) return OccupyRefused{OccupyRefusal::ending, "the daemon is about to end", {}};
  if (is_paused(now)) return OccupyRefused{OccupyRefusal::paused, pause_text(), {}};
  if (reservation_ && now.instant < reservation_->until && !is_same_user(reservation_->who, asker)) {
    return OccupyRefused{OccupyRefusal::reserved,
                         fmt::format("kept for {} for a moment", owner_text(reservation_->who)),
                         {reservation_->who}};
  }
  if (!owner_ || steals || is_same_master(owner_->who, asker)) return std::nullopt;
  return OccupyRefused{
      OccupyRefusal::bound_to_other, fmt::format("bound to {}", owner_text(owner_->who)), {owner_->who}};
}

void Occupancy::occupy(const MasterSaid& said, const OccupyDaemon& request, Moment now) {
  const DaemonOwner who{request.nick, said.address, request.master_port, now.unix_s};
  const SetDeadlines deadlines = deadlines_of(request, said.connection, config_.deadlines);
  const bool again = is_owner(said.connection) && owner_->who.port == who.port;
  if (again) {
    act(deadlines);
    return send(said.connection, said.request, DaemonOccupied{});
  }
  if (owner_ && !is_owner(said.connection)) {
    const bool same = is_same_master(owner_->who, who);
    evict({who},
          same ? "the same master has a new connection" : fmt::format("taken over by {}", owner_text(who)),
          now);
  }
  reservation_.reset();
  owner_ = Owner{said.connection, who};
  announced_ = SlaveStage::unknown;
  act(deadlines);
  send(said.connection, said.request, DaemonOccupied{});
  slave_.want({who.address, static_cast<std::uint16_t>(who.port)}, std::max(deadlines.dead, kShortestSilence),
              now.instant);
}

void Occupancy::on_request(const MasterSaid& said, const ReleaseDaemon&, Moment now) {
  if (is_owner(said.connection)) leave_owner("finished", now);
  answer_when_free(said);
}

void Occupancy::on_request(const MasterSaid& said, const StealDaemon& request, Moment now) {
  const DaemonOwner thief{request.nick, said.address, 0, now.unix_s};
  if (auto refused = refusal(thief, true, now))
    return send(said.connection, said.request, *std::move(refused));
  if (is_owner(said.connection)) {
    leave_owner("finished", now);
  } else if (owner_) {
    evict({thief}, fmt::format("taken over by {}", owner_text(thief)), now);
  }
  reservation_ = Reservation{thief, now.instant + config_.reservation};
  answer_when_free(said);
}

void Occupancy::on_request(const MasterSaid& said, const RetryDaemon&, Moment now) {
  if (has_slave() || !slave_.is_wanted()) slave_.retry(now.instant);
  if (!has_slave() && slave_.is_wanted() && !slave_.is_alive()) slave_.give_up(why_no_slave());
  send(said.connection, said.request, description(now));
}

void Occupancy::on_request(const MasterSaid& said, const TryReach& request, Moment) {
  act(TryToReach{said.connection, said.request, {said.address, static_cast<std::uint16_t>(request.port)}});
}

void Occupancy::on_event(ReachTried& event, Moment) {
  send(event.connection, event.request, std::move(event.result));
}

void Occupancy::answer_when_free(const MasterSaid& said) {
  if (!slave_.is_alive()) return send(said.connection, said.request, DaemonReleased{});
  if (releases_.size() >= kMaxPendingRequests) return act(FinishConnection{said.connection});
  releases_.push_back({said.connection, said.request});
}

/// The owner loses the daemon against its will.
void Occupancy::evict(std::vector<DaemonOwner> by, const std::string& text, Moment now) {
  const ConnectionId former = owner_->connection;
  send(former, 0, DaemonTaken{std::move(by), text});
  act(FinishConnection{former});
  leave_owner(text, now);
}

void Occupancy::leave_owner(const std::string& news, Moment now) {
  act(Announce{fmt::format("unbound: {} {}", owner_->who.nick, news)});
  owner_.reset();
  slave_.dismiss(now.instant);
}

void Occupancy::on_event(ConnectionClosed& event, Moment now) {
  const auto is_its = [&](const auto& waiting) { return waiting.connection == event.connection; };
  std::erase_if(pending_, is_its);
  std::erase_if(releases_, is_its);
  std::erase_if(stops_, is_its);
  if (!is_owner(event.connection)) return;
  const bool orderly = event.reason.kind == ErrorKind::cancelled;
  leave_owner(orderly ? "finished" : fmt::format("is gone ({})", event.reason.message), now);
}

// The person at this computer.

void Occupancy::on_event(PersonSaid& event, Moment now) {
  switch (event.said.command) {
    case ControlCommand::pause: pause(event.said.minutes, now); break;
    case ControlCommand::unpause:
      if (pause_) act(Announce{"the pause was ended"});
      pause_.reset();
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

void Occupancy::pause(std::uint32_t minutes, Moment now) {
  const std::uint64_t end = minutes == 0 ? 0 : now.unix_s + std::uint64_t{minutes} * 60;
  const std::string text = end == 0
                               ? "paused by the user"
                               : fmt::format("paused by the user until {}", local_time_text(end, now.unix_s));
  pause_ = Pause{end, text};
  reservation_.reset();
  act(Announce{text});
  if (owner_) evict({}, text, now);
}

void Occupancy::stop(Moment now) {
  if (std::exchange(stopping_, true)) return;
  act(Announce{"stopping"});
  if (owner_) evict({}, "the daemon was stopped there", now);
}

void Occupancy::on_event(DaemonStopAsked&, Moment now) {
  stop(now);
}

void Occupancy::answer_person(ConnectionId connection, std::uint32_t request, Moment now) {
  send(connection, request, ControlAnswer{config_.port, {description(now)}});
}

/// Once no process is left: who waited for that is told, and the daemon ends if it is to.
void Occupancy::finish_if_free(Moment now) {
  if (slave_.is_alive()) return;
  for (const Waiter& waiter : std::exchange(releases_, {}))
    send(waiter.connection, waiter.request, DaemonReleased{});
  if (!stopping_) return;
  for (const Waiter& waiter : std::exchange(stops_, {}))
    answer_person(waiter.connection, waiter.request, now);
  ended_ = true;
  act(EndDaemon{});
}

// Time.

std::optional<Instant> Occupancy::wake_at(Moment now) const {
  if (ended_) return std::nullopt;
  std::optional<Instant> first = slave_.wake_at();
  const auto consider = [&](std::optional<Instant> other) {
    if (other && (!first || *other < *first)) first = other;
  };
  consider(next_try_);
  if (pause_ && pause_->until_unix_s > 0) {
    const std::uint64_t left = pause_->until_unix_s - std::min(pause_->until_unix_s, now.unix_s);
    consider(now.instant + seconds(left));
  }
  return first;
}

void Occupancy::on_event(WakeUp&, Moment now) {
  slave_.wake(now.instant);
  if (!next_try_ || now.instant < *next_try_) return;
  if (is_slave_busy()) return plan_next_try(now);
  ask_facts();
}

bool Occupancy::is_paused(Moment now) const {
  return pause_ && (pause_->until_unix_s == 0 || now.unix_s < pause_->until_unix_s);
}

}  // namespace oct
