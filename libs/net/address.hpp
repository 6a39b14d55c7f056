#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "security/farm_key.hpp"
#include "security/tls_support.hpp"

namespace oct {

/// A numeric IP address (v4, or v6 with v4-mapped ones shown as v4) and a port.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

  /// "10.0.0.103:21000", "[::1]:21000".
  std::string text() const;
};

/// 127.0.0.0/8, ::1, and either mapped into v6. False for what is no numeric address.
bool is_loopback(std::string_view address);

/// Whether it means every address of a computer: 0.0.0.0, ::.
bool is_any_address(std::string_view address);

/// Whether it is an IPv6 address, of whatever can be a host.
bool is_ipv6(std::string_view address);

/// A numeric address in its usual form, of "10.0.0.103", "fd00::11", "[fd00::11]", "fe80::1%eth0". invalid_input otherwise.
Result<std::string> numeric_address(std::string_view text);

/// Who may talk to whom, and how. With a farm key: everybody who has it, encrypted, never in plain, not even
/// on this computer. Without: this computer alone, in plain, unless the user trusts the whole network.
struct NetworkAccess {
  std::optional<FarmKey> key = std::nullopt;
  bool insecure = false;  ///< --net-insecure; means nothing where there is a key

  /// Public short name of the farm; 0 without a key.
  std::uint32_t farm() const { return key ? key->farm() : 0; }
};

/// incompatible, with the command to type, when `access` forbids to accept from or connect to this address,
/// or when there is a key and this build cannot encrypt.
Result<void> check_access(const NetworkAccess& access, std::string_view address);

/// Name of this computer for people, without domain; never empty.
std::string host_name();

}  // namespace oct
