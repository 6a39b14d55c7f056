#pragma once
#include <cstdint>
#include <vector>

#include "wire/daemon_messages.hpp"

// Since when a daemon is bound, by this computer's clock: the clocks of two computers may differ by hours. Pure.

namespace oct {

/// What has just been received: sets since_unix_s from the age that came with it. A daemon that is too old to tell one is
/// believed its own clock.
void count_from_here(std::vector<DaemonOwner>& owners, std::uint64_t now_unix_s);

/// Ages are whole seconds and packets take their time: for the same occupancy the moment that is `known` stays.
void keep_moment(std::vector<DaemonOwner>& owners, const std::vector<DaemonOwner>& known);

}  // namespace oct
