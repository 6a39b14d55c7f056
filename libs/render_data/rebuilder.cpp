#include "render_data/rebuilder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "render_data/validate.hpp"

namespace oct {

namespace {

/// Runs what allocates.
template <class Action>
Result<void> with_memory(std::uint64_t bytes, Action&& action) {
  try {
    action();
    return {};
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::exhausted, fmt::format("no memory for {} MB of render data", bytes >> 20));
  } catch (const std::length_error&) {
    return fail(ErrorKind::exhausted, "render data larger than this computer can address");
  }
}

}  // namespace

Result<Rebuilder> Rebuilder::make(Manifest manifest, std::uint64_t max_bytes) {
  OCT_TRY(check_manifest(manifest, max_bytes));
  Rebuilder rebuilder;
  rebuilder.manifest_ = std::move(manifest);
  OCT_TRY(with_memory(byte_size(rebuilder.manifest_), [&] {
    rebuilder.arrays_.assign(rebuilder.manifest_.arrays.size(), nullptr);
    rebuilder.shared_.assign(rebuilder.manifest_.arrays.size(), false);
    rebuilder.places_ = chunk_places(rebuilder.manifest_.arrays);
    rebuilder.next_same_.assign(rebuilder.places_.size(), kNone);
    rebuilder.pieces_.reserve(rebuilder.places_.size());
  }));
  OCT_TRY(rebuilder.link_equal_chunks());
  return rebuilder;
}

Result<void> Rebuilder::link_equal_chunks() {
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    const std::uint32_t bytes = places_[i].bytes;
    const auto [entry, is_new] = pieces_.try_emplace(manifest_.chunks[i], Piece{i});
    if (is_new) {
      distinct_bytes_ += bytes;
      continue;
    }
    const std::uint32_t first = entry->second.first_place;
    if (places_[first].bytes != bytes) {
      return fail(ErrorKind::protocol, "manifest: pieces of different length have one name");
    }
    next_same_[i] = next_same_[first];
    next_same_[first] = i;
  }
  missing_bytes_ = distinct_bytes_;
  return {};
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
  OCT_TRY_ASSIGN(const Piece* piece, find_piece(id, content));
  if (piece->here) return false;
  if (chunk_id_of(content) != id) {
    return fail(ErrorKind::protocol, fmt::format("chunk {}: its content has another hash", id.hex()));
  }
  return accept_unpacked(id, content);
}

Result<bool> Rebuilder::accept_unpacked(const ChunkId& id, ByteView content) {
  OCT_TRY_ASSIGN(Piece * piece, find_piece(id, content));
  if (piece->here) return false;
  OCT_TRY(make_room(*piece));
  store(*piece, content);
  return true;
}

Result<Rebuilder::Piece*> Rebuilder::find_piece(const ChunkId& id, ByteView content) {
  const auto found = pieces_.find(id);
  if (found == pieces_.end())
    return fail(ErrorKind::protocol, fmt::format("chunk {} is not of this scene", id.hex()));
  Piece& piece = found->second;
  if (content.size() == places_[piece.first_place].bytes) return &piece;
  return fail(ErrorKind::protocol, fmt::format("chunk {}: {} bytes instead of {}", id.hex(), content.size(),
                                               places_[piece.first_place].bytes));
}

/// Allocates the arrays that a piece has places in.
Result<void> Rebuilder::make_room(const Piece& piece) {
  for (std::uint32_t i = piece.first_place; i != kNone; i = next_same_[i]) {
    const std::uint32_t index = places_[i].array;
    if (arrays_[index] != nullptr || shared_[index]) continue;
    const ArrayInfo& info = manifest_.arrays[index];
    OCT_TRY(with_memory(info.count * info.element_bytes, [&] {
      std::uint32_t next = 0;
      RenderData::each(data_, [&]<class T>(const char*, HostArray<T>& array) {
        if (next++ != index) return;
        array.edit().resize(info.count);
        arrays_[index] = reinterpret_cast<std::byte*>(array.edit().data());
      });
    }));
  }
  return {};
}

void Rebuilder::store(Piece& piece, ByteView content) {
  for (std::uint32_t i = piece.first_place; i != kNone; i = next_same_[i]) {
    if (shared_[places_[i].array]) continue;
    std::memcpy(arrays_[places_[i].array] + places_[i].first_byte, content.data(), content.size());
  }
  piece.here = true;
  missing_bytes_ -= content.size();
}

Result<std::uint64_t> Rebuilder::reuse(const ChunkedScene& other) {
  const std::uint64_t before = missing_bytes_;
  share_arrays(other);
  for (auto& [id, piece] : pieces_) {
    if (piece.here) continue;
    const auto chunk = other.find(id);
    if (!chunk || chunk->content.size() != places_[piece.first_place].bytes) continue;
    OCT_TRY(make_room(piece));
    store(piece, chunk->content);
  }
  return before - missing_bytes_;
}

/// Takes the arrays that have the names of the manifest, piece by piece, and of which nothing is here.
void Rebuilder::share_arrays(const ChunkedScene& other) {
  std::vector<const void*> theirs;
  RenderData::each(*other.data(), [&](const char*, const auto& array) { theirs.push_back(&array); });
  bool is_source = false;
  auto names = manifest_.chunks.begin();
  std::uint32_t index = 0;
  RenderData::each(data_, [&]<class T>(const char*, HostArray<T>& array) {
    const HostArray<T>& their_array = *static_cast<const HostArray<T>*>(theirs[index]);
    const ArrayInfo& info = manifest_.arrays[index];
    const auto end = names + static_cast<std::ptrdiff_t>(chunk_count(info));
    const bool is_open = info.count > 0 && !shared_[index] && arrays_[index] == nullptr;
    const std::vector<ChunkId>& their_names = their_array.chunk_names();
    if (is_open && their_array.size() == info.count &&
        std::equal(names, end, their_names.begin(), their_names.end())) {
      array = their_array;
      shared_[index] = is_source = true;
    }
    names = end;
    ++index;
  });
  if (is_source) sources_.push_back(other.data());
}

Result<RenderData> Rebuilder::finish(ThreadPool* pool, const std::stop_token& stop) {
  if (!complete()) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} bytes of render data are still missing", missing_bytes_));
  }
  auto names = manifest_.chunks.begin();
  std::size_t index = 0;
  RenderData::each(data_, [&](const char*, auto& array) {
    const auto end = names + static_cast<std::ptrdiff_t>(chunk_count(manifest_.arrays[index++]));
    array.set_chunk_names({names, end});  // each was compared with the hash of its content
    names = end;
  });
  auto valid = validate(data_, pool, sources_, stop);
  if (!valid && valid.error().kind == ErrorKind::cancelled) return fail(std::move(valid.error()));
  RenderData data = std::move(data_);
  *this = Rebuilder();
  OCT_TRY(std::move(valid));
  return data;
}

}  // namespace oct
