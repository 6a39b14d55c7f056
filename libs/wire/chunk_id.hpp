#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#include "base/hash.hpp"

namespace oct {

/// The name of a chunk: the first 20 bytes of the SHA-256 of its content.
struct ChunkId {
  std::array<std::uint8_t, 20> bytes{};
  friend auto operator<=>(const ChunkId&, const ChunkId&) = default;

  /// 40 lower-case hexadecimal digits.
  std::string hex() const;
};
static_assert(sizeof(ChunkId) == 20);

inline ChunkId chunk_id_of(ByteView content) {
  const Digest digest = sha256(content);
  ChunkId id;
  std::memcpy(id.bytes.data(), digest.bytes.data(), id.bytes.size());
  return id;
}

/// One array of compiled render data, as a manifest describes it.
struct ArrayInfo {
  std::uint32_t element_bytes = 0;  ///< 1..kMaxElementBytes
  std::uint64_t count = 0;          ///< elements
  friend bool operator==(const ArrayInfo&, const ArrayInfo&) = default;

  static void fields(auto& self, auto&& field) {
    field("element_bytes", self.element_bytes);
    field("count", self.count);
  }
};

}  // namespace oct

template <>
struct std::hash<oct::ChunkId> {
  std::size_t operator()(const oct::ChunkId& id) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, id.bytes.data(), sizeof value);  // the bytes of a hash are random enough
    return value;
  }
};
