#include "slave/chunk_cache.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace oct {
namespace {

/// What waits for the disk; beyond it nothing more is kept until it has caught up.
constexpr std::uint64_t kMostWaitingBytes = 64 << 20;
/// After so many hundredths of the bound the folder is looked through again for what others wrote.
constexpr std::uint64_t kLookThroughShare = 32;
/// Looking through costs time: more is removed than is needed now.
constexpr std::uint64_t kSpareShare = 16;

}  // namespace

ChunkCache::ChunkCache(ChunkFolder folder, std::uint64_t max_bytes, Complain complain)
    : folder_(std::move(folder)), max_bytes_(max_bytes), complain_(std::move(complain)) {}

void ChunkCache::keep(const ChunkId& id, Bytes content) {
  if (!works_ || content.size() > max_bytes_ || waiting_bytes_ + content.size() > kMostWaitingBytes) return;
  waiting_bytes_ += content.size();
  auto shared = std::make_shared<const Bytes>(std::move(content));
  queue_.post([this, id, shared] {
    if (works_) write(id, *shared);
    waiting_bytes_ -= shared->size();
  });
}

void ChunkCache::write(const ChunkId& id, const Bytes& content) {
  make_room(content.size());
  if (auto written = folder_.write(id, content); !written) return failed(written.error());
  held_bytes_ += content.size();
  written_since_ += content.size();
}

void ChunkCache::make_room(std::uint64_t bytes) {
  if (held_bytes_ + bytes <= max_bytes_ && written_since_ < max_bytes_ / kLookThroughShare) return;
  std::vector<ChunkFolder::Entry> entries = folder_.entries();
  written_since_ = held_bytes_ = 0;
  for (const ChunkFolder::Entry& entry : entries) held_bytes_ += entry.bytes;
  if (held_bytes_ + bytes <= max_bytes_) return;
  std::sort(entries.begin(), entries.end(),
            [](const ChunkFolder::Entry& a, const ChunkFolder::Entry& b) { return a.used < b.used; });
  const std::uint64_t spare = std::max(bytes, max_bytes_ / kSpareShare);
  for (const ChunkFolder::Entry& entry : entries) {
    if (held_bytes_ + spare <= max_bytes_) break;
    std::error_code error;
    std::filesystem::remove(entry.path, error);
    if (!error) held_bytes_ -= entry.bytes;  // also when somebody else was faster
  }
}

void ChunkCache::failed(const Error& error) {
  works_ = false;
  if (!std::exchange(complained_, true)) complain_(error.message);
}

}  // namespace oct
