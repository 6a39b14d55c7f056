#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/thread_pool.hpp"
#include "base/work_queue.hpp"
#include "render_data/rebuilder.hpp"
#include "slave/slave_events.hpp"

namespace oct {

/// Puts scenes together on a thread of its own, from what the core hands over; answers come back on that
/// thread. Several scenes may be under way; each goes by the number of its build. What a new scene has in common
/// with finished ones that are not forgotten is taken from there. All functions may be called from any thread,
/// and all but data() return at once and take effect in the order of the calls.
class SceneBuilder {
 public:
  /// Receives SceneBegun, ChunkStored and SceneRebuilt on the builder's thread; should only hand them on.
  using Sink = std::function<void(SlaveEvent)>;

  /// max_bytes  of a scene: a master must not take more memory than this computer has
  SceneBuilder(std::uint64_t max_bytes, unsigned threads, Sink sink);

  /// Begins a build, and anew if it was begun before.
  void begin(BeginScene action);
  void store(StoreChunk action);
  void rebuild(RebuildScene action);

  /// Drops a build, finished or not; nothing comes of it any more. Unknown: no effect.
  void forget(std::uint64_t build);

  /// The scene that SceneRebuilt reported, until it is forgotten; else null.
  RenderDataPtr data(std::uint64_t build) const;

 private:
  SceneBegun begin_now(BeginScene& action);
  std::vector<RenderDataPtr> finished_scenes() const;

  std::uint64_t max_bytes_;
  Sink sink_;
  ThreadPool pool_;
  std::map<std::uint64_t, Rebuilder> rebuilders_;  ///< by build
  mutable std::mutex mutex_;                       // guards finished_
  std::map<std::uint64_t, RenderDataPtr> finished_;
  WorkQueue queue_;  ///< last: ends first
};

}  // namespace oct
