#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/occupancy.hpp"

// The slave of a daemon, as it runs and as its program describes it.

namespace oct {

void Occupancy::reconcile_slave() {
  for (DaemonAction& action : slave_.take_actions()) actions_.push_back(std::move(action));
  if (slave_.take_changed()) {
    report_slave();
    announce_slave();
  }
}

void Occupancy::on_event(SlaveNotStarted& event, Moment now) {
  slave_.not_started(event.run, event.why, now.instant);
}

void Occupancy::on_event(SlaveWrote& event, Moment now) {
  slave_.wrote(event.run, std::move(event.line), now.instant);
}

void Occupancy::on_event(SlaveEnded& event, Moment now) {
  slave_.ended(event.run, event.exit, now.instant);
}

void Occupancy::report_slave() {
  if (!owner_) return;
  SlaveReport report{slave_.stage(), slave_.starts(), slave_.reason(), {}};
  if (report.stage == SlaveStage::crashed || report.stage == SlaveStage::waiting) report.log = slave_.log();
  send(owner_->connection, 0, std::move(report));
}

/// Lines for people: a start once, and whatever goes wrong.
void Occupancy::announce_slave() {
  if (!owner_) return;
  const SlaveStage stage = slave_.stage();
  if (stage == SlaveStage::starting && slave_.starts() > 0 && announced_ == SlaveStage::unknown) {
    act(Announce{fmt::format("bound by {}, slave started", owner_text(owner_->who))});
  } else if (stage == SlaveStage::starting && announced_ == SlaveStage::waiting) {
    act(Announce{"slave started again"});
  } else if (stage == SlaveStage::hung || stage == SlaveStage::waiting) {
    act(Announce{fmt::format("slave: {}", slave_.reason())});
  } else if (stage == SlaveStage::crashed) {
    act(Announce{fmt::format("slave crashed: {}", slave_.reason())});
  }
  if (stage != SlaveStage::starting || slave_.starts() > 0) announced_ = stage;
}

// What the slave program says of this computer.

bool Occupancy::wants_facts(const MasterSaid& said, Moment now) const {
  const auto& message = std::get<DaemonMessage>(said.message);
  const bool retry = std::holds_alternative<RetryDaemon>(message);
  const bool asks = retry || std::holds_alternative<DescribeDaemon>(message) ||
                    std::holds_alternative<OccupyDaemon>(message);
  if (!asks || is_slave_busy() || stopping_) return false;
  if (asking_) return true;
  return retry || !facts_ || said.slave_file != facts_file_ || now.instant - facts_at_ >= config_.facts_age;
}

void Occupancy::ask_facts() {
  if (std::exchange(asking_, true)) return;
  next_try_.reset();
  act(AskFacts{});
}

void Occupancy::on_event(DaemonStarted&, Moment) {
  ask_facts();
}

void Occupancy::on_event(FactsCame& event, Moment now) {
  asking_ = false;
  const bool news = !facts_ || facts_->has_value() != event.facts.has_value() ||
                    (event.facts && event.facts->version != facts_->value().version);
  // another program may be cured of what made the former one crash
  if (event.facts && event.slave_file != facts_file_ && !owner_) slave_.retry(now.instant);
  facts_ = std::move(event.facts);
  facts_file_ = event.slave_file;
  facts_at_ = now.instant;
  if (news) act(ShowFacts{*facts_});
  plan_next_try(now);
  for (const MasterSaid& said : std::exchange(pending_, {})) {
    std::visit([&](const auto& request) { on_request(said, request, now); },
               std::get<DaemonMessage>(said.message));
    reconcile_slave();  // one after the other
  }
}

/// Without a working slave: 10, 20, 40 ... 600 s.
void Occupancy::plan_next_try(Moment now) {
  if (has_slave()) {
    try_pause_ = config_.first_try;
    return next_try_.reset();
  }
  next_try_ = now.instant + try_pause_;
  try_pause_ = std::min(2 * try_pause_, config_.facts_age);
}

}  // namespace oct
