#pragma once
#include <cstdint>
#include <string>

#include "net/address.hpp"
#include "render/device_choice.hpp"

namespace oct {

/// What a user can ask of the slave, with the defaults of the command line.
struct SlaveConfig {
  std::string master_address;  ///< name or number
  std::uint16_t master_port = 21000;
  std::string address_file;  ///< names the master in place of those two; empty = none
  DeviceChoice devices{
      .gpus = {}, .cpu = false, .threads = 0, .isa = CpuIsa::automatic, .low_priority = true};
  std::string name;         ///< shown to masters; empty = the computer's
  bool once = false;        ///< end with the first render
  bool supervised = false;  ///< started by octane_daemon: leave at the end of standard input, report progress
  bool warm = false;        ///< supervised: rests between renders, until the daemon names the next master
  std::string cache_folder;  ///< for chunks; empty = none are kept
  std::uint64_t cache_megabytes = 20'000;
  double timeout_seconds = 0;  ///< without a master for so long: give up; 0 = never
  NetworkAccess access;
  std::string log_file;
  bool quiet = false;
};

}  // namespace oct
