#pragma once
#include <vector>

#include "gpu/compare.hpp"

namespace oct::test {

/// Whether every device gives the expected canary. Returns how many do not, after a line for each.
int check_canaries(std::vector<Contestant>& contestants);

/// Whether every device renders one slot while the other is filled, with the films that the first device gives
/// one by one. Returns how many do not, after a line for each.
int check_slots(std::vector<Contestant>& contestants);

/// Whether a moved camera and another seed copy nothing but camera and settings and build no tree, and how long
/// the first and the second upload take. Returns how many devices fail, after a line for each.
int check_moved_camera(std::vector<Contestant>& contestants);

}  // namespace oct::test
