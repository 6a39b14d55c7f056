#include "farm/farm_choice.hpp"

#include <sstream>

namespace oct {
namespace {

void add_addresses(std::vector<std::string>& into, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const auto host = host_port_from_text(word, kDaemonPort);
    const bool numeric = host && (ipv4_from_text(host->host) || host->host.find(':') != std::string::npos);
    if (numeric) into.push_back(word);
  }
}

}  // namespace

ScanChoice scan_choice(const NetworkPreferences& preferences, const FarmOverrides& overrides) {
  ScanChoice choice;
  choice.source = overrides.source;
  choice.port = overrides.daemon_port.value_or(preferences.daemon_port);
  choice.subnets = overrides.subnets.empty() ? preferences.subnets : overrides.subnets;
  choice.addresses = preferences.daemon_addresses;
  choice.addresses.insert(choice.addresses.end(), overrides.addresses.begin(), overrides.addresses.end());
  // Where the enabled ones were last: it finds them behind what eats broadcasts, and on other ports.
  for (const EnabledDaemon& daemon : preferences.enabled_daemons) {
    if (host_port_from_text(daemon.address, choice.port)) choice.addresses.push_back(daemon.address);
  }
  add_addresses(choice.addresses, overrides.use.value_or(words_of(preferences.use)));
  add_addresses(choice.addresses, overrides.steal);
  return choice;
}

ScanLimits scan_limits(const NetworkPreferences& preferences) {
  ScanLimits limits;
  limits.interval =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(preferences.scan_interval_s));
  return limits;
}

DaemonSelection selection_of(const NetworkPreferences& preferences, const FarmOverrides& overrides) {
  DaemonSelection selection = selection_from(overrides.use.value_or(words_of(preferences.use)));
  selection.enabled = preferences.enabled_daemons;
  selection.steal = overrides.steal;
  return selection;
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace oct
