#pragma once
#include <string>
#include <system_error>
#include <vector>

#include "base/result.hpp"
#include "net/adapters.hpp"

namespace oct {

/// The address by which other computers most likely reach this one: of the first adapter that is a network card, or
/// leads to other networks; else of the first that has an address; else 127.0.0.1.
std::string own_address(const std::vector<Adapter>& adapters);

/// The same of IPv6 addresses: the first that is neither loopback nor link-local; else ::1.
std::string own_ipv6_address(const std::vector<std::string>& addresses);

/// Why `what` ("listen on 10.0.0.9:21000") cannot be done at `address`, which somebody chose: it is none of this
/// computer's, or what the system says. The help lists those that it has.
Error cannot_use_address(const std::string& what, const std::string& address, std::error_code error);

}  // namespace oct
