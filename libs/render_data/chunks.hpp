#pragma once
#include <optional>
#include <unordered_map>

#include "render_data/manifest.hpp"

namespace oct {

/// The content of a chunk, in place.
struct ChunkView {
  ByteView content;
  std::uint32_t element_bytes =
      1;  ///< of the array it is a piece of: bytes grouped by element compress better
};

/// Render data as chunks to be sent: a manifest, and each chunk by its name as a view into the array. Keeps
/// the data alive; nothing is copied, and arrays that were cut before, for this scene or another one that shares
/// them, are not hashed again. Immutable: any thread.
class ChunkedScene {
 public:
  explicit ChunkedScene(RenderDataPtr data, ThreadPool* pool = nullptr);

  const RenderDataPtr& data() const { return data_; }
  const Manifest& manifest() const { return manifest_; }

  /// Nothing for a name that is not of this scene. Lives as long as this object.
  std::optional<ChunkView> find(const ChunkId& id) const;

  /// Bytes of all distinct chunks together: what a slave without any of them will fetch.
  std::uint64_t distinct_bytes() const { return distinct_bytes_; }

 private:
  RenderDataPtr data_;
  Manifest manifest_;
  std::vector<ByteView> arrays_;
  std::vector<ChunkPlace> places_;
  std::unordered_map<ChunkId, std::uint32_t> place_of_;
  std::uint64_t distinct_bytes_ = 0;
};

}  // namespace oct
