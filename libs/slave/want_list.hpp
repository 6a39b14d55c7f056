#pragma once
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

#include "wire/chunk_id.hpp"
#include "wire/limits.hpp"

namespace oct {

/// Which chunks of a scene are still missing and which of them to ask for now: some 8 MB ahead, in the order
/// of the manifest. Survives the loss of a connection. Pure.
class WantList {
 public:
  /// Chunks of kMaxChunkBytes that make up kChunkBytesAhead.
  static constexpr std::size_t kAhead = kChunkBytesAhead / kMaxChunkBytes;
  static_assert(kAhead <= kMaxChunksAhead);

  /// A new scene; a chunk that occurs several times is wanted once.
  void reset(const std::vector<ChunkId>& chunks);

  /// What to ask for now, or nothing while enough is under way.
  std::vector<ChunkId> next_request();

  /// A chunk has come. False when it was not asked for.
  bool arrived(const ChunkId& id);

  /// Asks for nothing more; what was asked for may still arrive.
  void give_up() { waiting_.clear(); }

  /// The connection is gone: what was under way must be asked for again.
  void connection_lost();

  std::size_t missing() const { return waiting_.size() + outstanding_.size(); }
  std::size_t total() const { return total_; }

 private:
  std::deque<ChunkId> waiting_;
  std::vector<ChunkId> asked_;  ///< in the order asked, those of outstanding_
  std::unordered_set<ChunkId> outstanding_;
  std::size_t total_ = 0;
};

}  // namespace oct
