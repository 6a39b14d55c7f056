#include "daemon/slave_probe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/daemon_words.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

std::string text_at(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::uint64_t number_at(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json[key].is_number_unsigned() ? json[key].get<std::uint64_t>() : 0;
}

DeviceInfo device_of(const nlohmann::json& json) {
  DeviceInfo info;
  info.kind = text_at(json, "kind") == "cuda" ? DeviceKind::cuda : DeviceKind::cpu;
  info.index = static_cast<std::uint32_t>(number_at(json, "index"));
  info.name = text_at(json, "name");
  info.memory_bytes = number_at(json, "memory_bytes");
  info.threads = static_cast<std::uint32_t>(number_at(json, "threads"));
  return info;
}

}  // namespace

Result<SlaveFacts> read_slave_facts(const std::string& document) {
  const nlohmann::json json = nlohmann::json::parse(document, nullptr, false);
  if (!json.is_object() || text_at(json, "schema") != "octane.slave_info/1" ||
      number_at(json, "version") == 0) {
    return fail(ErrorKind::invalid_input,
                "the slave's answer to --info is not an octane.slave_info/1 document");
  }
  SlaveFacts facts;
  facts.version = static_cast<std::uint32_t>(number_at(json, "version"));
  facts.platform = text_at(json, "platform");
  facts.architecture = text_at(json, "architecture");
  facts.bitness = static_cast<std::uint32_t>(number_at(json, "bitness"));
  facts.kernel_hash = text_at(json, "kernel_hash");
  facts.no_gpu_reason = text_at(json, "no_gpu_reason");
  facts.can_rest = json.contains("can_rest") && json["can_rest"] == true;
  if (json.contains("devices") && json["devices"].is_array()) {
    for (const nlohmann::json& device : json["devices"]) {
      if (facts.devices.size() < kMaxDevices && device.is_object())
        facts.devices.push_back(device_of(device));
    }
  }
  return facts;
}

Result<SlaveFacts> slave_facts_of(const std::string& program, const std::vector<std::string>& lines,
                                  const SlaveExit& exit) {
  const auto starts_with = [&](std::string_view mark) {
    return std::find_if(lines.begin(), lines.end(),
                        [&](const std::string& line) { return line.rfind(mark, 0) == 0; });
  };
  if (exit.signal != 0 || exit.code != 0) {
    const auto words = starts_with("error: ");
    return fail(ErrorKind::unavailable, fmt::format("{} --info ended with {}{}", program, exit_text(exit),
                                                    words == lines.end() ? "" : ": " + words->substr(7)));
  }
  const auto document = starts_with("{");
  return read_slave_facts(document == lines.end() ? std::string() : *document);
}

}  // namespace oct
