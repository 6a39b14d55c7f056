#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "farm/daemon_selection.hpp"
#include "farm/daemon_view.hpp"
#include "farm/scan_targets.hpp"

// How lists of daemons are shown to people, programs and other computers. Pure.

namespace oct {

struct TableChoice {
  std::uint16_t scanned_port = kDaemonPort;  ///< is not shown
  std::string scanned;                       ///< "scanned 10.0.0.0/24 (Ethernet) port 48000 in 1.3 s"
  bool verbose = false;                      ///< owner's address and time, log lines
  std::uint64_t unix_time_s = 0;             ///< now
};

/// The lines of `daemons list`.
std::vector<std::string> daemons_table(const std::vector<DaemonView>& daemons, const TableChoice& choice);

/// One line: an array of id, address, name, state, gpus, version, bound_to, enabled, shares_id, reason, log.
std::string daemons_json(const std::vector<DaemonView>& daemons, std::uint16_t scanned_port);
/// One such object, with "schema" and "event" ("changed" or "gone") in front: a line of `daemons watch`.
std::string daemon_record(const DaemonView& daemon, std::uint16_t scanned_port, const char* event);

/// What `daemons export` writes.
std::string exported_daemons(const std::vector<EnabledDaemon>& daemons);

}  // namespace oct
