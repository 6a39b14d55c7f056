#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/daemon_events.hpp"
#include "daemon/slave_watch.hpp"

namespace oct {

struct OccupancyConfig {
  std::string id, name, platform;
  std::uint16_t port = 0;
  std::vector<std::uint32_t> gpus;  ///< its slave may use; empty = all
  bool cpu = false;                 ///< lent beside GPUs; without any GPU it is lent anyway
  Deadlines deadlines;              ///< where a master names none
  SlaveWatchLimits slave;
  Duration reservation = seconds(30);  ///< for who stole it
  Duration facts_age = seconds(600);   ///< older ones are asked for again
  Duration first_try = seconds(10);    ///< without a working slave: until it is asked again; doubles
};

/// Decides everything that a daemon does: who may occupy it, and what its slave is to do. The open connection
/// of the owner is the occupancy: there is at most one, and when it closes, for whatever reason, the slave is
/// ended and the daemon is free. Pure: no clock, socket or process; one thread.
class Occupancy {
 public:
  explicit Occupancy(OccupancyConfig config);

  DaemonActions on(DaemonEvent event, Moment now);

  /// When to tell it WakeUp; nothing = only events matter.
  std::optional<Instant> wake_at(Moment now) const;

  /// What an asker may see; nonce, farm and port are the caller's to fill in.
  DaemonStatus status(Moment now) const;
  DaemonDescription description(Moment now) const;
  DaemonMode mode(Moment now) const;
  /// Of the slave, for heartbeats to the owner.
  std::uint64_t progress() const { return slave_.progress(); }

  bool is_owner(ConnectionId connection) const { return owner_ && owner_->connection == connection; }

 private:
  struct Owner {
    ConnectionId connection = 0;
    DaemonOwner who;
  };
  struct Reservation {
    DaemonOwner who;
    Instant until;
  };
  struct Pause {
    std::uint64_t until_unix_s = 0;  ///< 0 = until somebody ends it
    std::string text;                ///< for people
  };
  /// An answer that waits until the slave has ended.
  struct Waiter {
    ConnectionId connection = 0;
    std::uint32_t request = 0;
  };

  void on_event(DaemonStarted& event, Moment now);
  void on_event(MasterSaid& event, Moment now);
  void on_event(PersonSaid& event, Moment now);
  void on_event(ConnectionClosed& event, Moment now);
  void on_event(FactsCame& event, Moment now);
  void on_event(SlaveNotStarted& event, Moment now);
  void on_event(SlaveWrote& event, Moment now);
  void on_event(SlaveEnded& event, Moment now);
  void on_event(ReachTried& event, Moment now);
  void on_event(WakeUp& event, Moment now);
  void on_event(DaemonStopAsked& event, Moment now);

  void on_request(const MasterSaid& said, const DescribeDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const OccupyDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const ReleaseDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const StealDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const RetryDaemon& request, Moment now);
  void on_request(const MasterSaid& said, const TryReach& request, Moment now);
  void on_request(const MasterSaid&, const Heartbeat&, Moment) {}
  void on_request(const MasterSaid&, const Unsupported&, Moment) {}
  template <class Other>
  void on_request(const MasterSaid& said, const Other&, Moment) {
    send(said.connection, said.request, Unsupported{static_cast<std::uint32_t>(Other::kType)});
  }

  std::optional<OccupyRefused> refusal(const DaemonOwner& asker, bool steals, Moment now) const;
  void occupy(const MasterSaid& said, const OccupyDaemon& request, Moment now);
  void evict(std::vector<DaemonOwner> by, const std::string& text, Moment now);
  void leave_owner(const std::string& news, Moment now);
  void answer_when_free(const MasterSaid& said);

  void pause(std::uint32_t minutes, Moment now);
  void stop(Moment now);
  void answer_person(ConnectionId connection, std::uint32_t request, Moment now);
  void finish_if_free(Moment now);

  bool wants_facts(const MasterSaid& said, Moment now) const;
  void ask_facts();
  void plan_next_try(Moment now);
  /// A slave runs, or is about to.
  bool is_slave_busy() const { return slave_.is_alive() || slave_.wake_at().has_value(); }
  bool has_slave() const { return facts_ && facts_->has_value(); }
  bool is_paused(Moment now) const;
  std::string pause_text() const;
  std::string why_no_slave() const;
  std::string reason(Moment now) const;
  std::vector<DeviceInfo> devices() const;

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

  const OccupancyConfig config_;
  SlaveWatch slave_;
  std::optional<Owner> owner_;
  std::optional<Reservation> reservation_;
  std::optional<Pause> pause_;
  bool stopping_ = false, ended_ = false;
  std::vector<Waiter> releases_;     ///< answered when the slave has ended
  std::vector<Waiter> stops_;        ///< of the person there, likewise
  std::vector<MasterSaid> pending_;  ///< wait until the slave program has answered

  std::optional<Result<SlaveFacts>> facts_;  ///< nothing = never asked
  FileStamp facts_file_ = 0;
  Instant facts_at_{};
  bool asking_ = false;
  std::optional<Instant> next_try_;  ///< to find a working slave
  Duration try_pause_;

  SlaveStage announced_ = SlaveStage::unknown;
  DaemonActions actions_;
};

/// "studio@DESK (10.0.0.103:21000)".
std::string owner_text(const DaemonOwner& owner);

/// Hour and minute of this computer's local time: "14:30"; with the date when it is not of the day of `now`.
std::string local_time_text(std::uint64_t unix_s, std::uint64_t now_unix_s);

}  // namespace oct
