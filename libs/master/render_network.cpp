#include "master/render_network.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/escaped.hpp"
#include "net/adapters.hpp"
#include "net/own_address.hpp"

namespace oct {
namespace {

constexpr Duration kReminder = seconds(30);

Error port_in_use(const NetworkChoice& network) {
  const std::string what =
      network.automatic_port
          ? fmt::format("ports {}-{} are in use by other programs", network.port,
                        network.port + kAutomaticPorts - 1)
          : fmt::format("port {} is in use by another program (maybe another master)", network.port);
  return {ErrorKind::unavailable, what, "--net-master-port 0 takes the first free port of 21000-21015"};
}

/// Without a key slaves of this computer alone are let in, and those by loopback alone.
std::string address_for_slaves(const NetworkChoice& choice) {
  if (!choice.bind.empty() && !is_any_address(choice.bind)) return choice.bind;
  const bool v6 = is_ipv6(choice.bind);
  if (!choice.access.key && !choice.access.insecure) return v6 ? "::1" : "127.0.0.1";
  return v6 ? own_ipv6_address(list_addresses()) : own_address(list_adapters());
}

}  // namespace

Result<std::unique_ptr<RenderNetwork>> RenderNetwork::open(
    EventLoop& loop, WorkQueue& workers, const NetworkChoice& choice, bool local_devices,
    RenderReport& report, std::function<std::vector<SlaveStatus>()> slaves_now) {
  std::unique_ptr<RenderNetwork> network(new RenderNetwork(choice, report, std::move(slaves_now)));
  auto server = SlaveServer::open(loop, workers, choice, report.log());
  if (!server) {
    if (server.error().kind == ErrorKind::unavailable) return fail(port_in_use(choice));
    return fail(server.error());
  }
  network->server_ = *std::move(server);
  const HostPort place{address_for_slaves(choice), network->server_->port()};
  report.listening({place.host, place.port, network->farm()});
  network->server_->on_refused(
      [self = network.get()](const RefusedPeer& refused) { self->on_refused(refused); });
  OCT_TRY_ASSIGN(network->keeper_, DaemonKeeper::open(loop, workers, choice, network->server_->port(),
                                                      local_devices, network->daemon_events()));
  if (!choice.address_file.empty()) {
    OCT_TRY_ASSIGN(network->address_file_, AddressFile::write(choice.address_file, place));
    report.log().info("net", "{} says {} {}", escaped(choice.address_file), place.host, place.port);
  }
  for (const std::string& warning : network->keeper_->warnings()) report.tell(notice::InputWarning{warning});
  return network;
}

DaemonEvents RenderNetwork::daemon_events() {
  DaemonEvents events;
  events.on_tell = [this](const Notice& notice) { report_.tell(notice); };
  events.on_robbed = [this](const DaemonRobbed& robbed) { on_robbed(robbed); };
  events.on_changed = [this](const DaemonView& daemon) {
    report_.daemon({daemon.name, daemon.endpoint.address, daemon.state, daemon.owner, daemon.reason});
  };
  events.on_first_look = [this] {
    if (may_describe_) describe(false);
  };
  return events;
}

/// What strangers may cause to be said is bounded: terminal, log and report are for the render.
void RenderNetwork::on_refused(const RefusedPeer& refused) {
  if (refused.peer.address.empty())
    return report_.tell(notice::InputWarning{refused.error.message, refused.error.help});
  const PeerName peer{refused.preamble.name, refused.peer.address};
  if (strangers_.on(peer.address, refused.error.message, steady_now()))
    report_.tell(notice::PeerSentAway{peer, refused.error});
}

void RenderNetwork::begin(SlaveServer::Sink sink) {
  server_->begin(std::move(sink));
  keeper_->begin();
}

std::optional<std::string> RenderNetwork::farm() const {
  if (!choice_.access.key) return std::nullopt;
  return farm_text(choice_.access.farm());
}

void RenderNetwork::describe(bool at_once) {
  may_describe_ = true;
  if (described_) return;
  const bool nothing_wanted = keeper_->wanted().count().wanted == 0 && !keeper_->wanted().selection().all;
  if (!keeper_->has_looked() && !nothing_wanted && !at_once) return;
  described_ = true;
  NetworkSummary summary;
  summary.port = server_->port();
  summary.farm = farm();
  summary.insecure = choice_.access.insecure;
  summary.daemons = keeper_->wanted().use();
  report_.network(summary);
}

void RenderNetwork::tell_how_it_was() {
  describe(true);
  const std::vector<std::string> names = keeper_->wanted().named_not_seen();
  if (!names.empty() && !std::exchange(missing_told_, true)) report_.tell(notice::DaemonsNeverSeen{names});
}

void RenderNetwork::remind(bool waits_for_slaves, Instant now) {
  if (const auto others = strangers_.due(now))
    report_.tell(notice::StrangersSentAway{others->connections, others->addresses});
  if (!waits_for_slaves) return last_reminder_.reset();
  if (!last_reminder_) last_reminder_ = now;
  if (now - *last_reminder_ < kReminder) return;
  last_reminder_ = now;
  report_.tell(notice::WaitingForSlaves{keeper_->wanted().use(), server_->port()});
}

void RenderNetwork::on_robbed(const DaemonRobbed& robbed) {
  std::uint32_t leases = 0;
  for (const SlaveStatus& slave : slaves_now_()) {
    if (!slave.connected || slave.address != robbed.address || slave.name != robbed.name) continue;
    leases += slave.leases_held;
    stolen_.insert(slave.link);
  }
  report_.tell(notice::SlaveTakenOver{robbed.name, robbed.by, leases});
}

void RenderNetwork::complete(SlaveStatus& slave) const {
  slave.stolen = stolen_.contains(slave.link);
  slave.bytes_in = server_->bytes_in(slave.link);
  slave.bytes_out = server_->bytes_out(slave.link);
  count_on_wire(slave, server_->update_bytes(slave.link));
}

}  // namespace oct
