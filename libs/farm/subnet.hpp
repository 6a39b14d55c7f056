#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace oct {

/// An IPv4 address as a number, so that addresses can be counted through.
using Ipv4 = std::uint32_t;

/// Nothing unless the text is four numbers from 0 to 255 with dots between them.
std::optional<Ipv4> ipv4_from_text(std::string_view text);
std::string ipv4_text(Ipv4 address);

/// A range of IPv4 addresses that share their first bits.
struct Subnet {
  Ipv4 network = 0;             ///< its first address
  unsigned prefix_length = 32;  ///< 0 to 32
  friend bool operator==(const Subnet&, const Subnet&) = default;

  /// Addresses that a computer can have: without network and broadcast address, where there are such.
  std::uint64_t host_count() const;
  /// index < host_count()
  Ipv4 host(std::uint64_t index) const;
  bool contains(Ipv4 address) const;
  /// "10.0.0.0/24"
  std::string text() const;
};

/// The subnet that an address with this prefix length is in.
Subnet subnet_of(Ipv4 address, unsigned prefix_length);

/// "10.0.0.0/24", also "10.0.0.17/24"; without a slash the one address. invalid_input otherwise.
Result<Subnet> subnet_from_text(std::string_view text);

}  // namespace oct
