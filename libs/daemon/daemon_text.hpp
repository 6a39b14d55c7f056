#pragma once
#include <string>
#include <vector>

#include "daemon/lending_rules.hpp"
#include "daemon/slave_probe.hpp"
#include "net/address.hpp"
#include "wire/daemon_messages.hpp"

// What people read of a daemon.

namespace oct {

/// "octane_daemon 1000000 on RENDER1, port 48000, farm 7F3AC2".
std::string hello_line(const std::string& name, std::uint16_t port, const NetworkAccess& access);

/// "Lends      19-07, after 10 minutes without keyboard and mouse".
std::string lending_line(const LendingChoice& lending);

/// "Slave      1000000, linux x86_64, 64 bit" and its devices, two to a line.
std::vector<std::string> facts_lines(const SlaveFacts& facts);

/// "12:04:10", local time.
std::string time_of_day(std::uint64_t unix_s);

/// Local time.
unsigned second_of_day(std::uint64_t unix_s);

/// octane_daemon --status, for people and as one JSON object.
std::string status_text(const ControlAnswer& answer);
std::string status_json(const ControlAnswer& answer);
/// What is told once --stop is done: what the daemon was when it answered is of no use to anybody.
std::string stopped_text(const ControlAnswer& answer);

}  // namespace oct
