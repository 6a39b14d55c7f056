#pragma once
#include "farm/daemon_talk.hpp"
#include "farm/doctor_verdict.hpp"

namespace oct {

/// What a conversation that did not come about says of the other side.
Behind behind_of(const TalkEnd& end, const NetworkAccess& access);

/// A daemon, also one that does not talk to us.
bool is_daemon(Behind behind);

}  // namespace oct
