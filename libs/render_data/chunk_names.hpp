#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "base/thread_pool.hpp"
#include "wire/chunk_id.hpp"

namespace oct {

/// Elements of a full piece of an array.
std::uint64_t elements_per_chunk(std::uint32_t element_bytes);

/// Names of the pieces that an array's bytes are cut into (docs/render_data.md), hashed when they are first asked
/// for and kept. Any thread; a second one that asks meanwhile waits.
class ChunkNames {
 public:
  /// Hashes on all threads if a pool is given. Always called with the same bytes,
  /// unless forget() comes between.
  const std::vector<ChunkId>& get(ByteView bytes, std::uint32_t element_bytes, ThreadPool* pool) const;

  /// Whether they are here.
  bool known() const;

  /// Takes names that somebody has found to be right. No effect once there are some.
  void set(std::vector<ChunkId> names) const;

  /// Forgets them: the bytes are going to change. Nobody else may use this meanwhile.
  void forget();

  /// SHA-256 over element size, element count and names: equal for arrays of equal content alone.
  Digest digest(ByteView bytes, std::uint32_t element_bytes, ThreadPool* pool) const;

 private:
  mutable std::mutex mutex_;  // guards names_ until it has a value
  mutable std::optional<std::vector<ChunkId>> names_;
};

}  // namespace oct
