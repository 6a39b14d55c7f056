#include "farm/doctor_verdict.hpp"

#include "farm/daemon_view.hpp"

#include <set>

#include "support/catch.hpp"
#include "support/daemons.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A daemon with nothing wrong.
DoctorEvidence healthy() {
  DoctorEvidence e;
  e.address = e.numeric = "10.0.0.11";
  e.network_enabled = true;
  e.daemon_port = 48000;
  e.master_port = 21000;
  e.farm = 0x7f3ac2;
  e.adapter = "10.0.0.103/24";
  e.scanned = e.subnet = "10.0.0.0/24";
  e.scanned_there = true;
  e.neighbour = true;
  e.neighbour_text = "ARP";
  e.udp = PortReply::answered;
  e.udp_tries = 1;
  e.udp_ms = 0.6;
  e.tcp = PortReply::answered;
  e.behind = Behind::daemon;
  e.status = a_status('a', "RENDER1");
  e.status->farm = e.farm;
  DaemonDescription description;
  description.name = "RENDER1";
  description.mode = DaemonMode::unbound;
  description.slave_version = kVersion;
  description.devices.resize(2);
  for (DeviceInfo& device : description.devices) device.kind = DeviceKind::cuda;
  e.description = description;
  e.reach = ReachResult{1, {}};
  e.own_nick = "studio@DESK";
  e.unix_time_s = 1'700'000'000;
  return e;
}

/// Nobody answers.
DoctorEvidence mute() {
  DoctorEvidence e = healthy();
  e.udp = e.tcp = PortReply::silent;
  e.udp_tries = 3;
  e.behind = Behind::nothing_known;
  e.status.reset();
  e.description.reset();
  e.reach.reset();
  return e;
}

void check(const DoctorEvidence& e, DoctorVerdict verdict, const std::string& text) {
  const Diagnosis diagnosis = diagnose(e);
  CHECK(std::string(word_of(diagnosis.verdict)) == word_of(verdict));
  CHECK(diagnosis.text == text);
  CHECK(diagnosis.help.empty() == (verdict == DoctorVerdict::nothing_wrong));
  CHECK(doctor_record(e, diagnosis).find(word_of(verdict)) != std::string::npos);
  CHECK(evidence_line(e).find("rror") == std::string::npos);
}

}  // namespace

TEST_CASE("the doctor says what is told when a firewall there drops everything", "[farm]") {
  const DoctorEvidence e = mute();
  check(e, DoctorVerdict::firewall_drops, "a firewall on that computer drops UDP and TCP to port 48000");
  const Diagnosis diagnosis = diagnose(e);
  CHECK(verdict_line(e, diagnosis) ==
        "10.0.0.11: NOT SEEN because a firewall on that computer drops UDP and TCP to port 48000");
  CHECK(diagnosis.help ==
        "there, run _open_firewall.bat daemon (Linux: sudo ./open_firewall.sh daemon); it should appear "
        "within 5 s");
  CHECK(evidence_line(e) ==
        "network rendering: on; adapter: 10.0.0.103/24 reaches it; computer: answers (ARP); UDP 48000: "
        "silent, 3 "
        "tries; TCP 48000: silent");
}

TEST_CASE("the evidence names just the ports that were tried", "[farm]") {
  DoctorEvidence e = mute();
  e.ports_tried = {39222, 47998, 47999, 48001, 48003};
  CHECK(evidence_line(e).ends_with("; other ports 39222, 47998-47999, 48001, 48003: no daemon"));
  e.ports_tried = {48001, 48002, 48003};
  e.other_port = 48002;
  CHECK(evidence_line(e).ends_with("; other ports 48001-48003: a daemon on 48002"));
}

TEST_CASE("the doctor finds nothing wrong", "[farm]") {
  DoctorEvidence e = healthy();
  check(e, DoctorVerdict::nothing_wrong, "nothing is wrong: unbound, 2 GPUs, answers in 0.6 ms");
  CHECK(verdict_line(e, diagnose(e)) == "10.0.0.11: nothing is wrong: unbound, 2 GPUs, answers in 0.6 ms");
  e.name = "render1";
  CHECK(verdict_line(e, diagnose(e)).starts_with("render1 (10.0.0.11): nothing is wrong"));
  e.description->mode = DaemonMode::bound;
  e.description->owner = {an_owner("studio@DESK", "10.0.0.103")};
  e.own_occupancy = true;
  check(e, DoctorVerdict::nothing_wrong, "nothing is wrong: bound to you, 2 GPUs, answers in 0.6 ms");
  e.description->devices[1].kind = DeviceKind::cpu;
  e.udp_ms = 0.012;
  check(e, DoctorVerdict::nothing_wrong, "nothing is wrong: bound to you, 2 devices, answers in 0.012 ms");
  e.description->devices.erase(e.description->devices.begin());
  check(e, DoctorVerdict::nothing_wrong, "nothing is wrong: bound to you, CPU, answers in 0.012 ms");
}

