#include "security/hmac.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace oct {
namespace {

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::string hkdf_hex(std::string_view salt, std::string_view key, std::string_view info, std::size_t size) {
  std::vector<std::uint8_t> output(size);
  hkdf_sha256(from_hex(salt), from_hex(key), from_hex(info), output);
  std::string hex;
  for (const std::uint8_t byte : output) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

/// "000102..." of `count` bytes from `first`.
std::string counting(unsigned first, unsigned count) {
  std::string hex;
  for (unsigned byte = first; byte < first + count; ++byte) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string repeated(std::string_view byte, int count) {
  std::string hex;
  for (int i = 0; i < count; ++i) hex += byte;
  return hex;
}

TEST_CASE("HMAC-SHA256 gives the values of RFC 4231", "[security]") {
  const auto hmac = [](const std::string& key, const std::string& message) {
    return hmac_sha256(from_hex(key), from_hex(message)).hex();
  };
  CHECK(hmac(repeated("0b", 20), "4869205468657265") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac(repeated("aa", 20), repeated("dd", 50)) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac(counting(1, 25), repeated("cd", 50)) ==
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  CHECK(hmac(repeated("aa", 131),
             "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20486173"
             "68204b6579204669727374") == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HKDF-SHA256 gives the values of RFC 5869", "[security]") {
  CHECK(hkdf_hex(counting(0, 13), repeated("0b", 22), counting(0xf0, 10), 42) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hkdf_hex(counting(0x60, 80), counting(0, 80), counting(0xb0, 80), 82) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da32"
        "75600c"
        "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(hkdf_hex("", repeated("0b", 22), "", 42) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

}  // namespace
}  // namespace oct
