#include "security/hmac.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "security/secret.hpp"

namespace oct {
namespace {

constexpr std::size_t kBlockBytes = 64;  ///< of SHA-256

/// One HMAC over several pieces.
class Hmac {
 public:
  explicit Hmac(ByteView key) {
    if (key.size() > kBlockBytes) {
      const Digest digest = sha256(key);
      std::copy(digest.bytes.begin(), digest.bytes.end(), block_.bytes().begin());
    } else {
      std::transform(key.begin(), key.end(), block_.bytes().begin(),
                     [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
    }
    mask(0x36);
    inner_.add(block_.view());
    mask(0x36 ^ 0x5c);  // takes the inner pad away and puts the outer one on
  }

  void add(ByteView bytes) { inner_.add(bytes); }

  Digest finish() {
    const Digest inner = inner_.finish();
    Sha256 outer;
    outer.add(block_.view());
    outer.add(bytes_of_value(inner.bytes));
    return outer.finish();
  }

 private:
  void mask(std::uint8_t pad) {
    for (std::uint8_t& byte : block_.bytes()) byte ^= pad;
  }

  Secret<kBlockBytes> block_;
  Sha256 inner_;
};

}  // namespace

Digest hmac_sha256(ByteView key, ByteView message) {
  Hmac hmac(key);
  hmac.add(message);
  return hmac.finish();
}

void hkdf_sha256(ByteView salt, ByteView key_material, ByteView info, std::span<std::uint8_t> output) {
  Digest extracted = hmac_sha256(salt, key_material);
  OCT_CHECK(output.size() <= 255 * extracted.bytes.size());
  Digest block;
  for (std::uint8_t counter = 1; !output.empty(); ++counter) {
    Hmac hmac(bytes_of_value(extracted.bytes));
    if (counter > 1) hmac.add(bytes_of_value(block.bytes));
    hmac.add(info);
    hmac.add(bytes_of_value(counter));
    block = hmac.finish();
    const std::size_t count = std::min(output.size(), block.bytes.size());
    std::copy_n(block.bytes.begin(), count, output.begin());
    output = output.subspan(count);
  }
  cleanse(std::span(block.bytes));
  cleanse(std::span(extracted.bytes));
}

}  // namespace oct
