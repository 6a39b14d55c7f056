#include "farm/doctor_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/figure.hpp"
#include "farm/daemon_view.hpp"
#include "farm/scan_targets.hpp"
#include "report/device_words.hpp"

namespace oct {
namespace {

using E = DoctorEvidence;

constexpr std::size_t kDatagramHeaderBytes = 28;  // of IPv4 and UDP

Diagnosis verdict(DoctorVerdict which, std::string text, std::string help) {
  return {which, std::move(text), std::move(help)};
}

std::string open_firewall_there(const E& e) {
  return fmt::format(
      "there, run _open_firewall.bat daemon (Linux: sudo ./open_firewall.sh daemon); it should "
      "appear within 5 s{}",
      e.daemon_port == kDaemonPort ? "" : fmt::format("; its port is {}", e.daemon_port));
}

std::string open_firewall_here() {
  return "here, run _open_firewall.bat master (Linux: sudo ./open_firewall.sh master)";
}

std::uint32_t farm_there(const E& e) {
  return e.status ? e.status->farm : 0;
}

Diagnosis other_farm(const E& e) {
  if (farm_there(e) == 0) {
    return verdict(DoctorVerdict::other_farm,
                   fmt::format("it belongs to another farm, yours is {:06X}", e.farm),
                   "copy the farm.key of one computer to the other: octane_master activate --into FOLDER");
  }
  return verdict(DoctorVerdict::other_farm,
                 fmt::format("it belongs to farm {:06X}, you to {:06X}", farm_there(e), e.farm),
                 "copy the farm.key of one computer to the other: octane_master activate --into FOLDER, or "
                 "octane_daemon --activate FILE there");
}

Diagnosis we_have_no_key(const E& e) {
  return verdict(DoctorVerdict::we_have_no_key,
                 farm_there(e) == 0
                     ? std::string("it belongs to a farm, this computer has no farm.key")
                     : fmt::format("it belongs to farm {:06X}, this computer has no farm.key", farm_there(e)),
                 "copy the farm.key of that computer's folder to this one");
}

Diagnosis not_activated(const E& e) {
  const bool we_have_one = e.farm != 0;
  return verdict(DoctorVerdict::not_activated, "it has no farm.key and serves only its own computer",
                 we_have_one ? "octane_master activate --into FOLDER, and copy the folder's farm.key there"
                             : "octane_master activate, then copy farm.key there; or --net-insecure on both "
                               "sides, on a network where you trust everyone");
}

Diagnosis other_port(const E& e) {
  const auto typed = host_port_from_text(e.address, e.daemon_port);
  const std::string found = HostPort{typed ? typed->host : e.address, *e.other_port}.text();
  return verdict(
      DoctorVerdict::other_port,
      fmt::format("it listens on port {}, you scan {}", *e.other_port, e.daemon_port),
      fmt::format("--net-daemon {0}, or octane_master preferences set network.daemon_addresses {0}", found));
}

/// A program took the TCP connection, but no daemon that talks to us.
std::optional<Diagnosis> diagnose_stranger(const E& e) {
  switch (e.behind) {
    case Behind::other_farm: return other_farm(e);
    case Behind::not_activated: return not_activated(e);
    case Behind::we_have_no_key: return we_have_no_key(e);
    case Behind::other_octane:
    case Behind::stranger:
    case Behind::mute:
      if (e.other_port) return other_port(e);
      return verdict(DoctorVerdict::other_program,
                     fmt::format("another program has port {} there ({})", e.daemon_port, e.behind_text),
                     "start the daemon there with another port: octane_daemon --port 48010, and look for it "
                     "with --net-daemon ADDRESS:48010");
    case Behind::nothing_known:
    case Behind::daemon: break;
  }
  return std::nullopt;
}

/// The farm by what it answered to a datagram.
std::optional<Diagnosis> diagnose_farm(const E& e) {
  if (!e.status) return std::nullopt;
  if (e.status->mode == DaemonMode::not_activated) return not_activated(e);
  if (e.status->farm == e.farm && e.status->mode != DaemonMode::other_farm) return std::nullopt;
  if (e.farm == 0) return we_have_no_key(e);
  return e.status->farm == 0 ? not_activated(e) : other_farm(e);
}

/// No TCP connection came about.
Diagnosis diagnose_no_connection(const E& e) {
  if (e.other_port) return other_port(e);
  if (auto farm = diagnose_farm(e)) return *farm;
  const bool udp_answers = e.udp == PortReply::answered;
  const bool is_there = udp_answers || e.neighbour.value_or(false) || e.tcp == PortReply::refused;
  if (udp_answers && e.tcp == PortReply::silent)
    return verdict(DoctorVerdict::firewall_drops_tcp,
                   fmt::format("a firewall on that computer drops TCP to port {}", e.daemon_port),
                   open_firewall_there(e));
  if (udp_answers)
    return verdict(DoctorVerdict::firewall_rejects_tcp,
                   fmt::format("a firewall on that computer rejects TCP to port {}", e.daemon_port),
                   open_firewall_there(e));
  if (e.tcp == PortReply::refused)
    return verdict(
        DoctorVerdict::nothing_listens,
        fmt::format("the computer answers, but no daemon listens on {} (refused)", e.daemon_port),
        "there, run _install_daemon.bat (Linux: ./install_daemon.sh); if the daemon runs, a firewall "
        "refuses in its place: _open_firewall.bat daemon");
  if (!e.neighbour.value_or(true))
    return verdict(
        DoctorVerdict::no_computer, "no computer answers at that address",
        "is it switched on, and is the address right? ipconfig (Linux: ip address) shows it there");
  if (e.tcp == PortReply::unreachable && is_there)
    return verdict(DoctorVerdict::firewall_rejects_tcp,
                   fmt::format("a firewall on that computer rejects UDP and TCP to port {}", e.daemon_port),
                   open_firewall_there(e));
  if (is_there)
    return verdict(DoctorVerdict::firewall_drops,
                   fmt::format("a firewall on that computer drops UDP and TCP to port {}", e.daemon_port),
                   open_firewall_there(e));
  if (e.adapter.empty())
    return verdict(
        DoctorVerdict::other_subnet_silent,
        fmt::format("it is in {}, you scan {}, and from there nothing answers", e.subnet, e.scanned),
        "is it switched on, and does a router or firewall between the subnets pass UDP and TCP "
        "48000?");
  return verdict(DoctorVerdict::silent, "nothing answers at that address",
                 "is it switched on, and does its firewall pass UDP and TCP 48000?");
}

/// Small packets pass both ways, large ones do not.
Diagnosis packets_vanish(const E& e) {
  const char* way =
      e.large_packets == LargePackets::lost_on_the_way_there ? "from here to there" : "from there to here";
  const std::string small = e.udp == PortReply::answered
                                ? fmt::format(" of {} bytes", kProbeBytes + kDatagramHeaderBytes)
                                : std::string();
  return verdict(
      DoctorVerdict::packets_vanish,
      fmt::format("large packets vanish on the way {}, small ones{} arrive (MTU)", way, small),
      "give both computers, and every switch and VPN between them, the same packet size; to find out, lower "
      "it here: ip link set dev eth0 mtu 1280 (Windows: netsh interface ipv4 set subinterface \"Ethernet\" "
      "mtu=1280)");
}

/// It is in a subnet of this computer that is not scanned.
Diagnosis left_out(const E& e) {
  return verdict(
      DoctorVerdict::other_subnet,
      fmt::format("it is in {} ({}), which is left out: a virtual adapter without routes; you scan {}",
                  e.subnet, e.left_out_adapter, e.scanned),
      fmt::format("--net-subnet {0}, or octane_master preferences set network.subnets {0}; name the other "
                  "subnets, too, if they are wanted",
                  e.left_out_adapter));
}

/// A daemon talks to us, but scans do not find it.
std::optional<Diagnosis> diagnose_unseen(const E& e) {
  const bool blocked_here = e.reach && e.reach->reached == 0;
  if (e.udp == PortReply::silent && !blocked_here)
    return verdict(DoctorVerdict::firewall_drops_udp,
                   fmt::format("a firewall on that computer drops UDP to port {}", e.daemon_port),
                   open_firewall_there(e));
  if (!e.scanned_there && !e.left_out_adapter.empty()) return left_out(e);
  if (!e.scanned_there)
    return verdict(
        DoctorVerdict::other_subnet, fmt::format("it is in {}, you scan {}", e.subnet, e.scanned),
        fmt::format("--net-daemon {0}, or octane_master preferences set network.daemon_addresses "
                    "{0}{1}",
                    e.address,
                    e.subnet == kIpv6Network ? std::string() : "; a whole subnet: --net-subnet " + e.subnet));
  return std::nullopt;
}

Diagnosis diagnose_reach(const E& e) {
  return verdict(
      DoctorVerdict::own_firewall_in,
      fmt::format("it sees you, but cannot reach this master's port {} (your firewall)", e.master_port),
      open_firewall_here());
}

std::string copy_folder() {
  return "copy this release folder there and run _install_daemon.bat (Linux: ./install_daemon.sh)";
}

/// It is found, but can it be used?
std::optional<Diagnosis> diagnose_unusable(const E& e, const DaemonDescription& daemon) {
  const std::string reason = daemon.reason.empty() ? std::string("no reason is known") : daemon.reason;
  if (daemon.slave_version != 0 && daemon.slave_version != e.version)
    return verdict(DoctorVerdict::wrong_version,
                   fmt::format("it has version {}, this master is {}", daemon.slave_version, e.version),
                   copy_folder());
  if (daemon.mode == DaemonMode::no_slave)
    return verdict(DoctorVerdict::slave_cannot_start, fmt::format("its slave cannot start: {}", reason),
                   copy_folder());
  if (daemon.version != e.version && daemon.slave_version == 0)
    return verdict(DoctorVerdict::wrong_version,
                   fmt::format("it has version {}, this master is {}", daemon.version, e.version),
                   copy_folder());
  if (daemon.mode == DaemonMode::crashed)
    return verdict(DoctorVerdict::slave_crashed, fmt::format("its slave keeps crashing: {}", reason),
                   fmt::format("octane_master daemons enable {} tries it again", daemon.name));
  if (e.reach && e.reach->reached == 0) return diagnose_reach(e);
  if (daemon.mode == DaemonMode::paused)
    return verdict(
        DoctorVerdict::paused, fmt::format("deactivated: {}", reason),
        "there, octane_daemon --unpause ends a pause; --idle-only and --hours of its start line end by "
        "themselves");
  if (daemon.mode == DaemonMode::bound && !e.own_occupancy) {
    const DaemonOwner owner = daemon.owner.empty() ? DaemonOwner() : daemon.owner.front();
    return verdict(DoctorVerdict::bound_to_other,
                   fmt::format("bound to {} since {}", owner.nick.empty() ? owner.address : owner.nick,
                               clock_text(owner.since_unix_s, e.unix_time_s)),
                   fmt::format("ask there, or add --net-steal {}", daemon.name));
  }
  return std::nullopt;
}

Diagnosis diagnose_daemon(const E& e) {
  if (e.large_packets == LargePackets::lost_on_the_way_there ||
      e.large_packets == LargePackets::lost_on_the_way_back)
    return packets_vanish(e);
  if (auto unseen = diagnose_unseen(e)) return *unseen;
  if (!e.description)
    return verdict(DoctorVerdict::wrong_version,
                   "its daemon does not say what it has: it belongs to another release", copy_folder());
  if (auto unusable = diagnose_unusable(e, *e.description)) return *unusable;
  if (!e.network_enabled)
    return verdict(DoctorVerdict::network_off, "network rendering is off in this master",
                   "--net-enable, or octane_master preferences set network.enable true");
  const char* state = e.description->mode == DaemonMode::bound ? "bound to you" : "unbound";
  return verdict(DoctorVerdict::nothing_wrong,
                 fmt::format("nothing is wrong: {}, {}, answers in {} ms", state,
                             device_count_text(e.description->devices), figure(e.udp_ms, 1)),
                 {});
}

}  // namespace

bool Diagnosis::seen() const {
  switch (verdict) {
    case DoctorVerdict::nothing_wrong:
    case DoctorVerdict::own_firewall_in:
    case DoctorVerdict::packets_vanish:
    case DoctorVerdict::wrong_version:
    case DoctorVerdict::other_farm:
    case DoctorVerdict::not_activated:
    case DoctorVerdict::we_have_no_key:
    case DoctorVerdict::bound_to_other:
    case DoctorVerdict::paused:
    case DoctorVerdict::slave_cannot_start:
    case DoctorVerdict::slave_crashed: return true;
    default: return false;
  }
}

Diagnosis diagnose(const DoctorEvidence& e) {
  if (e.numeric.empty())
    return verdict(DoctorVerdict::unknown_name, fmt::format("no computer is known by the name {}", e.address),
                   "octane_master daemons list   shows the names that are known; or try its address: "
                   "ipconfig (Linux: ip "
                   "address) shows it there");
  if (e.udp == PortReply::forbidden || e.tcp == PortReply::forbidden)
    return verdict(
        DoctorVerdict::own_firewall_out,
        fmt::format("a firewall on this computer blocks outgoing traffic to port {}", e.daemon_port),
        fmt::format("allow outgoing UDP and TCP to port {}", e.daemon_port));
  if (e.no_route)
    return verdict(DoctorVerdict::no_route, "no adapter of this computer reaches that address",
                   "is the network cable plugged in? is that computer on another network?");
  if (e.behind == Behind::daemon) return diagnose_daemon(e);
  if (auto stranger = diagnose_stranger(e)) return *stranger;
  return diagnose_no_connection(e);
}

}  // namespace oct
