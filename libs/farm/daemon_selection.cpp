#include "farm/daemon_selection.hpp"

#include <algorithm>

#include "net/host_port.hpp"

namespace oct {
namespace {

constexpr std::size_t kShortestId = 8;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_names(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// With or without port, brackets or not.
bool is_address_of(std::string_view text, const Endpoint& endpoint) {
  return text == endpoint.address || text == bracketed(endpoint.address) || text == endpoint.text();
}

}  // namespace

bool means(std::string_view word, std::string_view id, std::string_view name, const Endpoint& endpoint) {
  if (word.empty()) return false;
  if (equal_names(word, name) || is_address_of(word, endpoint)) return true;
  return word.size() >= kShortestId && word.size() <= id.size() &&
         equal_names(word, id.substr(0, word.size()));
}

bool means(std::string_view word, const SeenDaemon& daemon) {
  const std::string_view id = daemon.stranger ? std::string_view() : std::string_view(daemon.status.id);
  return means(word, id, daemon.status.name, daemon.endpoint);
}

bool means(std::string_view word, const EnabledDaemon& daemon) {
  if (word == daemon.address) return true;
  const auto host = host_port_from_text(daemon.address, kDaemonPort);
  return means(word, daemon.id, daemon.name, {host ? host->host : daemon.address, 0});
}

bool is_same(const EnabledDaemon& enabled, const SeenDaemon& seen) {
  const bool same_address = is_address_of(enabled.address, seen.endpoint);
  if (seen.stranger || enabled.id.empty()) return same_address;
  if (enabled.id != seen.status.id) return false;
  return !seen.shares_id || same_address || equal_names(enabled.name, seen.status.name);
}

bool DaemonSelection::wants(const SeenDaemon& daemon) const {
  if ((all && !daemon.stranger) || steals(daemon)) return true;
  if (by_enabling && std::any_of(enabled.begin(), enabled.end(),
                                 [&](const EnabledDaemon& one) { return is_same(one, daemon); }))
    return true;
  return std::any_of(named.begin(), named.end(),
                     [&](const std::string& word) { return means(word, daemon); });
}

bool DaemonSelection::steals(const SeenDaemon& daemon) const {
  return std::any_of(steal.begin(), steal.end(),
                     [&](const std::string& word) { return means(word, daemon); });
}

DaemonSelection selection_from(const std::vector<std::string>& use) {
  DaemonSelection selection;
  for (const std::string& word : use) {
    if (word == "all") {
      selection.all = true;
    } else if (word == "enabled") {
      selection.by_enabling = true;
    } else if (word != "none" && !word.empty()) {
      selection.named.push_back(word);
    }
  }
  return selection;
}

}  // namespace oct
