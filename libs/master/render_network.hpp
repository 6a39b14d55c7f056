#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "base/work_queue.hpp"
#include "master/daemon_keeper.hpp"
#include "master/master_config.hpp"
#include "master/slave_server.hpp"
#include "net/address_file.hpp"
#include "net/stranger_tally.hpp"
#include "report/render_report.hpp"

namespace oct {

/// A session's network: the port that slaves connect to, the daemons that start them, and what is said of both. The
/// loop's thread only.
class RenderNetwork {
 public:
  /// Opens the port and begins to look for daemons; occupies none. `unavailable` when the port is in use; `output` when
  /// the address file cannot be written.
  ///   slaves_now  the slaves that are here, for what a takeover costs
  static Result<std::unique_ptr<RenderNetwork>> open(EventLoop& loop, WorkQueue& workers,
                                                     const NetworkChoice& choice, bool local_devices,
                                                     RenderReport& report,
                                                     std::function<std::vector<SlaveStatus>()> slaves_now);
  RenderNetwork(const RenderNetwork&) = delete;
  RenderNetwork& operator=(const RenderNetwork&) = delete;

  SlaveServer& server() { return *server_; }

  /// Slaves are let in, and daemons occupied.
  void begin(SlaveServer::Sink sink);
  /// The line about the network waits until it is known which daemons are there, if any are wanted; the render does
  /// not. `at_once`: it is said now. It is said once.
  void describe(bool at_once);
  /// The render is over: that line, if it was not said, and which daemons were wanted by name and never seen.
  void tell_how_it_was();
  /// A session that can render nothing without slaves says what it waits for; any says how many strangers came. Each
  /// second.
  void remind(bool waits_for_slaves, Instant now);
  /// Who is waited for, when so many are here.
  SlaveWait wait(std::uint32_t here, std::uint32_t wanted) const {
    return {here, wanted, keeper_->wanted().use(), server_->port()};
  }
  /// No more slaves are sought, and all daemons are released.
  void release() {
    withdraw_address();
    keeper_->release();
  }
  /// The file that tells slaves where this master listens goes.
  void withdraw_address() { address_file_.reset(); }
  /// Every connection is closed, and every daemon released.
  bool is_closed() const { return server_->open_connections() == 0 && keeper_->idle(); }

  /// What the server knows of a slave; sizes become those on the wire.
  void complete(SlaveStatus& slave) const;

 private:
  RenderNetwork(const NetworkChoice& choice, RenderReport& report,
                std::function<std::vector<SlaveStatus>()> slaves_now)
      : choice_(choice), report_(report), slaves_now_(std::move(slaves_now)) {}

  DaemonEvents daemon_events();
  std::optional<std::string> farm() const;
  void on_refused(const RefusedPeer& refused);
  void on_robbed(const DaemonRobbed& robbed);

  const NetworkChoice& choice_;
  RenderReport& report_;
  std::function<std::vector<SlaveStatus>()> slaves_now_;
  bool may_describe_ = false, described_ = false, missing_told_ = false;
  std::optional<Instant> last_reminder_;
  std::set<LinkId> stolen_;  ///< slaves whose daemon was taken over
  StrangerTally strangers_;
  std::unique_ptr<SlaveServer> server_;
  std::optional<AddressFile> address_file_;  ///< behind server_: goes before the port is closed
  std::unique_ptr<DaemonKeeper> keeper_;
};

}  // namespace oct
