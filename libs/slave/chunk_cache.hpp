#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/work_queue.hpp"
#include "slave/chunk_folder.hpp"

namespace oct {

/// What masters sent, kept on the disk for later renders: at most so many bytes, the least recently used go first. It is
/// written on a thread of its own and never waited for: a disk that is full or too slow costs nothing but what is not
/// kept. Several programs may share the folder; together they may pass the bound by a few hundredths.
class ChunkCache {
 public:
  /// Told once, on the cache's thread, when it cannot be written.
  using Complain = std::function<void(const std::string& why)>;

  ChunkCache(ChunkFolder folder, std::uint64_t max_bytes, Complain complain);
  /// Writes what is left.
  ~ChunkCache() = default;

  // Any thread.
  /// To be checked by whoever asks.
  std::optional<Bytes> find(const ChunkId& id) const { return folder_.read(id); }
  /// Its content is wrong.
  void discard(const ChunkId& id) const { folder_.remove(id); }
  void keep(const ChunkId& id, Bytes content);
  /// After a failure it is tried again from here on.
  void begin_scene() { works_ = true; }

 private:
  void write(const ChunkId& id, const Bytes& content);
  void make_room(std::uint64_t bytes);
  void failed(const Error& error);

  const ChunkFolder folder_;
  const std::uint64_t max_bytes_;
  Complain complain_;
  std::atomic<bool> works_ = true;
  std::atomic<std::uint64_t> waiting_bytes_ = 0;

  // The queue's thread alone.
  std::uint64_t held_bytes_ = 0;         ///< as far as it is known: others may write, too
  std::uint64_t written_since_ = ~0ull;  ///< the folder was looked through last; at first it never was
  bool complained_ = false;

  WorkQueue queue_;  ///< last: ends first
};

}  // namespace oct
