#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "report/daemon_status.hpp"

namespace oct {

/// Where slaves find this master.
struct ListeningPlace {
  std::string address;  ///< of this computer, as others most likely reach it
  std::uint16_t port = 0;
  std::optional<std::string> farm;  ///< "7F3AC2"; none: not activated
};

/// Whom this master serves, and where.
struct NetworkSummary {
  std::uint16_t port = 0;
  std::optional<std::string> farm;  ///< "7F3AC2"; none: not activated
  bool insecure = false;            ///< open to the whole network
  DaemonUse daemons;
};

}  // namespace oct
