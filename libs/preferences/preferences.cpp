#include "preferences/preferences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "base/json_text.hpp"
#include "preferences/json_lines.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostItems = 4096;  // of a list
constexpr int kVersionOfFile = 1;

/// What a value must be, in words, and whether it is.
struct Port {
  std::uint16_t& value;
};
struct Seconds {
  double& value;
};

/// The one list of keys: reading, writing and setting follow.
template <class Visit>
void each_key(Preferences& self, Visit&& visit) {
  NetworkPreferences& network = self.network;
  visit("network", "enable", network.enable);
  visit("network", "master_port", Port{network.master_port});
  visit("network", "automatic_port", network.automatic_port);
  visit("network", "daemon_port", Port{network.daemon_port});
  visit("network", "scan_interval_s", Seconds{network.scan_interval_s});
  visit("network", "subnets", network.subnets);
  visit("network", "daemon_addresses", network.daemon_addresses);
  visit("network", "use", network.use);
  visit("network", "enabled_daemons", network.enabled_daemons);
  visit("network", "nick_name", network.nick_name);
  visit("devices", "gpus", self.devices.gpus);
  visit("devices", "cpu", self.devices.cpu);
  visit("scene", "allow_external_files", self.scene.allow_external_files);
}

std::string port_words() {
  return fmt::format("must be a whole number from {} to 65535", kMinPort);
}

bool is_gpu_list(const std::string& text) {
  if (text == "all") return true;
  return !text.empty() && text.find_first_not_of("0123456789,") == std::string::npos && text.front() != ',' &&
         text.back() != ',';
}

/// Each returns what the value must be, empty when it is.
std::string read(const Json& json, bool& value) {
  if (!json.is_boolean()) return "must be true or false";
  value = json.get<bool>();
  return {};
}
std::string read(const Json& json, Port port) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() < kMinPort || json.get<std::uint64_t>() > 65535)
    return port_words();
  port.value = json.get<std::uint16_t>();
  return {};
}
std::string read(const Json& json, Seconds seconds) {
  constexpr const char* kWords = "must be a number from 1 to 3600";
  if (!json.is_number()) return kWords;
  const double value = json.get<double>();
  if (!(value >= 1 && value <= 3600)) return kWords;
  seconds.value = value;
  return {};
}
std::string read(const Json& json, std::string& value) {
  if (!json.is_string() || !is_clean_text(json.get<std::string>())) return "must be a text in quotes";
  value = json.get<std::string>();
  return {};
}
std::string read(const Json& json, std::vector<std::string>& list) {
  constexpr const char* kWords = "must be a list of texts: [\"...\", \"...\"]";
  if (!json.is_array() || json.size() > kMostItems) return kWords;
  std::vector<std::string> items;
  for (const Json& item : json) {
    if (!read(item, items.emplace_back()).empty()) return kWords;
  }
  list = std::move(items);
  return {};
}
std::string read(const Json& json, std::vector<EnabledDaemon>& list) {
  constexpr const char* kWords =
      "must be a list of daemons: {\"id\": \"...\", \"name\": \"...\", "
      "\"address\": \"...\"}";
  if (!json.is_array() || json.size() > kMostItems) return kWords;
  std::vector<EnabledDaemon> daemons;
  for (const Json& item : json) {
    EnabledDaemon& daemon = daemons.emplace_back();
    if (!item.is_object()) return kWords;
    for (const auto& [key, value] : item.items()) {
      std::string ignored;
      std::string& into = key == "id"        ? daemon.id
                          : key == "name"    ? daemon.name
                          : key == "address" ? daemon.address
                                             : ignored;
      if (&into != &ignored && !read(value, into).empty()) return kWords;
    }
    if (daemon.id.empty() && daemon.address.empty()) return kWords;
  }
  list = std::move(daemons);
  return {};
}

Json json_of(bool value) {
  return value;
}
Json json_of(Port port) {
  return port.value;
}
Json json_of(Seconds seconds) {
  const double whole = std::round(seconds.value);
  return whole == seconds.value ? Json(static_cast<int>(whole)) : Json(seconds.value);
}
Json json_of(const std::string& value) {
  return value;
}
Json json_of(const std::vector<std::string>& list) {
  return list;
}
Json json_of(const std::vector<EnabledDaemon>& list) {
  Json array = Json::array();
  for (const EnabledDaemon& daemon : list)
    array.push_back({{"id", daemon.id}, {"name", daemon.name}, {"address", daemon.address}});
  return array;
}

std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items;
  std::istringstream stream{std::string(text)};
  for (std::string item; std::getline(stream, item, ',');) {
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

/// A value as it is typed on a command line.
Json typed(std::string_view text, const bool&) {
  if (text == "true" || text == "on" || text == "yes") return true;
  if (text == "false" || text == "off" || text == "no") return false;
  return std::string(text);
}
template <class Number>
Json typed_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::string(text);
  return value;
}
Json typed(std::string_view text, const Port&) {
  return typed_number<std::uint64_t>(text);
}
Json typed(std::string_view text, const Seconds&) {
  return typed_number<double>(text);
}
Json typed(std::string_view text, const std::string&) {
  return std::string(text);
}
Json typed(std::string_view text, const std::vector<std::string>&) {
  return items_of(text);
}
Json typed(std::string_view text, const std::vector<EnabledDaemon>&) {
  return std::string(text);
}