TEST_CASE("the doctor tells what is wrong at this computer", "[farm]") {
  DoctorEvidence e = healthy();
  e.network_enabled = false;
  check(e, DoctorVerdict::network_off, "network rendering is off in this master");
  e = healthy();
  e.reach = ReachResult{0, "no answer"};
  check(e, DoctorVerdict::own_firewall_in,
        "it sees you, but cannot reach this master's port 21000 (your firewall)");
  e.udp = PortReply::silent;  // the same firewall eats the answers
  check(e, DoctorVerdict::own_firewall_in,
        "it sees you, but cannot reach this master's port 21000 (your firewall)");
  e = mute();
  e.udp = PortReply::forbidden;
  check(e, DoctorVerdict::own_firewall_out,
        "a firewall on this computer blocks outgoing traffic to port 48000");
  e = mute();
  e.numeric.clear();
  e.address = "RENDRE1";
  check(e, DoctorVerdict::unknown_name, "no computer is known by the name RENDRE1");
  e = mute();
  e.no_route = true;
  check(e, DoctorVerdict::no_route, "no adapter of this computer reaches that address");
}

TEST_CASE("the doctor tells firewalls there from computers that are not", "[farm]") {
  DoctorEvidence e = mute();
  e.neighbour = false;
  check(e, DoctorVerdict::no_computer, "no computer answers at that address");
  e.tcp = PortReply::unreachable;  // what a system says of a neighbour that is not there
  check(e, DoctorVerdict::no_computer, "no computer answers at that address");
  e.neighbour = true;
  check(e, DoctorVerdict::firewall_rejects_tcp,
        "a firewall on that computer rejects UDP and TCP to port 48000");
  e = mute();
  e.neighbour.reset();
  check(e, DoctorVerdict::silent, "nothing answers at that address");
  e = mute();
  e.tcp = PortReply::refused;
  check(e, DoctorVerdict::nothing_listens, "the computer answers, but no daemon listens on 48000 (refused)");
  e = mute();
  e.udp = PortReply::answered;
  e.status = healthy().status;
  check(e, DoctorVerdict::firewall_drops_tcp, "a firewall on that computer drops TCP to port 48000");
  e.tcp = PortReply::refused;
  check(e, DoctorVerdict::firewall_rejects_tcp, "a firewall on that computer rejects TCP to port 48000");
  e = healthy();
  e.udp = PortReply::silent;
  check(e, DoctorVerdict::firewall_drops_udp, "a firewall on that computer drops UDP to port 48000");
}

TEST_CASE("the doctor finds a daemon where it is not looked for", "[farm]") {
  DoctorEvidence e = mute();
  e.tcp = PortReply::refused;
  e.other_port = 48010;
  check(e, DoctorVerdict::other_port, "it listens on port 48010, you scan 48000");
  for (const std::string typed : {"RENDER1", "RENDER1:48020"}) {
    e.address = typed;
    CHECK(diagnose(e).help ==
          "--net-daemon RENDER1:48010, or octane_master preferences set network.daemon_addresses "
          "RENDER1:48010");
  }
  e = healthy();
  e.adapter.clear();
  e.numeric = "10.0.1.11";
  e.subnet = "10.0.1.0/24";
  e.scanned_there = false;
  check(e, DoctorVerdict::other_subnet, "it is in 10.0.1.0/24, you scan 10.0.0.0/24");
  CHECK(diagnose(e).help.ends_with("; a whole subnet: --net-subnet 10.0.1.0/24"));
  e.address = e.numeric = "fd00::11";
  e.subnet = kIpv6Network;
  check(e, DoctorVerdict::other_subnet, "it is in an IPv6 network, you scan 10.0.0.0/24");
  CHECK(diagnose(e).help.ends_with("network.daemon_addresses fd00::11"));
  e = mute();
  e.adapter.clear();
  e.neighbour.reset();
  e.subnet = "10.0.1.0/24";
  e.scanned_there = false;
  check(e, DoctorVerdict::other_subnet_silent,
        "it is in 10.0.1.0/24, you scan 10.0.0.0/24, and from there nothing answers");
  e = mute();
  e.tcp = PortReply::answered;
  e.behind = Behind::stranger;
  e.behind_text = "it speaks HTTP";
  check(e, DoctorVerdict::other_program, "another program has port 48000 there (it speaks HTTP)");
}

