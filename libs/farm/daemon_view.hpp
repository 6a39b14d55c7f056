#pragma once
#include <optional>
#include <string>
#include <vector>

#include "farm/daemon_directory.hpp"
#include "report/daemon_status.hpp"
#include "report/notice.hpp"

namespace oct {

/// A daemon as lists show it.
struct DaemonView {
  std::string key;  ///< of the directory: no two daemons have the same
  std::string id;   ///< empty when it did not tell
  Endpoint endpoint;
  std::string name;
  DaemonState state = DaemonState::unknown;
  std::uint32_t gpus = 0, cpus = 0;  ///< that its slave lends
  std::uint32_t version = 0;         ///< of its slave, else its own; 0 = not known
  std::optional<DaemonOwner> owner;
  bool enabled = false;
  DaemonReason reason;
  std::vector<std::string> log;  ///< last lines of a slave that crashed
  bool shares_id = false;        ///< another daemon that answers has the same id

  /// "10.0.0.11", "[fe80::1]", with its port when that is not the one scanned
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

/// For people: which of the daemons have one id, one notice for each id.
std::vector<notice::DaemonsShareId> shared_ids(const std::vector<SeenDaemon>& daemons);

}  // namespace oct
