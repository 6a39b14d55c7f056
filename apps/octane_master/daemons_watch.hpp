#pragma once
#include "base/exit_code.hpp"
#include "octane_master/daemons_call.hpp"

namespace oct {

/// `octane_master daemons watch`: shows the list again and again, or what changed in it, until CTRL-C.
ExitCode watch_daemons(const DaemonsCall& call);

}  // namespace oct
