#pragma once
#include <optional>
#include <string>
#include <vector>

#include "farm/daemon_directory.hpp"
#include "report/daemon_status.hpp"

namespace oct {

/// A daemon as lists show it.
struct DaemonView {
  std::string id;  ///< empty when it did not tell
  Endpoint endpoint;
  std::string name;
  DaemonState state = DaemonState::unknown;
  std::uint32_t gpus = 0;
  std::uint32_t version = 0;  ///< of its slave, else its own; 0 = not known
  std::optional<DaemonOwner> owner;
  bool enabled = false;
  DaemonReason reason;
  std::vector<std::string> log;  ///< last lines of a slave that crashed

  /// "10.0.0.11", with its port when that is not the one scanned
  std::string address_text(std::uint16_t scanned_port) const;
};

/// Who is looking.
struct MasterIdentity {
  std::string nick;
  std::vector<std::string> addresses;  ///< of this computer
  std::uint32_t farm = 0;
  std::uint32_t version = kVersion;
};

/// Whether an occupancy is the identity's: the same user, from this computer.
bool is_own(const DaemonOwner& owner, const MasterIdentity& identity);

DaemonView view_of(const SeenDaemon& daemon, const MasterIdentity& identity);

}  // namespace oct
