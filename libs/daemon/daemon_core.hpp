#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/daemon_events.hpp"
#include "daemon/lending_rules.hpp"
#include "daemon/occupancy.hpp"
#include "daemon/self_description.hpp"
#include "daemon/slave_inquiry.hpp"
#include "daemon/slave_supervisor.hpp"

namespace oct {

struct DaemonCoreConfig {
  DaemonIdentity identity;
  SlaveInquiryConfig inquiry;
  Deadlines deadlines;  ///< where a master names none
  SlaveSupervisorLimits slave;
  LendingChoice lending;
  Duration reservation = seconds(30);  ///< for who stole it
};

/// Decides everything that a daemon does. It joins Occupancy (who may have it), SlaveInquiry (what there is to lend),
/// LendingRules (when), SlaveSupervisor (the owner's slave) and SelfDescription (what askers are told): when the owner's connection closes, for
/// whatever reason, the slave is ended and the daemon is free. Pure: no clock, socket or process; one thread.
class DaemonCore {
 public:
  explicit DaemonCore(DaemonCoreConfig config);
  DaemonCore(const DaemonCore&) = delete;
  DaemonCore& operator=(const DaemonCore&) = delete;

  DaemonActions on(DaemonEvent event, Moment now);

  /// When to tell it WakeUp; nothing = only events matter.
  std::optional<Instant> wake_at(Moment now) const;

  const SelfDescription& self() const { return self_; }
  /// Of the slave, for heartbeats to the owner.
  std::uint64_t progress() const { return slave_.progress(); }
  bool is_owner(ConnectionId connection) const { return occupancy_.is_owner(connection); }

 private:
  /// An answer that waits for the slave.
  struct Waiter {
    ConnectionId connection = 0;
    std::uint32_t request = 0;
  };

  void on_event(DaemonStarted& event, Moment now);
  void on_event(ComputerRead& event, Moment now);
  void on_event(MasterSaid& event, Moment now);
  void on_event(PersonSaid& event, Moment now);
  void on_event(ConnectionClosed& event, Moment now);
  void on_event(FactsCame& event, Moment now);
  void on_event(SlaveNotStarted& event, Moment now);
  void on_event(SlaveWrote& event, Moment now);
  void on_event(SlaveEnded& event, Moment now);
  void on_event(MemorySeen& event, Moment now);
  void on_event(ReachTried& event, Moment now);
  void on_event(WakeUp& event, Moment now);
  void on_event(DaemonStopAsked& event, Moment now);

  void on_request(const MasterSaid& said, const DescribeDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const OccupyDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const ReleaseDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const StealDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const RetryDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const TryReach& request, Moment now);
  void on_request(const MasterSaid& said, const TestPath& request, Moment now);
  void on_request(const MasterSaid&, const Heartbeat&, Moment) {}
  void on_request(const MasterSaid&, const Unsupported&, Moment) {}
  template <class Other>
  void on_request(const MasterSaid& said, const Other&, Moment) {
    send(said.connection, said.request, Unsupported{static_cast<std::uint32_t>(Other::kType)});
  }

  void occupy(const MasterSaid& said, const OccupyDaemon& request, Moment now);
  void refuse(const MasterSaid& said, const Refusal& refusal);
  void evict(const Eviction& eviction, Moment now);
  void give_computer_back(const Eviction& eviction, Moment now);
  /// Whether its slave may be kept for the next one.
  enum class Slave { keep, end };
  void leave_owner(DaemonNews news, Slave slave, Moment now);
  void answer_when_free(const MasterSaid& said);

  void pause(std::uint32_t minutes, Moment now);
  void stop(Moment now);
  void answer_person(ConnectionId connection, std::uint32_t request, Moment now);
  void finish_if_free(Moment now);

  void look_at_computer(Moment now);
  void ask_facts();
  void reconcile(Moment now);
  void reconcile_slave();
  void report_slave();
  void announce_slave();
  template <class Message>
  void send(ConnectionId connection, std::uint32_t request, Message message) {
    act(SendTo{connection, request, DaemonMessage(std::move(message))});
  }
  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }

  void announce(DaemonNews news) { act(Announce{std::move(news)}); }

  const Deadlines deadlines_;
  Occupancy occupancy_;
  LendingRules rules_;
  SlaveInquiry inquiry_;
  SlaveSupervisor slave_;
  SelfDescription self_;
  bool ended_ = false;
  std::vector<Waiter> releases_;     ///< answered when the slave has ended, or let go
  std::vector<Waiter> stops_;        ///< of the person there, likewise
  std::vector<MasterSaid> pending_;  ///< wait until the slave program has answered
  SlaveStage announced_ = SlaveStage::unknown;
  DaemonActions actions_;
};

}  // namespace oct