/// What one value alone does not show.
std::string check(std::string_view key, const Preferences& preferences) {
  if (key == "devices.gpus" && !is_gpu_list(preferences.devices.gpus))
    return "must be all, or numbers such as 0,1";
  if (key == "network.nick_name" && preferences.network.nick_name.size() > kMaxNickBytes)
    return fmt::format("must have at most {} bytes", kMaxNickBytes);
  if (key == "network.use" && preferences.network.use.empty())
    return "must be enabled, all, none, or names and addresses of daemons";
  return {};
}

std::string key_of(const char* group, const char* name) {
  return fmt::format("{}.{}", group, name);
}

std::string short_text(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

Result<Json> parse(std::string_view text, const std::string& file_name) {
  if (text.size() > kMostPreferencesBytes || is_nested_too_deep(text))
    return fail(ErrorKind::invalid_input, fmt::format("{}: is not a preferences file", file_name),
                "octane_master preferences reset   writes a new one");
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json(Json::object());
  try {
    Json json = Json::parse(text.begin(), text.end());
    if (json.is_object()) return json;
    return fail(ErrorKind::invalid_input, fmt::format("{}: must hold one {{...}}", file_name),
                "octane_master preferences reset   writes a new one");
  } catch (const Json::parse_error& error) {
    const std::size_t place = std::min<std::size_t>(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n');
    return fail(ErrorKind::invalid_input, fmt::format("{}, line {}: this is not JSON", file_name, line),
                "octane_master preferences reset   writes a new file");
  } catch (const Json::exception&) {  // a number that no double holds
    return fail(ErrorKind::invalid_input, fmt::format("{}: holds a number that is too large", file_name),
                "octane_master preferences reset   writes a new file");
  }
}

using Lines = std::map<std::string, std::size_t>;

std::size_t line_of(const std::string& key, const Lines& lines) {
  const auto found = lines.find(key);
  return found == lines.end() ? 1 : found->second;
}

std::vector<std::string> unknown_keys(const Json& json, const std::set<std::string>& known,
                                      const std::string& file_name, const Lines& lines) {
  std::vector<std::string> warnings;
  const auto add = [&](const std::string& key) {
    warnings.push_back(fmt::format("{}, line {}: {} is not known and ignored", file_name, line_of(key, lines),
                                   clean_text(key, kMaxNameBytes)));
  };
  for (const auto& [group, object] : json.items()) {
    if (!known.contains(group)) {
      add(group);
      continue;
    }
    if (!object.is_object()) continue;
    for (const auto& [name, value] : object.items()) {
      const std::string key = key_of(group.c_str(), name.c_str());
      if (!known.contains(key)) add(key);
    }
  }
  return warnings;
}

}  // namespace

Result<ReadPreferences> read_preferences(std::string_view text, const std::string& file_name) {
  OCT_TRY_ASSIGN(const Json json, parse(text, file_name));
  const auto lines = json_lines(text);
  ReadPreferences result;
  std::string fault;
  std::set<std::string> known = {"version"};
  each_key(result.preferences, [&](const char* group, const char* name, auto&& value) {
    const std::string key = key_of(group, name);
    known.insert({group, key});
    if (!fault.empty() || !json.contains(group)) return;
    const Json& object = json[group];
    std::string must = object.is_object() ? std::string() : "must be {...}";
    if (must.empty() && !object.contains(name)) return;
    if (must.empty()) must = read(object[name], value);
    if (must.empty()) must = check(key, result.preferences);
    if (must.empty()) return;
    const Json& wrong = object.is_object() ? object[name] : object;
    const std::string& place = object.is_object() ? key : std::string(group);
    fault = fmt::format("{}, line {}: {}: {}, got {}", file_name, line_of(place, lines), place, must,
                        short_text(wrong));
  });
  if (!fault.empty())
    return fail(ErrorKind::invalid_input, fault, "octane_master preferences reset   writes a new file");
  result.warnings = unknown_keys(json, known, file_name, lines);
  return result;
}

std::string write_preferences(const Preferences& preferences, std::string_view former_text) {
  Json json = Json::object();
  if (auto former = parse(former_text, "")) json = *std::move(former);
  if (!json.contains("version")) json["version"] = kVersionOfFile;
  Preferences copy = preferences;
  each_key(copy, [&](const char* group, const char* name, auto&& value) {
    if (!json.contains(group) || !json[group].is_object()) json[group] = Json::object();
    json[group][name] = json_of(value);
  });
  return json_text(json, 2) + "\n";
}

Result<void> set_preference(Preferences& preferences, std::string_view key, std::string_view text) {
  bool found = false;
  std::string must;
  Preferences changed = preferences;
  each_key(changed, [&](const char* group, const char* name, auto&& value) {
    if (key != key_of(group, name)) return;
    found = true;
    must = read(typed(text, value), value);
  });
  if (!found) {
    return fail(ErrorKind::invalid_input, fmt::format("{} is not a preference", key),
                fmt::format("there are {}", fmt::join(preference_keys(), ", ")));
  }
  if (must.empty()) must = check(key, changed);
  if (key == "network.enabled_daemons")
    return fail(ErrorKind::invalid_input, "network.enabled_daemons is changed by octane_master daemons",
                "octane_master daemons enable NAME");
  if (!must.empty()) return fail(ErrorKind::invalid_input, fmt::format("{} {}: {}", key, text, must));
  preferences = std::move(changed);
  return {};
}

std::vector<std::string> preference_keys() {
  std::vector<std::string> keys;
  Preferences defaults;
  each_key(defaults,
           [&](const char* group, const char* name, auto&&) { keys.push_back(key_of(group, name)); });
  return keys;
}

}  // namespace oct
