#pragma once
#include <optional>
#include <string>
#include <vector>

#include "farm/daemon_selection.hpp"
#include "farm/scan_schedule.hpp"
#include "preferences/preferences.hpp"

namespace oct {

/// What the command line says in place of the preferences, for one run.
struct FarmOverrides {
  std::optional<std::vector<std::string>> use;  ///< enabled, all, none, or names and addresses
  std::vector<std::string> steal;
  std::vector<std::string> subnets;    ///< none: those of the preferences
  std::vector<std::string> addresses;  ///< besides those of the preferences
  std::optional<std::uint16_t> daemon_port;
  std::string
      source;  ///< numeric address of this computer that all is sent from; empty = as the system chooses
};

ScanChoice scan_choice(const NetworkPreferences& preferences, const FarmOverrides& overrides);
ScanLimits scan_limits(const NetworkPreferences& preferences);
DaemonSelection selection_of(const NetworkPreferences& preferences, const FarmOverrides& overrides);

/// "enabled", "all" or "none", or the names of a comma-separated list.
std::vector<std::string> words_of(const std::string& list);

}  // namespace oct
