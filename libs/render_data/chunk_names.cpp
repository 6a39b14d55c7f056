#include "render_data/chunk_names.hpp"

#include <algorithm>

#include "render_data/loops.hpp"
#include "wire/limits.hpp"

namespace oct {

std::uint64_t elements_per_chunk(std::uint32_t element_bytes) {
  return kMaxChunkBytes / element_bytes;
}

const std::vector<ChunkId>& ChunkNames::get(ByteView bytes, std::uint32_t element_bytes,
                                            ThreadPool* pool) const {
  const std::lock_guard lock(mutex_);
  if (names_) return *names_;
  const std::size_t full = elements_per_chunk(element_bytes) * element_bytes;
  std::vector<ChunkId> names((bytes.size() + full - 1) / full);
  for_each_index(pool, names.size(), [&](std::size_t i) {
    names[i] = chunk_id_of(bytes.subspan(i * full, std::min(full, bytes.size() - i * full)));
  });
  return names_.emplace(std::move(names));
}

bool ChunkNames::known() const {
  const std::lock_guard lock(mutex_);
  return names_.has_value();
}

void ChunkNames::set(std::vector<ChunkId> names) const {
  const std::lock_guard lock(mutex_);
  if (!names_) names_ = std::move(names);
}

void ChunkNames::forget() {
  const std::lock_guard lock(mutex_);
  names_.reset();
}

Digest ChunkNames::digest(ByteView bytes, std::uint32_t element_bytes, ThreadPool* pool) const {
  Sha256 hash;
  hash.add(bytes_of_value(element_bytes));
  hash.add(bytes_of_value(std::uint64_t{bytes.size() / element_bytes}));
  hash.add(std::as_bytes(std::span(get(bytes, element_bytes, pool))));
  return hash.finish();
}

}  // namespace oct
