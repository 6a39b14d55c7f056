#include <fmt/format.h>

#include "base/plural.hpp"
#include "master/master_app.hpp"

// A render's daemons: what is said of them, and when.

namespace oct {
namespace {

constexpr Duration kReminder = seconds(30);

/// Whom this master serves, for people.
std::string access_text(const NetworkAccess& access) {
  if (access.key) return "farm " + farm_text(access.farm());
  return access.insecure ? "open to this whole network (--net-insecure)"
                         : "not activated: slaves on this computer only";
}

}  // namespace

Result<void> MasterApp::open_keeper() {
  DaemonEvents events;
  events.on_tell = [this](const TellPeople& words) {
    if (words.level == LogLevel::warning) return watch_->warning(words.text, words.help);
    watch_->event(words.text);
  };
  events.on_robbed = [this](const DaemonRobbed& robbed) { on_robbed(robbed); };
  events.on_changed = [this](const DaemonView& daemon) { watch_->daemon(daemon); };
  events.on_settled = [this] { describe_network(); };
  OCT_TRY_ASSIGN(keeper_, DaemonKeeper::open(loop_, *workers_, config_.network, server_->port(),
                                             !config_.no_local, std::move(events)));
  for (const std::string& warning : keeper_->warnings()) watch_->warning(warning, {});
  return {};
}

/// The line waits until it is known which daemons are there, if any are wanted; the render does not.
void MasterApp::describe_network(bool at_once) {
  if (!server_ || !scene_ || network_described_ || phase_ == Phase::closing) return;
  const bool nothing_wanted = keeper_->wanted().count().wanted == 0 && !keeper_->wanted().selection().all;
  if (!keeper_->settled() && !nothing_wanted && !at_once) return;
  network_described_ = true;
  const std::string daemons = keeper_->wanted().using_text();
  watch_->line("Network", fmt::format("port {}, {}{}{}", server_->port(), access_text(config_.network.access),
                                      daemons.empty() ? "" : ", ", daemons));
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
  watch_->warning(
      fmt::format("{} was taken over by {}; its {} lease{} returned to the pool", robbed.name,
                  robbed.by.nick.empty() ? robbed.by.address : robbed.by.nick, leases, plural(leases)),
      fmt::format("it is not asked for again in this run; ask {}",
                  robbed.by.nick.empty() ? robbed.by.address : robbed.by.nick));
}

/// A render without devices of its own says what it waits for.
void MasterApp::remind_of_slaves(Instant instant) {
  if (!config_.no_local || instant - last_reminder_ < kReminder) return;
  last_reminder_ = instant;
  if (core_->accepted_slaves() > 0) return;
  const bool wanted = keeper_->wanted().count().wanted > 0;
  watch_->event(wanted ? "Waiting for a slave: " + keeper_->wanted().usable_text()
                       : fmt::format("Waiting for a slave: none is connected to port {}, and no daemon is "
                                     "enabled",
                                     server_->port()));
}

}  // namespace oct
