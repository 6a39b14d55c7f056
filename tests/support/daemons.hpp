#pragma once
#include <string>

#include "farm/daemon_directory.hpp"

namespace oct::test {

inline std::string daemon_id(char digit) {
  return std::string(kDaemonIdBytes, digit);
}

/// What a free daemon answers.
inline DaemonStatus a_status(char digit, const std::string& name) {
  DaemonStatus status;
  status.port = kDaemonPort;
  status.mode = DaemonMode::unbound;
  status.id = daemon_id(digit);
  status.name = name;
  status.gpus = 2;
  status.slave_version = kVersion;
  return status;
}

inline DaemonOwner an_owner(const std::string& nick, const std::string& address) {
  DaemonOwner owner;
  owner.nick = nick;
  owner.address = address;
  owner.port = kMasterPort;
  owner.since_unix_s = 1'700'000'000;
  return owner;
}

inline SeenDaemon a_daemon(char digit, const std::string& name, const std::string& address) {
  SeenDaemon daemon;
  daemon.key = daemon_id(digit);
  daemon.endpoint = {address, kDaemonPort};
  daemon.status = a_status(digit, name);
  return daemon;
}

}  // namespace oct::test
