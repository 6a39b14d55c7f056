#pragma once
#include <cstdint>
#include <vector>

#include "base/thread_pool.hpp"
#include "render_data/render_data.hpp"
#include "wire/chunk_id.hpp"

// How render data is cut into chunks: each array on its own, into pieces of as many whole elements as fit
// into kMaxChunkBytes, each named by its content. docs/render_data.md describes it,
// docs/decisions/0013-chunks.md says why.

namespace oct {

/// What render data is made of: equal manifests, equal data.
struct Manifest {
  std::vector<ArrayInfo> arrays;  ///< in the order of RenderDataArrays::each
  std::vector<ChunkId>
      chunks;  ///< the pieces of the first array, of the second, ...; equal pieces have equal ids
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// Pieces that an array is cut into.
std::uint64_t chunk_count(const ArrayInfo& array);

/// Where a piece belongs.
struct ChunkPlace {
  std::uint32_t array;       ///< in the order of each()
  std::uint64_t first_byte;  ///< within the array
  std::uint32_t bytes;       ///< of the piece, 1 to kMaxChunkBytes
};

/// The place of each of manifest.chunks. The manifest must have passed check_manifest or been made here.
std::vector<ChunkPlace> chunk_places(const std::vector<ArrayInfo>& arrays);

/// Bytes of all arrays together.
std::uint64_t byte_size(const Manifest& manifest);

/// Hashes the pieces of arrays that have no names yet, on all threads if a pool is given.
Manifest make_manifest(const RenderData& data, ThreadPool* pool = nullptr);

/// protocol error unless the arrays are those of RenderData, the number of chunks is theirs, and no array has
/// more elements than 32-bit indices count (texels: 2^40 bytes); exhausted above `max_bytes`. Nothing is
/// allocated.
Result<void> check_manifest(const Manifest& manifest, std::uint64_t max_bytes);

/// SHA-256 over names, element sizes, counts and chunk ids of the arrays in order: equal hash = equal data,
/// whoever computed it and from what.
Digest hash(const Manifest& manifest);
Digest hash(const RenderData& data, ThreadPool* pool = nullptr);

/// The same over all arrays but `settings`: what is rendered, and from where, however large, long or fine.
Digest hash_without_settings(const Manifest& manifest);

}  // namespace oct
