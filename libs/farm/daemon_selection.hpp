#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "farm/daemon_directory.hpp"
#include "preferences/preferences.hpp"

namespace oct {

/// Whether a user's word means this daemon: its name (capitals do not matter), its address with or without
/// port, or its id or at least the first 8 digits of it.
bool means(std::string_view word, std::string_view id, std::string_view name, const Endpoint& endpoint);
bool means(std::string_view word, const SeenDaemon& daemon);
bool means(std::string_view word, const EnabledDaemon& daemon);

/// Whether an enabled daemon is the one seen: by id; a stranger tells none, so it goes by address. Where several daemons
/// have the id, name or address must fit, too.
bool is_same(const EnabledDaemon& enabled, const SeenDaemon& seen);

/// Which daemons a render is to occupy.
struct DaemonSelection {
  bool all = false;                    ///< every one that answers and is not a stranger
  bool by_enabling = false;            ///< those in `enabled`
  std::vector<EnabledDaemon> enabled;  ///< of the preferences
  std::vector<std::string> named;      ///< by a user's words
  std::vector<std::string> steal;      ///< likewise: wanted too, and taken once from whoever has them

  bool wants(const SeenDaemon& daemon) const;
  bool steals(const SeenDaemon& daemon) const;
};

/// "enabled", "all", "none", or words: as --net-use and network.use have it. `enabled` and `steal` are left
/// to the caller.
DaemonSelection selection_from(const std::vector<std::string>& use);

}  // namespace oct
