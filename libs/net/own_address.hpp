#pragma once
#include <string>
#include <vector>

#include "net/adapters.hpp"

namespace oct {

/// The address by which other computers most likely reach this one: of the first adapter that is a network card, or
/// leads to other networks; else of the first that has an address; else 127.0.0.1.
std::string own_address(const std::vector<Adapter>& adapters);

}  // namespace oct
