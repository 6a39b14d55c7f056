#pragma once
#include <cstring>

#include "base/cursor.hpp"
#include "base/hash.hpp"

// How the head of a film file writes and reads its simplest parts.

namespace oct {

inline void append_bytes(Bytes& head, ByteView bytes) {
  head.insert(head.end(), bytes.begin(), bytes.end());
}

template <class T>
void append_value(Bytes& head, const T& value) {
  append_bytes(head, bytes_of_value(value));
}

inline Digest digest_at(Cursor& cursor) {
  Digest digest;
  const ByteView bytes = cursor.take(sizeof digest.bytes);
  if (!bytes.empty()) std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace oct
