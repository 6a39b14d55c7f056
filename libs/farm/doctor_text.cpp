#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/figure.hpp"
#include "base/json_text.hpp"
#include "farm/doctor_verdict.hpp"
#include "report/words.hpp"

// What people and programs are told of a diagnosis.

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

const char* text_of(PortReply reply) {
  switch (reply) {
    case PortReply::not_tried: return "not tried";
    case PortReply::answered: return "answers";
    case PortReply::refused: return "refused";
    case PortReply::silent: return "silent";
    case PortReply::unreachable: return "unreachable";
    case PortReply::forbidden: return "not let out";
  }
  return "not tried";
}

const char* text_of(LargePackets packets) {
  switch (packets) {
    case LargePackets::not_tested: return "not tested";
    case LargePackets::arrive: return "arrive";
    case LargePackets::lost_on_the_way_there: return "lost on the way there";
    case LargePackets::lost_on_the_way_back: return "lost on the way back";
  }
  return "not tested";
}

std::string computer_text(const DoctorEvidence& e) {
  if (e.this_computer) return "this one";
  if (e.neighbour.value_or(false)) return fmt::format("answers ({})", e.neighbour_text);
  if (e.tcp == PortReply::answered || e.tcp == PortReply::refused) return "answers (TCP)";
  if (e.udp == PortReply::answered) return "answers (UDP)";
  if (e.neighbour) return fmt::format("silent ({})", e.neighbour_text);
  return e.adapter.empty() ? "not known (behind a router)" : "not known";
}

std::string adapter_text(const DoctorEvidence& e) {
  if (e.no_route) return "none reaches it";
  const std::string left_out = e.left_out.empty() ? std::string() : fmt::format(", left out: {}", e.left_out);
  if (e.adapter.empty()) return fmt::format("none is in its subnet, you scan {}{}", e.scanned, left_out);
  return fmt::format("{} reaches it{}", e.adapter, e.scanned_there ? std::string() : left_out);
}

std::string udp_text(const DoctorEvidence& e) {
  if (e.udp == PortReply::answered) return fmt::format("answers in {} ms", figure(e.udp_ms, 1));
  if (e.udp == PortReply::silent)
    return fmt::format("silent, {} {}", e.udp_tries, e.udp_tries == 1 ? "try" : "tries");
  return text_of(e.udp);
}

std::string tcp_text(const DoctorEvidence& e) {
  if (e.tcp != PortReply::answered) return text_of(e.tcp);
  return e.behind_text.empty() ? "answers" : fmt::format("answers ({})", e.behind_text);
}

/// "47990-47999, 48001, 48003" for ascending ports.
std::string ranges_text(const std::vector<std::uint16_t>& ports) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < ports.size(); begin = end) {
    for (end = begin + 1; end < ports.size() && ports[end] == ports[end - 1] + 1;) ++end;
    if (begin > 0) text += ", ";
    text += std::to_string(ports[begin]);
    if (end - begin > 1) text += fmt::format("-{}", ports[end - 1]);
  }
  return text;
}

std::string other_ports_text(const DoctorEvidence& e) {
  if (e.ports_tried.empty()) return {};
  return fmt::format("; other ports {}: {}", ranges_text(e.ports_tried),
                     e.other_port ? fmt::format("a daemon on {}", *e.other_port) : std::string("no daemon"));
}

Json evidence_json(const DoctorEvidence& e) {
  Json json = {
      {"network_rendering", e.network_enabled},
      {"numeric_address", nullable(e.numeric)},
      {"daemon_port", e.daemon_port},
      {"master_port", e.master_port},
      {"adapter", nullable(e.adapter)},
      {"scanned", nullable(e.scanned)},
      {"scanned_there", e.scanned_there},
      {"left_out", nullable(e.left_out)},
      {"computer_answers", e.neighbour ? Json(*e.neighbour) : Json(nullptr)},
      {"udp", text_of(e.udp)},
      {"udp_tries", e.udp_tries},
      {"udp_ms", e.udp == PortReply::answered ? Json(e.udp_ms) : Json(nullptr)},
      {"tcp", text_of(e.tcp)},
      {"large_packets", text_of(e.large_packets)},
      {"other_port", e.other_port ? Json(*e.other_port) : Json(nullptr)},
      {"reaches_master", e.reach ? Json(e.reach->reached == 1) : Json(nullptr)},
  };
  if (e.description) {
    json["name"] = e.description->name;
    json["id"] = e.description->id;
    json["version"] =
        e.description->slave_version != 0 ? e.description->slave_version : e.description->version;
    json["mode"] = to_string(e.description->mode);
    Json log = Json::array();
    for (const LogLine& line : e.description->log) log.push_back(line.text);
    json["log"] = log;
  }
  return json;
}

}  // namespace