TEST_CASE("the doctor tells farms and versions apart", "[farm]") {
  DoctorEvidence e = mute();
  e.tcp = e.udp = PortReply::answered;
  e.behind = Behind::other_farm;
  e.status = a_status('a', "");
  e.status->farm = 0x77c0d3;
  check(e, DoctorVerdict::other_farm, "it belongs to farm 77C0D3, you to 7F3AC2");
  e.behind = Behind::we_have_no_key;
  e.farm = 0;
  check(e, DoctorVerdict::we_have_no_key, "it belongs to farm 77C0D3, this computer has no farm.key");
  e.status->farm = 0;
  e.behind = Behind::not_activated;
  check(e, DoctorVerdict::not_activated, "it has no farm.key and serves only its own computer");
  e = healthy();
  e.description->slave_version = 999002;
  check(e, DoctorVerdict::wrong_version, "it has version 999002, this master is 1000000");
}

TEST_CASE("the doctor repeats why a slave cannot be used", "[farm]") {
  DoctorEvidence e = healthy();
  e.description->mode = DaemonMode::no_slave;
  e.description->slave_version = 0;
  e.description->reason = "octane_slave --info ended with code 5";
  check(e, DoctorVerdict::slave_cannot_start,
        "its slave cannot start: octane_slave --info ended with code 5");
  e = healthy();
  e.description->mode = DaemonMode::crashed;
  e.description->reason = "ended by signal 11";
  check(e, DoctorVerdict::slave_crashed, "its slave keeps crashing: ended by signal 11");
  e.description->mode = DaemonMode::paused;
  e.description->reason = "paused by the user until 14:30";
  check(e, DoctorVerdict::paused, "deactivated: paused by the user until 14:30");
  e.description->mode = DaemonMode::bound;
  e.description->owner = {an_owner("studio@WS-02", "10.0.0.104")};
  check(e, DoctorVerdict::bound_to_other,
        "bound to studio@WS-02 since " + clock_text(1'700'000'000, 1'700'000'000));
  CHECK(verdict_line(e, diagnose(e)).starts_with("10.0.0.11: NOT USABLE because bound to studio@WS-02"));
}

TEST_CASE("every evidence has exactly one verdict with words", "[farm]") {
  std::set<DoctorVerdict> seen;
  constexpr PortReply kReplies[] = {PortReply::answered, PortReply::refused, PortReply::silent,
                                    PortReply::unreachable, PortReply::forbidden};
  for (const PortReply udp : kReplies) {
    for (const PortReply tcp : kReplies) {
      for (int behind = 0; behind <= static_cast<int>(Behind::mute); ++behind) {
        for (int bits = 0; bits < 64; ++bits) {
          DoctorEvidence e = bits & 1 ? healthy() : mute();
          e.udp = udp;
          e.tcp = tcp;
          e.behind = static_cast<Behind>(behind);
          if (bits & 2) e.adapter.clear();
          if (bits & 4) e.neighbour.reset();
          if (bits & 8) e.scanned_there = false;
          if (bits & 16) e.other_port = 48001;
          if (bits & 32) e.neighbour = false;
          const Diagnosis diagnosis = diagnose(e);
          seen.insert(diagnosis.verdict);
          REQUIRE_FALSE(diagnosis.text.empty());
          REQUIRE((diagnosis.fault() == !diagnosis.help.empty()));
        }
      }
    }
  }
  CHECK(seen.size() >= 12);
}

TEST_CASE("the doctor says when large packets vanish, whatever else is known", "[farm]") {
  DoctorEvidence e = healthy();
  e.description.reset();
  e.reach.reset();
  e.large_packets = LargePackets::lost_on_the_way_there;
  check(e, DoctorVerdict::packets_vanish,
        "large packets vanish on the way from here to there, small ones of 1052 bytes arrive (MTU)");
  CHECK(diagnose(e).seen());
  e.large_packets = LargePackets::lost_on_the_way_back;
  e.udp = PortReply::silent;
  check(e, DoctorVerdict::packets_vanish,
        "large packets vanish on the way from there to here, small ones arrive (MTU)");
  e = healthy();
  e.large_packets = LargePackets::arrive;
  CHECK_FALSE(diagnose(e).fault());
  CHECK(evidence_line(e).find("; large packets: arrive") != std::string::npos);
}

TEST_CASE("the doctor names the virtual adapter that is left out", "[farm]") {
  DoctorEvidence e = healthy();
  e.scanned_there = false;
  e.subnet = "172.17.0.0/16";
  e.left_out = "172.17.0.0/16 (docker0)";
  e.left_out_adapter = "docker0";
  check(e, DoctorVerdict::other_subnet,
        "it is in 172.17.0.0/16 (docker0), which is left out: a virtual adapter without routes; you scan "
        "10.0.0.0/24");
  CHECK(diagnose(e).help.find("--net-subnet docker0") == 0);
  CHECK(evidence_line(e).find("left out: 172.17.0.0/16 (docker0)") != std::string::npos);
}
