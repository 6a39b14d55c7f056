#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/limits.hpp"

// What the user wants of every render, as plain values. The command line overrides them for one run.

namespace oct {

/// A daemon that renders may occupy. Its id counts; name and address are for people, and the address helps to
/// find it where a scan does not reach.
struct EnabledDaemon {
  std::string id, name, address;
  friend bool operator==(const EnabledDaemon&, const EnabledDaemon&) = default;
};

/// A file of preferences is no larger.
inline constexpr std::size_t kMostPreferencesBytes = 4 << 20;

struct NetworkPreferences {
  bool enable = false;
  std::uint16_t master_port = kMasterPort;
  bool automatic_port = true;  ///< the first free of master_port and the 15 above it
  std::uint16_t daemon_port = kDaemonPort;
  double scan_interval_s = 5;
  std::vector<std::string> subnets;           ///< CIDR or adapter; empty = all adapters
  std::vector<std::string> daemon_addresses;  ///< asked in every round, with or without port
  std::string use = "enabled";                ///< enabled, all, none, or names and addresses
  std::vector<EnabledDaemon> enabled_daemons;
  std::string nick_name;  ///< empty = user@HOST
  friend bool operator==(const NetworkPreferences&, const NetworkPreferences&) = default;
};

struct DevicePreferences {
  std::string gpus = "all";  ///< or "0,1"
  bool cpu = false;
  friend bool operator==(const DevicePreferences&, const DevicePreferences&) = default;
};

struct ScenePreferences {
  bool allow_external_files = false;  ///< scenes may name any file, not only those around them
  friend bool operator==(const ScenePreferences&, const ScenePreferences&) = default;
};

struct Preferences {
  NetworkPreferences network;
  DevicePreferences devices;
  ScenePreferences scene;
  friend bool operator==(const Preferences&, const Preferences&) = default;
};

struct ReadPreferences {
  Preferences preferences;
  std::vector<std::string> warnings;  ///< unknown keys
};

/// invalid_input, naming file, line and key, for what is no JSON and for values that cannot be. Empty text
/// gives the defaults.
Result<ReadPreferences> read_preferences(std::string_view text, const std::string& file_name);

/// The document, with what `former_text` held and this release does not know. `former_text` may be empty.
std::string write_preferences(const Preferences& preferences, std::string_view former_text = {});

/// One value from a command line: "network.enable" "true"; lists take commas. invalid_input for unknown keys
/// (with the nearest) and wrong values.
Result<void> set_preference(Preferences& preferences, std::string_view key, std::string_view text);

/// All keys that set_preference knows.
std::vector<std::string> preference_keys();

}  // namespace oct
