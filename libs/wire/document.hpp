#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// Walks a CBOR document (RFC 8949) in a loop, before a recursive parser sees it: exactly one item that fills
/// the bytes, made of unsigned numbers, byte strings, texts, arrays and maps of definite length, nested and
/// counted within limits.hpp. Anything else is a protocol error. Never throws, allocates nothing but the
/// message of an error.
Result<void> check_document(ByteView bytes);

}  // namespace oct
