#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "security/secret.hpp"

namespace oct {

/// What a derived key is for. What is said under one is worthless under another.
enum class FarmRole : std::uint8_t {
  render,     ///< slave to master, TLS
  daemon,     ///< master to daemon, TLS
  peer,       ///< slave to slave, TLS
  discovery,  ///< MAC of datagrams
};

/// The secret that the computers of one farm share: 128 random bits. A value; wiped when it ends, compared in
/// constant time, never formatted by accident (no formatter; text() alone shows it).
class FarmKey {
 public:
  static FarmKey generate();
  /// "OCT1-7K3QF-9XWM2-B4HTN-0ZR8C-V6DPE-2GJYS", forgiving as key_text.hpp says. invalid_input; the message
  /// holds nothing of the text.
  static Result<FarmKey> parse(std::string_view text);

  /// The key for people. Secret: cleanse() it after use.
  std::string text() const;

  /// Public short name of the farm, 24 bits, derived one-way, never 0.
  std::uint32_t farm() const;

  using Derived = Secret<32>;
  /// HKDF-SHA256 with the role in its info.
  Derived derive(FarmRole role) const;

  friend bool operator==(const FarmKey&, const FarmKey&) = default;

 private:
  explicit FarmKey(const Secret<16>& bits) : bits_(bits) {}
  Secret<16> bits_;
};

/// "7F3AC2".
std::string farm_text(std::uint32_t farm);

/// Message authentication code of a discovery datagram: HMAC-SHA256, its first 16 bytes.
using Mac = std::array<std::byte, 16>;
Mac discovery_mac(const FarmKey& key, ByteView message);
/// Whether `mac` is that of `message`. Constant time; false for another length.
bool is_discovery_mac(const FarmKey& key, ByteView message, ByteView mac);

}  // namespace oct
