#pragma once
#include <cstdint>
#include <string>

#include "daemon/daemon_news.hpp"
#include "wire/daemon_messages.hpp"

// What the deciding parts of a daemon have to say, in words: to masters, in the window and the log.

namespace oct {

/// "studio@DESK (10.0.0.103:21000)".
std::string owner_text(const DaemonOwner& owner);

/// Hour and minute of this computer's local time: "14:30"; with the date when it is not of the day of `now`.
std::string local_time_text(std::uint64_t unix_s, std::uint64_t now_unix_s);

/// "signal 9", "exit code 5 (no usable device)".
std::string exit_text(const SlaveExit& exit);
/// Empty when nothing went wrong.
std::string words_of(const SlaveMishap& mishap);
std::string words_of(const Pause& pause);
std::string words_of(const Withheld& withheld);
std::string words_of(const Refusal& refusal);
std::string words_of(const Eviction& eviction);
std::string words_of(const DaemonNews& news);

/// Of OccupyDaemon, whose port no master can have.
std::string impossible_port_text(std::uint32_t port);
std::string no_slave_text(const std::string& why);

}  // namespace oct
