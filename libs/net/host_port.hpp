#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace oct {

/// A computer by name or address, and a port.
struct HostPort {
  std::string host;  ///< IPv6 without brackets
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;

  /// "RENDER1:48010", "[fe80::1]:48000"
  std::string text() const;
};

/// "RENDER1", "10.0.0.11:48010", "fe80::1", "[fe80::1]", "[fe80::1]:48010". invalid_input otherwise.
Result<HostPort> host_port_from_text(std::string_view text, std::uint16_t default_port);

/// An address where a port might follow: "10.0.0.11", "[fe80::1]".
std::string bracketed(const std::string& host);

}  // namespace oct
