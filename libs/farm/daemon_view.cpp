#include "farm/daemon_view.hpp"

#include <algorithm>
#include <map>

#include "net/host_port.hpp"

namespace oct {
namespace {

DaemonState state_of(const SeenDaemon& daemon, const MasterIdentity& identity) {
  const DaemonStatus& status = daemon.status;
  if (daemon.stranger || status.mode == DaemonMode::not_activated || status.mode == DaemonMode::other_farm)
    return DaemonState::deactivated;
  // A slave that cannot be used has no version: that is the reason to tell.
  if (status.mode != DaemonMode::no_slave &&
      (status.slave_version != 0 ? status.slave_version : status.version) != identity.version)
    return DaemonState::invalid_version;
  switch (status.mode) {
    case DaemonMode::unbound: return DaemonState::unbound;
    case DaemonMode::bound:
      return !status.owner.empty() && is_own(status.owner.front(), identity) ? DaemonState::running
                                                                             : DaemonState::bound_to_other;
    case DaemonMode::paused: return DaemonState::deactivated;
    case DaemonMode::crashed:
    case DaemonMode::no_slave: return DaemonState::crashed;
    case DaemonMode::unknown:
    case DaemonMode::not_activated:
    case DaemonMode::other_farm: break;
  }
  return DaemonState::unknown;
}

DaemonReason reason_of(const SeenDaemon& daemon, DaemonState state, const MasterIdentity& identity) {
  using Kind = DaemonReason::Kind;
  const DaemonStatus& status = daemon.status;
  if (state == DaemonState::invalid_version) {
    const std::uint32_t version = status.slave_version != 0 ? status.slave_version : status.version;
    return {Kind::other_version, version, identity.version};
  }
  if (state == DaemonState::deactivated && status.mode != DaemonMode::paused) {
    const Kind kind = status.farm == 0     ? Kind::no_farm_key
                      : identity.farm == 0 ? Kind::we_have_no_key
                                           : Kind::other_farm;
    return {kind, status.farm, identity.farm};
  }
  if (state == DaemonState::unknown) return {Kind::newer_release};
  return DaemonReason::told(status.reason);
}

}  // namespace

std::string DaemonView::address_text(std::uint16_t scanned_port) const {
  return endpoint.port == scanned_port ? bracketed(endpoint.address) : endpoint.text();
}

bool is_own(const DaemonOwner& owner, const MasterIdentity& identity) {
  const auto& own = identity.addresses;
  return owner.nick == identity.nick &&
         (is_loopback(owner.address) || std::find(own.begin(), own.end(), owner.address) != own.end());
}

DaemonView view_of(const SeenDaemon& daemon, const MasterIdentity& identity) {
  const DaemonStatus& status = daemon.status;
  DaemonView view;
  view.key = daemon.key;
  view.shares_id = daemon.shares_id;
  view.id = daemon.stranger ? std::string() : status.id;
  view.endpoint = daemon.endpoint;
  view.name = daemon.name();
  view.state = state_of(daemon, identity);
  view.gpus = status.gpus;
  view.cpus = status.cpus;
  view.version = status.slave_version != 0 ? status.slave_version : status.version;
  if (!status.owner.empty()) view.owner = status.owner.front();
  view.reason = reason_of(daemon, view.state, identity);
  return view;
}

std::vector<notice::DaemonsShareId> shared_ids(const std::vector<SeenDaemon>& daemons) {
  std::map<std::string, std::vector<PeerName>> holders;
  for (const SeenDaemon& daemon : daemons) {
    if (daemon.shares_id) holders[daemon.status.id].push_back({daemon.name(), daemon.endpoint.address});
  }
  std::vector<notice::DaemonsShareId> shared;
  for (auto& [id, names] : holders) {
    if (names.size() > 1) shared.push_back({std::move(names), id});
  }
  return shared;
}

}  // namespace oct
