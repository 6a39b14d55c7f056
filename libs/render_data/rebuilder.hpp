#pragma once
#include <stop_token>
#include <unordered_map>

#include "render_data/chunks.hpp"

namespace oct {

/// Puts render data together from chunks, which may come in any order and more than once. What comes is not
/// trusted: each chunk must have the length and the hash that its name and place ask for, and the whole must
/// pass validate(). Memory for an array is taken when its first chunk comes. One thread at a time.
class Rebuilder {
 public:
  /// Checks the manifest. Errors: those of check_manifest; protocol when pieces of different length have one
  /// name; exhausted when there is no memory.
  static Result<Rebuilder> make(Manifest manifest, std::uint64_t max_bytes);

  /// Names of the chunks that are still missing, each once, in the order in which they are best fetched; at
  /// most `limit`.
  std::vector<ChunkId> wanted(std::size_t limit = SIZE_MAX) const;

  /// Stores a chunk at each of its places. True when it was missing, false when it was here already. protocol
  /// error when it is not of this scene, or its length or hash is wrong, exhausted when there is no memory; then
  /// nothing has changed.
  Result<bool> accept(const ChunkId& id, ByteView content);
  /// The same of what unpack_chunk() gave for this name: its hash has been checked there.
  Result<bool> accept_unpacked(const ChunkId& id, ByteView content);

  /// Takes what a finished scene has in common with this one; returns how many bytes need not be fetched. An
  /// array that is the same as a whole, and of which no chunk has come yet, is shared; other equal chunks are
  /// copied. The scene must have passed validate(). exhausted when there is no memory.
  Result<std::uint64_t> reuse(const ChunkedScene& other);

  bool complete() const { return missing_bytes_ == 0; }
  std::uint64_t missing_bytes() const { return missing_bytes_; }    ///< of distinct chunks
  std::uint64_t distinct_bytes() const { return distinct_bytes_; }  ///< of all distinct chunks
  const Manifest& manifest() const { return manifest_; }
  /// The arrays that are shared with a finished scene, or that a chunk of has come; the others are empty.
  const RenderData& arrays_here() const { return data_; }

  /// The validated data; leaves the rebuilder empty. What is shared with a finished scene together with all that
  /// its validity depends on is not validated again. protocol error when the data is not valid, unavailable when
  /// chunks are missing, `cancelled` after a stop request (in both cases nothing has changed).
  Result<RenderData> finish(ThreadPool* pool = nullptr, const std::stop_token& stop = {});

 private:
  struct Piece {
    std::uint32_t first_place = 0;  ///< into places_, then along next_same_
    bool here = false;
  };

  Rebuilder() = default;
  Result<void> link_equal_chunks();
  void share_arrays(const ChunkedScene& other);
  Result<Piece*> find_piece(const ChunkId& id, ByteView content);
  Result<void> make_room(const Piece& piece);
  void store(Piece& piece, ByteView content);

  Manifest manifest_;
  RenderData data_;
  std::vector<std::byte*> arrays_;      ///< what has been made of each array; null = nothing yet
  std::vector<bool> shared_;            ///< arrays that are those of a finished scene
  std::vector<RenderDataPtr> sources_;  ///< scenes that arrays are shared with
  std::vector<ChunkPlace> places_;
  std::vector<std::uint32_t> next_same_;  ///< the next place with an equal chunk, kNone = the last
  std::unordered_map<ChunkId, Piece> pieces_;
  std::uint64_t missing_bytes_ = 0;
  std::uint64_t distinct_bytes_ = 0;
};

}  // namespace oct
