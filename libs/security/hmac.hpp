#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/hash.hpp"

// On the project's own SHA-256 interface, so that every build has them, those without OpenSSL too.

namespace oct {

/// HMAC-SHA256 (RFC 2104) of `message`. Any thread.
Digest hmac_sha256(ByteView key, ByteView message);

/// HKDF-SHA256 (RFC 5869): fills `output`, at most 255 x 32 bytes, from the input key material. Any thread.
void hkdf_sha256(ByteView salt, ByteView key_material, ByteView info, std::span<std::uint8_t> output);

}  // namespace oct
