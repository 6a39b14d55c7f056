#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "common/command_line.hpp"
#include "farm/farm_choice.hpp"
#include "farm/master_identity.hpp"

// What the subcommands about daemons need before they start: preferences, command line, key, subnets.

namespace oct {

struct FarmContext {
  Preferences preferences;
  FarmOverrides overrides;
  NetworkAccess access;
  MasterIdentity identity;
  ScanTargets targets;
};

/// --net-subnet, --net-daemon, --net-daemon-list, --net-daemon-port, --net-nick, --net-insecure.
std::vector<OptionWords> farm_options();

/// --net-use, --net-steal and those of farm_options that say where to look.
Result<FarmOverrides> read_farm_overrides(const CommandLine& line);

/// The preferences; warns of keys that are not known.
Result<Preferences> user_preferences(Console& console);

/// Prints warnings; prints the error, too, and returns nothing with `code` set.
std::optional<FarmContext> farm_context(const CommandLine& line, Console& console, ExitCode& code);

}  // namespace oct
