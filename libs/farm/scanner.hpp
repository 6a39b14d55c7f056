#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "farm/daemon_directory.hpp"
#include "farm/master_identity.hpp"
#include "farm/scan_schedule.hpp"
#include "net/datagram.hpp"
#include "net/discovery.hpp"
#include "net/look_up.hpp"

namespace oct {

/// Looks for daemons: the shell of ScanSchedule and DaemonDirectory. The loop's thread only.
class Scanner {
 public:
  /// `on_change` is called, never from inside a call, some time after answers came, daemons went, or this computer got
  /// other addresses. It asks from `choice.source` alone, now and whatever is chosen later. invalid_input when `choice` names what is neither a subnet, nor an adapter, nor an address.
  static Result<std::unique_ptr<Scanner>> open(EventLoop& loop, ScanChoice choice, const ScanLimits& limits,
                                               const NetworkAccess& access, std::function<void()> on_change);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  /// Looks elsewhere from now on; an error leaves all as it is.
  Result<void> choose(ScanChoice choice);
  /// A round and a sweep now.
  void request();

  std::vector<SeenDaemon> daemons() const { return directory_.daemons(); }
  const DaemonDirectory& directory() const { return directory_; }
  const ScanTargets& targets() const { return schedule_.targets(); }
  bool sweeping() const { return schedule_.sweeping(); }
  /// Of this computer, as they are now, loopback among them.
  std::vector<std::string> own_addresses() const { return addresses_of(adapters_); }

 private:
  Scanner(EventLoop& loop, ScanChoice choice, std::vector<Adapter> adapters, ScanTargets targets,
          const ScanLimits& limits, const NetworkAccess& access, std::function<void()> on_change);

  void tick();
  void read_adapters_again();
  void set_targets(ScanTargets targets);
  Bytes probe_for(const Endpoint& to);
  Sent send_by_round(const Endpoint& to, ByteView datagram);
  void on_cookie(const Endpoint& from, const DaemonStatus& status);
  void begin_round();
  void look_up_names();
  Sent send(const Probe& probe);
  Sent send_sweep(const Endpoint& to);
  /// From the chosen source, if there is one; `invalid_input` when that is of the other kind than `any`.
  Result<std::unique_ptr<DatagramSocket>> open_socket(const char* any);
  void on_datagram(const Endpoint& from, ByteView bytes);
  void changed();

  EventLoop& loop_;
  NetworkAccess access_;
  ScanChoice choice_;
  std::vector<Adapter> adapters_;  ///< of this computer, as last read
  Instant adapters_due_{};
  std::function<void()> on_change_;
  ScanSchedule schedule_;
  DaemonDirectory directory_;
  std::vector<Endpoint> named_;  ///< the addresses that the user named, as numbers
  std::vector<std::unique_ptr<LookUp>> look_ups_;
  Instant names_due_{};
  DaemonProbe question_;         ///< of this round, to be answered at once
  Bytes probe_, probe_at_once_;  ///< the same as datagrams, the former to be answered a random moment later
  std::map<Endpoint, std::string> cookies_;   ///< that daemons gave us: without one they tell us nothing
  std::map<Endpoint, unsigned> asked_again_;  ///< in this round, with a cookie that had just come
  std::unique_ptr<DatagramSocket> round_, round_v6_;  ///< with a source that of its kind alone
  /// Several, since what waits for neighbours that are not there fills a socket's buffer.
  std::vector<std::unique_ptr<DatagramSocket>> sweep_;
  std::unique_ptr<Timer> timer_, notice_;
};

}  // namespace oct
