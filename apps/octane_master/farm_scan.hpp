#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farm/daemon_question.hpp"
#include "farm/daemon_view.hpp"
#include "farm/scanner.hpp"
#include "net/event_loop.hpp"
#include "octane_master/farm_context.hpp"

namespace oct {

/// One look at the network, for a subcommand: scans, and asks what crashed for its last words.
class FarmScan {
 public:
  FarmScan(EventLoop& loop, const FarmContext& context);
  ~FarmScan();

  /// Runs the loop until the sweep is done and the last answers had time to come; with `wait_s` exactly so
  /// long. False after a signal.
  Result<bool> run(std::optional<double> wait_s);
  /// Runs the loop until every daemon that crashed told its last lines, or some seconds passed.
  void ask_for_logs();

  double seconds() const { return seconds_; }
  std::vector<SeenDaemon> daemons() const { return scanner_->daemons(); }
  /// With `enabled` and log filled in, as lists show them; enabled ones that are not seen come last.
  std::vector<DaemonView> views() const;

 private:
  EventLoop& loop_;
  const FarmContext& context_;
  double seconds_ = 0;
  bool stopped_ = false;
  std::map<std::string, std::vector<std::string>> logs_;  ///< by key
  std::unique_ptr<Scanner> scanner_;
  std::vector<std::unique_ptr<DaemonQuestion>> questions_;
};

/// Views of a directory's daemons, with who is enabled; enabled ones that are not seen come last.
std::vector<DaemonView> views_of(const std::vector<SeenDaemon>& daemons, const MasterIdentity& identity,
                                 const std::vector<EnabledDaemon>& enabled);

}  // namespace oct
