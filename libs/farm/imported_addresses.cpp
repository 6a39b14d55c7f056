#include "farm/imported_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>

#include "base/json_text.hpp"
#include "farm/subnet.hpp"
#include "net/host_port.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;
using Addresses = std::vector<std::string>;

constexpr std::size_t kMostListed = 4096;
constexpr std::size_t kMostBrackets = 10000;  // a parser's stack is not endless
constexpr std::size_t kShownBytes = 80;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Unexpected wrong_list(const std::string& file_name, const std::string& place, const std::string& why) {
  return fail(ErrorKind::invalid_input,
              fmt::format("{}, {}: {}", file_name, place, clean_text(why, kMaxTextBytes)),
              "octane_master daemons export FILE   writes such a list");
}

// One address a line.

Result<Addresses> addresses_of_lines(std::string_view text, const std::string& file_name) {
  Addresses addresses;
  std::istringstream stream{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    line = line.substr(0, line.find('#'));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    const std::string place = fmt::format("line {}", number);
    if (const auto host = host_port_from_text(line, kDaemonPort); !host)
      return wrong_list(file_name, place, host.error().message);
    if (addresses.size() == kMostListed)
      return wrong_list(file_name, place, fmt::format("more than {} addresses", kMostListed));
    addresses.push_back(line);
  }
  return addresses;
}

// What `daemons export` writes.

Result<Addresses> addresses_of_export(const Json& json, const std::string& file_name) {
  if (json.value("schema", Json()) != Json("octane.daemons/1") || !json.contains("daemons") ||
      !json["daemons"].is_array() || json["daemons"].size() > kMostListed)
    return wrong_list(file_name, "line 1", "this is not an octane.daemons/1 document");
  Addresses addresses;
  for (const Json& daemon : json["daemons"]) {
    if (!daemon.is_object() || !daemon.contains("address") || !daemon["address"].is_string())
      return wrong_list(file_name, "line 1", fmt::format("daemon {} has no address", addresses.size()));
    addresses.push_back(daemon["address"].get<std::string>());
    if (const auto host = host_port_from_text(addresses.back(), kDaemonPort); !host)
      return wrong_list(file_name, "line 1", host.error().message);
  }
  return addresses;
}

// OctaneRender's own list. Nothing public tells what its entries are, so all that can only mean one address is taken.

bool equal_keys(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The value of the first of these keys that the object has; capitals do not matter.
const Json* find_key(const Json& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (const auto& [name, value] : object.items()) {
      if (equal_keys(name, key)) return &value;
    }
  }
  return nullptr;
}

std::optional<std::uint64_t> whole_number(const Json& json, std::uint64_t most) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) return std::nullopt;
  return json.get<std::uint64_t>();
}

/// Four numbers, or one of 32 bits with the first part of the address in its highest bits; else a name or an address.
std::optional<HostPort> host_of_json(const Json& json) {
  if (json.is_string()) {
    auto host = host_port_from_text(json.get_ref<const std::string&>(), 0);
    return host ? std::optional<HostPort>(*std::move(host)) : std::nullopt;
  }
  if (const auto number = whole_number(json, ~std::uint32_t{0}))
    return HostPort{ipv4_text(static_cast<Ipv4>(*number)), 0};
  if (!json.is_array() || json.size() != 4) return std::nullopt;
  Ipv4 address = 0;
  for (const Json& part : json) {
    const auto number = whole_number(part, 255);
    if (!number) return std::nullopt;
    address = address << 8 | static_cast<Ipv4>(*number);
  }
  return HostPort{ipv4_text(address), 0};
}

std::optional<std::uint16_t> port_of_json(const Json& json) {
  std::optional<std::uint64_t> port = whole_number(json, 65535);
  if (json.is_string()) {
    const auto read = host_port_from_text("x:" + json.get_ref<const std::string&>(), 0);
    if (read && read->host == "x") port = read->port;
  }
  return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::optional<HostPort> with_port(std::optional<HostPort> host, const Json* port_json) {
  if (!host || port_json == nullptr) return host;
  const auto port = port_of_json(*port_json);
  if (!port || (host->port != 0 && host->port != *port)) return std::nullopt;
  host->port = *port;
  return host;
}

/// An address, with its port in the same text, beside it in a pair, or under a key of its own; 0 = none is given.
std::optional<HostPort> daemon_of_entry(const Json& entry) {
  if (entry.is_array() && entry.size() == 2) return with_port(host_of_json(entry[0]), &entry[1]);
  if (!entry.is_object()) return host_of_json(entry);
  const Json* host = find_key(
      entry, {"address", "addr", "ip", "ipaddress", "ip_address", "ipaddr", "host", "hostname", "name"});
  if (host == nullptr) return std::nullopt;
  return with_port(host_of_json(*host), find_key(entry, {"port"}));
}

Result<Addresses> addresses_of_octane(const Json& json, const Json& list, const std::string& file_name) {
  const Json* version = find_key(json, {"version"});
  if (version != nullptr && *version != Json(1))
    return wrong_list(file_name, "\"Version\"",
                      fmt::format("{} is not known, 1 is", json_text(*version).substr(0, kShownBytes)));
  if (!list.is_array() || list.size() > kMostListed)
    return wrong_list(file_name, "\"AddrList\"", fmt::format("must be an array of at most {}", kMostListed));
  Addresses addresses;
  for (const Json& entry : list) {
    const auto daemon = daemon_of_entry(entry);
    if (!daemon)
      return wrong_list(file_name, fmt::format("AddrList[{}]", addresses.size()),
                        fmt::format("{} is not understood; an address such as \"10.0.0.11\" or "
                                    "\"10.0.0.11:48010\" is",
                                    json_text(entry).substr(0, kShownBytes)));
    addresses.push_back(daemon->port == 0 ? bracketed(daemon->host) : daemon->text());
  }
  return addresses;
}

}  // namespace

Result<std::vector<std::string>> imported_addresses(std::string_view text, const std::string& file_name) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return addresses_of_lines(text, file_name);
  const auto brackets = std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  const bool is_deep = static_cast<std::size_t>(brackets) > kMostBrackets;
  const Json json = is_deep ? Json() : Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return wrong_list(file_name, "line 1", "this is not a list of daemons");
  if (const Json* list = find_key(json, {"addrlist"})) return addresses_of_octane(json, *list, file_name);
  return addresses_of_export(json, file_name);
}

}  // namespace oct
