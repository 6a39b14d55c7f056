#include "master/master_app.hpp"

// A render's daemons: what is said of them, and when.

namespace oct {
namespace {

constexpr Duration kReminder = seconds(30);

}  // namespace

Result<void> MasterApp::open_keeper() {
  DaemonEvents events;
  events.on_tell = [this](const Notice& notice) { report_->tell(notice); };
  events.on_robbed = [this](const DaemonRobbed& robbed) { on_robbed(robbed); };
  events.on_changed = [this](const DaemonView& daemon) {
    report_->daemon({daemon.name, daemon.endpoint.address, daemon.state, daemon.owner, daemon.reason});
  };
  events.on_settled = [this] { describe_network(); };
  OCT_TRY_ASSIGN(keeper_, DaemonKeeper::open(loop_, *workers_, config_.network, server_->port(),
                                             !config_.no_local, std::move(events)));
  for (const std::string& warning : keeper_->warnings()) report_->tell(notice::InputWarning{warning});
  return {};
}

/// The line waits until it is known which daemons are there, if any are wanted; the render does not.
void MasterApp::describe_network(bool at_once) {
  if (!server_ || !scene_ || network_described_ || phase_ == Phase::closing) return;
  const bool nothing_wanted = keeper_->wanted().count().wanted == 0 && !keeper_->wanted().selection().all;
  if (!keeper_->settled() && !nothing_wanted && !at_once) return;
  network_described_ = true;
  const NetworkAccess& access = config_.network.access;
  NetworkSummary network;
  network.port = server_->port();
  if (access.key) network.farm = farm_text(access.farm());
  network.insecure = access.insecure;
  network.daemons = keeper_->wanted().use();
  report_->network(network);
}

void MasterApp::on_robbed(const DaemonRobbed& robbed) {
  std::uint32_t leases = 0;
  if (core_) {
    for (const SlaveStatus& slave : core_->slaves(steady_now())) {
      if (!slave.connected || slave.address != robbed.address || slave.name != robbed.name) continue;
      leases += slave.leases_held;
      stolen_.insert(slave.link);
    }
  }
  report_->tell(notice::SlaveTakenOver{robbed.name, robbed.by, leases});
}

/// A render without devices of its own says what it waits for.
void MasterApp::remind_of_slaves(Instant instant) {
  if (!config_.no_local || instant - last_reminder_ < kReminder) return;
  last_reminder_ = instant;
  if (core_->accepted_slaves() > 0) return;
  report_->tell(notice::WaitingForSlaves{keeper_->wanted().use(), server_->port()});
}

}  // namespace oct
