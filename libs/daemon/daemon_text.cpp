#include "daemon/daemon_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/figure.hpp"
#include "base/json_text.hpp"
#include "base/plural.hpp"
#include "daemon/daemon_words.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

std::string device_text(const DeviceInfo& device) {
  const std::string label = device.kind == DeviceKind::cuda ? fmt::format("GPU {}", device.index) : "CPU";
  return fmt::format("{:<11}{}, {} GB", label, device.name,
                     figure(static_cast<double>(device.memory_bytes) / 1e9, 1));
}

std::string slave_text(const DaemonDescription& daemon) {
  if (daemon.slave_version == 0) return "none";
  const bool known = daemon.slave_stage != SlaveStage::unknown && daemon.slave_stage != SlaveStage::ended;
  return fmt::format("{}, {}", daemon.slave_version, known ? to_string(daemon.slave_stage) : "not running");
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json owner_json(const DaemonOwner& owner) {
  return {{"nick_name", owner.nick},
          {"address", owner.address},
          {"port", owner.port},
          {"since", owner.since_unix_s}};
}

Json devices_json(const std::vector<DeviceInfo>& devices) {
  Json list = Json::array();
  for (const DeviceInfo& device : devices) {
    list.push_back({{"kind", device.kind == DeviceKind::cuda ? "cuda" : "cpu"},
                    {"index", device.index},
                    {"name", device.name},
                    {"memory_bytes", device.memory_bytes},
                    {"threads", device.threads}});
  }
  return list;
}

}  // namespace

std::string hello_line(const std::string& name, std::uint16_t port, const NetworkAccess& access) {
  const std::string farm = access.key        ? "farm " + farm_text(access.farm())
                           : access.insecure ? "insecure: open to the whole network"
                                             : "not activated: for this computer only";
  return fmt::format("octane_daemon {} on {}, port {}, {}", kVersion, name, port, farm);
}

std::string lending_line(const LendingChoice& lending) {
  std::string when = lending.hours ? daily_hours_text(*lending.hours) : std::string();
  if (lending.idle_for) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*lending.idle_for).count();
    when += fmt::format("{}after {} minute{} without keyboard and mouse", when.empty() ? "" : ", ", minutes,
                        plural(static_cast<std::uint64_t>(minutes)));
  }
  return fmt::format("{:<11}{}", "Lends", when);
}

std::vector<std::string> facts_lines(const SlaveFacts& facts) {
  std::vector<std::string> lines{fmt::format("{:<11}{}, {} {}, {} bit", "Slave", facts.version,
                                             facts.platform, facts.architecture, facts.bitness)};
  bool second = false;
  for (const DeviceInfo& device : facts.devices) {
    if (device.kind == DeviceKind::cuda && second) {
      lines.back() += fmt::format("{:10}{}", "", device_text(device));
    } else {
      lines.push_back(device_text(device));
    }
    second = device.kind == DeviceKind::cuda && !second;
  }
  if (!facts.no_gpu_reason.empty())
    lines.push_back(fmt::format("{:<11}none: {}", "GPU", facts.no_gpu_reason));
  return lines;
}

std::string time_of_day(std::uint64_t unix_s) {
  return fmt::format("{:%H:%M:%S}", fmt::localtime(static_cast<std::time_t>(unix_s)));
}

unsigned second_of_day(std::uint64_t unix_s) {
  const std::tm time = fmt::localtime(static_cast<std::time_t>(unix_s));
  return static_cast<unsigned>((time.tm_hour * 60 + time.tm_min) * 60 + std::min(time.tm_sec, 59));
}

std::string status_text(const ControlAnswer& answer) {
  const DaemonDescription& daemon = answer.description.at(0);
  std::string text =
      fmt::format("{:<11}{} {}, port {}\n", "Daemon", daemon.name, daemon.version, answer.port);
  text += fmt::format("{:<11}{}{}\n", "State", to_string(daemon.mode),
                      daemon.reason.empty() ? "" : ": " + daemon.reason);
  text += fmt::format("{:<11}{}\n", "Slave", slave_text(daemon));
  if (!daemon.owner.empty()) text += fmt::format("{:<11}{}\n", "Bound to", owner_text(daemon.owner.front()));
  for (const DeviceInfo& device : daemon.devices) text += device_text(device) + "\n";
  text.pop_back();
  return text;
}

std::string stopped_text(const ControlAnswer& answer) {
  const DaemonDescription& daemon = answer.description.at(0);
  return fmt::format("{:<11}{} {}, port {}: its slave has ended, and it ends", "Stopped", daemon.name,
                     daemon.version, answer.port);
}

std::string status_json(const ControlAnswer& answer) {
  const DaemonDescription& daemon = answer.description.at(0);
  Json log = Json::array();
  for (const LogLine& line : daemon.log) log.push_back(line.text);
  const Json document{
      {"schema", "octane.daemon/1"},
      {"state", to_string(daemon.mode)},
      {"reason", or_null(daemon.reason)},
      {"port", answer.port},
      {"id", daemon.id},
      {"name", daemon.name},
      {"version", daemon.version},
      {"slave",
       {{"version", daemon.slave_version == 0 ? Json(nullptr) : Json(daemon.slave_version)},
        {"kernel_hash", or_null(daemon.slave_kernel_hash)},
        {"stage", to_string(daemon.slave_stage)},
        {"starts", daemon.slave_starts},
        {"log", log}}},
      {"devices", devices_json(daemon.devices)},
      {"no_gpu_reason", or_null(daemon.no_gpu_reason)},
      {"owner", daemon.owner.empty() ? Json(nullptr) : owner_json(daemon.owner.front())},
      {"paused_until", daemon.paused_until_unix_s == 0 ? Json(nullptr) : Json(daemon.paused_until_unix_s)},
  };
  return json_text(document);
}

}  // namespace oct