const char* word_of(DoctorVerdict verdict) {
  switch (verdict) {
    case DoctorVerdict::nothing_wrong: return "nothing_wrong";
    case DoctorVerdict::network_off: return "network_off";
    case DoctorVerdict::unknown_name: return "unknown_name";
    case DoctorVerdict::no_route: return "no_route";
    case DoctorVerdict::no_computer: return "no_computer";
    case DoctorVerdict::nothing_listens: return "nothing_listens";
    case DoctorVerdict::other_port: return "other_port";
    case DoctorVerdict::other_subnet: return "other_subnet";
    case DoctorVerdict::other_subnet_silent: return "other_subnet_silent";
    case DoctorVerdict::silent: return "silent";
    case DoctorVerdict::firewall_drops: return "firewall_drops";
    case DoctorVerdict::firewall_drops_udp: return "firewall_drops_udp";
    case DoctorVerdict::firewall_drops_tcp: return "firewall_drops_tcp";
    case DoctorVerdict::firewall_rejects_tcp: return "firewall_rejects_tcp";
    case DoctorVerdict::own_firewall_out: return "own_firewall_out";
    case DoctorVerdict::own_firewall_in: return "own_firewall_in";
    case DoctorVerdict::packets_vanish: return "packets_vanish";
    case DoctorVerdict::other_program: return "other_program";
    case DoctorVerdict::wrong_version: return "wrong_version";
    case DoctorVerdict::other_farm: return "other_farm";
    case DoctorVerdict::not_activated: return "not_activated";
    case DoctorVerdict::we_have_no_key: return "we_have_no_key";
    case DoctorVerdict::bound_to_other: return "bound_to_other";
    case DoctorVerdict::paused: return "paused";
    case DoctorVerdict::slave_cannot_start: return "slave_cannot_start";
    case DoctorVerdict::slave_crashed: return "slave_crashed";
  }
  return "unknown";
}

std::string verdict_line(const DoctorEvidence& e, const Diagnosis& diagnosis) {
  const std::string who = who_text({e.name, e.address});
  if (!diagnosis.fault()) return fmt::format("{}: {}", who, diagnosis.text);
  return fmt::format("{}: {} because {}", who, diagnosis.seen() ? "NOT USABLE" : "NOT SEEN", diagnosis.text);
}

std::string evidence_line(const DoctorEvidence& e) {
  if (e.numeric.empty()) return "the system's name service does not know this name";
  std::string text = fmt::format("network rendering: {}; adapter: {}; computer: {}; UDP {}: {}; TCP {}: {}",
                                 e.network_enabled ? "on" : "off", adapter_text(e), computer_text(e),
                                 e.daemon_port, udp_text(e), e.daemon_port, tcp_text(e));
  if (e.large_packets != LargePackets::not_tested)
    text += fmt::format("; large packets: {}", text_of(e.large_packets));
  text += other_ports_text(e);
  if (e.description) {
    text += fmt::format("; daemon: {} {}, {}", e.description->name, e.description->version,
                        to_string(e.description->mode));
    if (e.description->slave_version != 0) text += fmt::format(", slave {}", e.description->slave_version);
  }
  if (e.reach)
    text += fmt::format("; from there to port {} here: {}", e.master_port,
                        e.reach->reached == 1 ? "reached" : e.reach->text);
  return text;
}

std::string doctor_record(const DoctorEvidence& e, const Diagnosis& diagnosis) {
  const Json json = {{"schema", "octane.doctor/1"},
                     {"address", e.address},
                     {"verdict", word_of(diagnosis.verdict)},
                     {"fault", diagnosis.fault()},
                     {"seen", diagnosis.seen()},
                     {"text", diagnosis.text},
                     {"help", nullable(diagnosis.help)},
                     {"evidence", evidence_json(e)}};
  return json_text(json);
}

}  // namespace oct
