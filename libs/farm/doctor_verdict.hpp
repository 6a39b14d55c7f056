#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/daemon_messages.hpp"
#include "wire/preamble.hpp"

// The one reason why a daemon is not seen or not usable, from what was found out. Pure.

namespace oct {

/// What became of a question to a port.
enum class PortReply {
  not_tried,
  answered,
  refused,      ///< the computer is there and said no
  silent,       ///< nothing came
  unreachable,  ///< the network says that there is no way, or a firewall in between says no
  forbidden,    ///< this computer's own system did not let it out
};

/// What a TCP connection to the daemon's port found behind it.
enum class Behind {
  nothing_known,
  daemon,          ///< a daemon that talks to us
  other_farm,      ///< one of another farm, or without our key
  not_activated,   ///< one without a key, while we are another computer
  we_have_no_key,  ///< one with a key, and we have none
  other_octane,    ///< another program of ours: a master or a slave
  stranger,        ///< something else: a web server, ...
  mute,            ///< it takes connections and says nothing
};

/// Whether packets of the largest size get through.
enum class LargePackets {
  not_tested,
  arrive,
  lost_on_the_way_there,
  lost_on_the_way_back,
};

/// In DoctorEvidence::subnet: there are too many addresses to scan.
inline constexpr const char* kIpv6Network = "an IPv6 network";

struct DoctorEvidence {
  // What the user asked for and has.
  std::string address;  ///< as typed
  std::string name;     ///< by which people asked for it; empty: by its address
  std::string numeric;  ///< empty = nobody knows that name
  bool network_enabled = false;
  std::uint16_t daemon_port = 0;  ///< the one asked
  std::uint16_t master_port = 0;
  std::uint32_t version = kVersion;
  std::uint32_t farm = 0;
  bool insecure = false;
  bool this_computer = false;

  // The way there.
  std::string adapter;  ///< "10.0.0.103/24", the one in the same subnet; empty = through a router
  bool no_route = false;
  std::string scanned;            ///< "10.0.0.0/24": subnets that scans ask
  std::string left_out;           ///< "172.17.0.0/16 (docker0)": those of this computer that they do not
  std::string left_out_adapter;   ///< the one of these that it is in, by the adapter's name
  bool scanned_there = false;     ///< it is in one of them, or asked by its address
  std::string subnet;             ///< "10.0.1.0/24": the one it is in, as far as one can guess
  std::optional<bool> neighbour;  ///< whether a computer answers there; nothing = one cannot tell
  std::string neighbour_text;     ///< "ARP"

  // The daemon.
  PortReply udp = PortReply::not_tried;
  unsigned udp_tries = 0;
  double udp_ms = 0;
  PortReply tcp = PortReply::not_tried;
  Behind behind = Behind::nothing_known;
  std::string behind_text;  ///< what was said there
  LargePackets large_packets = LargePackets::not_tested;
  std::optional<DaemonStatus> status;  ///< by UDP
  std::optional<DaemonDescription> description;
  std::optional<ReachResult> reach;         ///< back to the master's port
  std::vector<std::uint16_t> ports_tried;   ///< others, ascending
  std::optional<std::uint16_t> other_port;  ///< where a daemon is
  std::string own_nick;
  bool own_occupancy = false;     ///< bound to this very user at this computer
  std::uint64_t unix_time_s = 0;  ///< now, for texts
};

enum class DoctorVerdict {
  nothing_wrong,
  network_off,
  unknown_name,
  no_route,
  no_computer,
  nothing_listens,
  other_port,
  other_subnet,
  other_subnet_silent,
  silent,
  firewall_drops,
  firewall_drops_udp,
  firewall_drops_tcp,
  firewall_rejects_tcp,
  own_firewall_out,
  own_firewall_in,
  packets_vanish,
  other_program,
  wrong_version,
  other_farm,
  not_activated,
  we_have_no_key,
  bound_to_other,
  paused,
  slave_cannot_start,
  slave_crashed,
};

/// "firewall_drops", for JSON.
const char* word_of(DoctorVerdict verdict);

struct Diagnosis {
  DoctorVerdict verdict = DoctorVerdict::nothing_wrong;
  std::string text;  ///< "a firewall on that computer drops UDP and TCP to port 48000"
  std::string help;  ///< what to type

  bool fault() const { return verdict != DoctorVerdict::nothing_wrong; }
  /// It answers scans; it may be unusable for another reason.
  bool seen() const;
};

/// Exactly one verdict.
Diagnosis diagnose(const DoctorEvidence& evidence);

/// "10.0.0.11: NOT SEEN because a firewall ..."
std::string verdict_line(const DoctorEvidence& evidence, const Diagnosis& diagnosis);
/// "network rendering: on; adapter: 10.0.0.103/24 reaches it; ..."
std::string evidence_line(const DoctorEvidence& evidence);
/// One line of JSON (octane.doctor/1): address, verdict, fault, seen, text, help, evidence.
std::string doctor_record(const DoctorEvidence& evidence, const Diagnosis& diagnosis);

}  // namespace oct
