#pragma once
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/thread_pool.hpp"
#include "render_data/chunks.hpp"
#include "report/render_status.hpp"

// People are told what travels, and chunks travel compressed. How small one becomes is known once it was packed, which
// happens as slaves ask for it; what was not packed yet is estimated.

namespace oct {

/// Bytes of render data, as they are in memory and on the wire.
struct DataBytes {
  std::uint64_t content = 0, wire = 0;
};

struct PackedChunk {
  ChunkId id;
  DataBytes bytes;
};

/// Some chunks of a scene, packed to see how small they become.
using PackedSample = std::vector<PackedChunk>;

/// Packs some chunks from all over the scene, all of a small one. A worker's job: it takes tens of milliseconds.
PackedSample packed_sample_of(const ChunkedScene& scene, ThreadPool& pool);

/// What all distinct chunks of a scene weigh on the wire: measured as far as they were packed, the rest estimated.
class PackedSizes {
 public:
  PackedSizes(std::uint64_t distinct_bytes, const PackedSample& sample);

  /// Any slave is sent this chunk; one that was sent before tells nothing new.
  void packed(const ChunkId& id, DataBytes bytes);
  DataBytes total() const;

 private:
  std::uint64_t distinct_;
  DataBytes measured_;
  std::unordered_set<ChunkId> seen_;
};

/// The update of one slave.
struct UpdateBytes {
  DataBytes total;  ///< of the scenes that it was told of
  DataBytes sent;   ///< to it, of them
};

/// A status whose sizes are those in memory gets those on the wire. What it lacks is most likely what it was not sent.
void count_on_wire(SlaveStatus& slave, const UpdateBytes& update);

}  // namespace oct
