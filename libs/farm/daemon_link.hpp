#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "farm/daemon_view.hpp"
#include "report/notice.hpp"

// One wanted daemon: when to ask for it, what became of it, what to tell people.

namespace oct {

struct KeeperConfig {
  MasterIdentity identity;
  std::uint16_t master_port = 0;      ///< where slaves are to connect
  bool local_devices = false;         ///< the master renders with devices of its own
  std::uint64_t unix_time_s = 0;      ///< of the beginning, for texts
  Deadlines deadlines;                ///< hold at both ends
  Duration first_pause = seconds(1);  ///< after a failure, then doubled
  Duration most_pause = seconds(30);
  Duration release_patience = seconds(20);  ///< for the daemon to end its slave
};

// What is to be done. `key` is that of the daemon.

/// Connect to the daemon.
struct OpenTalk {
  std::string key;
  Endpoint endpoint;
};
struct SendToDaemon {
  std::string key;
  std::variant<OccupyDaemon, ReleaseDaemon> message;
};
/// Close the connection, also one that is not open yet. Nothing more is heard of it.
struct CloseTalk {
  std::string key;
};
/// Something to tell people.
struct TellPeople {
  Notice notice;
};
/// Somebody took it over: for people, together with what is known of its leases.
struct DaemonRobbed {
  std::string key;
  std::string name, address;
  DaemonOwner by;
};
/// What people are shown of it has changed.
struct DaemonChanged {
  std::string key;
};

using KeeperAction = std::variant<OpenTalk, SendToDaemon, CloseTalk, TellPeople, DaemonRobbed, DaemonChanged>;
using KeeperActions = std::vector<KeeperAction>;

/// The master's side of one occupancy: free -> connecting -> asking -> occupied -> releasing -> free. The
/// open connection is the occupancy. Pure; one thread; time is a parameter. All calls append to `actions`.
class DaemonLink {
 public:
  /// `config` must outlive it.
  DaemonLink(const KeeperConfig& config, SeenDaemon seen);

  /// What the directory knows now; nothing = it does not answer any more.
  void see(const SeenDaemon* seen, Instant now);
  void set_wanted(bool wanted, bool steal);
  /// Does what is due.
  void step(Instant now, KeeperActions& actions);

  void on_opened(KeeperActions& actions);
  /// No connection came about. `final`: trying again is useless for now.
  void on_failed(const Error& error, bool final, Instant now, KeeperActions& actions);
  void on_message(const DaemonMessage& message, Instant now, KeeperActions& actions);
  void on_closed(const Error& error, Instant now, KeeperActions& actions);

  DaemonView view() const;
  const SeenDaemon& as_seen() const { return seen_; }
  bool wanted() const { return wanted_; }
  bool occupied() const { return phase_ == Phase::occupied; }
  bool idle() const { return phase_ == Phase::free; }
  bool seen() const { return seen_now_; }
  /// It helps, or is about to.
  bool usable() const;

 private:
  enum class Phase { free, connecting, asking, occupied, releasing };

  bool may_ask() const;
  void tell_why_not(KeeperActions& actions);
  void tell_once(const std::string& subject, Notice notice, KeeperActions& actions);
  void on_answer(const DaemonOccupied& message, Instant now, KeeperActions& actions);
  void on_answer(const OccupyRefused& message, Instant now, KeeperActions& actions);
  void on_answer(const SlaveReport& message, Instant now, KeeperActions& actions);
  void on_answer(const DaemonTaken& message, Instant now, KeeperActions& actions);
  void on_answer(const DaemonReleased& message, Instant now, KeeperActions& actions);
  void on_answer(const Unsupported& message, Instant now, KeeperActions& actions);
  template <class Other>
  void on_answer(const Other&, Instant, KeeperActions&) {}
  void close(KeeperActions& actions);
  void pause(Instant now);
  PeerName peer() const { return {seen_.name(), seen_.endpoint.address}; }

  const KeeperConfig& config_;
  SeenDaemon seen_;
  bool seen_now_ = true;
  bool wanted_ = false, steal_ = false, stole_ = false;
  Phase phase_ = Phase::free;
  SlaveStage stage_ = SlaveStage::unknown;
  std::string slave_reason_;
  std::vector<std::string> log_;
  bool robbed_ = false;        ///< not asked for again in this run
  bool crashed_here_ = false;  ///< under this master: somebody must look first
  std::string told_;           ///< the last obstacle that people were told of
  Instant next_try_{};
  Duration pause_{};
  Instant release_deadline_{};
};

}  // namespace oct
