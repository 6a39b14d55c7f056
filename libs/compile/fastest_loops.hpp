#pragma once
#include "launch/host_loops.hpp"

namespace oct {

/// The loops of the best instruction set that both this program and this CPU have.
HostLoops fastest_loops();

}  // namespace oct
