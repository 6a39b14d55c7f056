#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "base/thread_pool.hpp"
#include "base/work_queue.hpp"
#include "render_data/rebuilder.hpp"
#include "slave/slave_events.hpp"

namespace oct {

/// Puts scenes together on a thread of its own, from what the core hands over; answers come back on that
/// thread. What a new scene has in common with the last finished one is taken from there.
class SceneBuilder {
 public:
  /// Receives SceneBegun, ChunkStored and SceneRebuilt on the builder's thread; should only hand them on.
  using Sink = std::function<void(SlaveEvent)>;

  /// max_bytes  of a scene: a master must not take more memory than this computer has
  SceneBuilder(std::uint64_t max_bytes, unsigned threads, Sink sink);

  void begin(BeginScene action);
  void store(StoreChunk action);
  void rebuild(RebuildScene action);

  /// The scene that SceneRebuilt reported. Any thread, until the next begin().
  RenderDataPtr data() const { return std::atomic_load(&data_); }

 private:
  std::uint64_t max_bytes_;
  Sink sink_;
  ThreadPool pool_;
  std::optional<Rebuilder> rebuilder_;
  RenderDataPtr data_;
  WorkQueue queue_;  ///< last: ends first
};

}  // namespace oct
