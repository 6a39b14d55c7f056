#include "security/farm_key.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "security/hmac.hpp"
#include "security/key_text.hpp"

namespace oct {
namespace {

// Fixed for ever: another word makes another key, and the farm would fall apart by release.
constexpr std::string_view kSalt = "octane farm key 1";
constexpr std::string_view kFarmInfo = "farm short name";

std::string_view info_of(FarmRole role) {
  switch (role) {
    case FarmRole::render: return "render";
    case FarmRole::daemon: return "daemon";
    case FarmRole::peer: return "peer";
    case FarmRole::discovery: return "discovery";
  }
  OCT_CHECK(false);
  return {};
}

ByteView bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

FarmKey FarmKey::generate() {
  Secret<16> bits;
  fill_random(bits.bytes());
  return FarmKey(bits);
}

Result<FarmKey> FarmKey::parse(std::string_view text) {
  OCT_TRY_ASSIGN(const Secret<16> bits, parse_key_text(text));
  return FarmKey(bits);
}

std::string FarmKey::text() const {
  return key_text(bits_);
}

std::uint32_t FarmKey::farm() const {
  std::array<std::uint8_t, 3> name;
  hkdf_sha256(bytes_of_text(kSalt), bits_.view(), bytes_of_text(kFarmInfo), name);
  const std::uint32_t farm = std::uint32_t{name[0]} << 16 | std::uint32_t{name[1]} << 8 | name[2];
  return farm == 0 ? 1 : farm;
}

FarmKey::Derived FarmKey::derive(FarmRole role) const {
  Derived derived;
  hkdf_sha256(bytes_of_text(kSalt), bits_.view(), bytes_of_text(info_of(role)), derived.bytes());
  return derived;
}

std::string farm_text(std::uint32_t farm) {
  return fmt::format("{:06X}", farm);
}

Mac discovery_mac(const FarmKey& key, ByteView message) {
  const Digest digest = hmac_sha256(key.derive(FarmRole::discovery).view(), message);
  Mac mac;
  std::copy_n(std::as_bytes(std::span(digest.bytes)).begin(), mac.size(), mac.begin());
  return mac;
}

bool is_discovery_mac(const FarmKey& key, ByteView message, ByteView mac) {
  return equal_in_constant_time(discovery_mac(key, message), mac);
}

}  // namespace oct
