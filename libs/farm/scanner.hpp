#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "farm/daemon_directory.hpp"
#include "farm/scan_schedule.hpp"
#include "net/datagram.hpp"
#include "net/discovery.hpp"
#include "net/look_up.hpp"

namespace oct {

/// Looks for daemons: the shell of ScanSchedule and DaemonDirectory. The loop's thread only.
class Scanner {
 public:
  /// `on_change` is called, never from inside a call, some time after answers came or daemons went.
  static Result<std::unique_ptr<Scanner>> open(EventLoop& loop, ScanTargets targets, const ScanLimits& limits,
                                               const NetworkAccess& access, std::function<void()> on_change);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  /// Other subnets or addresses from now on.
  void set_targets(ScanTargets targets);
  /// A round and a sweep now.
  void request();

  std::vector<SeenDaemon> daemons() const { return directory_.daemons(); }
  const DaemonDirectory& directory() const { return directory_; }
  const ScanTargets& targets() const { return schedule_.targets(); }
  bool sweeping() const { return schedule_.sweeping(); }

 private:
  Scanner(EventLoop& loop, ScanTargets targets, const ScanLimits& limits, const NetworkAccess& access,
          std::function<void()> on_change);

  void tick();
  void begin_round();
  void look_up_names();
  Sent send(const Probe& probe);
  Sent send_sweep(const Endpoint& to);
  Result<std::unique_ptr<DatagramSocket>> open_socket(const char* address);
  void on_datagram(const Endpoint& from, ByteView bytes);
  void changed();

  EventLoop& loop_;
  NetworkAccess access_;
  std::function<void()> on_change_;
  ScanSchedule schedule_;
  DaemonDirectory directory_;
  std::vector<Endpoint> named_;  ///< the addresses that the user named, as numbers
  std::vector<std::unique_ptr<LookUp>> look_ups_;
  Instant names_due_{};
  std::vector<std::string> own_;  ///< addresses of this computer, without loopback
  Bytes probe_, probe_at_once_;   ///< of this round
  std::unique_ptr<DatagramSocket> round_, round_v6_;
  /// Several, since what waits for neighbours that are not there fills a socket's buffer.
  std::vector<std::unique_ptr<DatagramSocket>> sweep_;
  std::unique_ptr<Timer> timer_, notice_;
};

}  // namespace oct
