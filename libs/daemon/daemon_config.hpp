#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/lending_rules.hpp"
#include "daemon/slave_supervisor.hpp"
#include "net/address.hpp"
#include "wire/limits.hpp"

namespace oct {

/// What a user can ask of the daemon, with the defaults of the command line.
struct DaemonConfig {
  std::uint16_t port = kDaemonPort;  ///< TCP and UDP; 0 = any (for tests)
  std::string bind;                  ///< numeric address of this computer; empty = all
  std::string slave;                 ///< path of octane_slave
  std::string name;                  ///< shown to masters; empty = the computer's
  std::vector<std::uint32_t> gpus;   ///< its slave may use; empty = all
  bool cpu = false;
  std::uint32_t threads = 0;  ///< of the CPU, 0 = all
  bool low_priority = true;
  LendingChoice lending;
  NetworkAccess access;
  std::filesystem::path folder;  ///< of this user's settings; empty = there is none
  std::string cache_folder;      ///< of the slave, for chunks; empty = it has none
  std::uint64_t cache_megabytes = 20'000;
  std::string log_file;
  bool quiet = false;
  SlaveSupervisorLimits limits;
};

}  // namespace oct
