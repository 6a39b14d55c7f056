#include "render_data/rebuilder.hpp"

#include <fmt/format.h>

#include <new>
#include <stdexcept>

#include "render_data/validate.hpp"

namespace oct {

Result<Rebuilder> Rebuilder::make(Manifest manifest, std::uint64_t max_bytes) {
  OCT_TRY(check_manifest(manifest, max_bytes));
  Rebuilder rebuilder;
  rebuilder.manifest_ = std::move(manifest);
  try {
    std::size_t next = 0;
    RenderData::each(rebuilder.data_, [&](const char*, auto& array) {
      array.resize(rebuilder.manifest_.arrays[next++].count);
      rebuilder.arrays_.push_back(reinterpret_cast<std::byte*>(array.data()));
    });
    rebuilder.places_ = chunk_places(rebuilder.manifest_.arrays);
    rebuilder.next_same_.assign(rebuilder.places_.size(), kNone);
    rebuilder.pieces_.reserve(rebuilder.places_.size());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::exhausted,
                fmt::format("no memory for {} MB of render data", byte_size(rebuilder.manifest_) >> 20));
  } catch (const std::length_error&) {
    return fail(ErrorKind::exhausted, "render data larger than this computer can address");
  }

  for (std::uint32_t i = 0; i < rebuilder.places_.size(); ++i) {
    const std::uint32_t bytes = rebuilder.places_[i].bytes;
    const auto [entry, is_new] = rebuilder.pieces_.try_emplace(rebuilder.manifest_.chunks[i], Piece{i});
    if (is_new) {
      rebuilder.distinct_bytes_ += bytes;
      continue;
    }
    const std::uint32_t first = entry->second.first_place;
    if (rebuilder.places_[first].bytes != bytes) {
      return fail(ErrorKind::protocol, "manifest: pieces of different length have one name");
    }
    rebuilder.next_same_[i] = rebuilder.next_same_[first];
    rebuilder.next_same_[first] = i;
  }
  rebuilder.missing_bytes_ = rebuilder.distinct_bytes_;
  return rebuilder;
}

std::vector<ChunkId> Rebuilder::wanted(std::size_t limit) const {
  std::vector<ChunkId> ids;
  for (std::uint32_t i = 0; i < places_.size() && ids.size() < limit; ++i) {
    const Piece& piece = pieces_.at(manifest_.chunks[i]);
    if (!piece.here && piece.first_place == i) ids.push_back(manifest_.chunks[i]);
  }
  return ids;
}

Result<bool> Rebuilder::accept(const ChunkId& id, ByteView content) {
  const auto found = pieces_.find(id);
  if (found == pieces_.end())
    return fail(ErrorKind::protocol, fmt::format("chunk {} is not of this scene", id.hex()));
  Piece& piece = found->second;
  if (content.size() != places_[piece.first_place].bytes) {
    return fail(ErrorKind::protocol, fmt::format("chunk {}: {} bytes instead of {}", id.hex(), content.size(),
                                                 places_[piece.first_place].bytes));
  }
  if (piece.here) return false;
  if (chunk_id_of(content) != id) {
    return fail(ErrorKind::protocol, fmt::format("chunk {}: its content has another hash", id.hex()));
  }
  store(piece, content);
  return true;
}

void Rebuilder::store(Piece& piece, ByteView content) {
  for (std::uint32_t i = piece.first_place; i != kNone; i = next_same_[i]) {
    std::memcpy(arrays_[places_[i].array] + places_[i].first_byte, content.data(), content.size());
  }
  piece.here = true;
  missing_bytes_ -= content.size();
}

std::uint64_t Rebuilder::reuse(const ChunkedScene& other) {
  const std::uint64_t before = missing_bytes_;
  for (auto& [id, piece] : pieces_) {
    if (piece.here) continue;
    const auto chunk = other.find(id);
    if (chunk && chunk->content.size() == places_[piece.first_place].bytes) store(piece, chunk->content);
  }
  return before - missing_bytes_;
}

Result<RenderData> Rebuilder::finish(ThreadPool* pool) {
  if (!complete()) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} bytes of render data are still missing", missing_bytes_));
  }
  RenderData data = std::move(data_);
  *this = Rebuilder();
  OCT_TRY(validate(data, pool));
  return data;
}

}  // namespace oct
