#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/memory_limit.hpp"
#include "base/thread_pool.hpp"
#include "base/work_queue.hpp"
#include "render/memory_budget.hpp"
#include "render_data/rebuilder.hpp"
#include "slave/chunk_cache.hpp"
#include "slave/slave_events.hpp"

namespace oct {

/// Puts scenes together on a thread of its own, from what the core hands over; answers come back on that
/// thread. Several scenes may be under way; each goes by the number of its build. What a new scene has in common
/// with finished ones that are not forgotten is taken from there, then from the cache, and what arrives goes into it. All functions may be called from any thread,
/// and all but data() return at once and take effect in the order of the calls.
class SceneBuilder {
 public:
  /// Receives SceneBegun, ChunkStored and SceneRebuilt on the builder's thread; should only hand them on.
  using Sink = std::function<void(SlaveEvent)>;

  /// How much memory this process may have; nothing = as much as it likes.
  using Limit = std::function<std::optional<MemoryLimit>()>;

  /// devices  what the devices of this computer add to a scene: trees, threads; a master must not take more
  ///          memory than there is for all of that together
  /// cache    of chunks on the disk; must outlive this. Null: there is none.
  SceneBuilder(const MemoryNeeds& devices, Limit limit, unsigned threads, Sink sink,
               ChunkCache* cache = nullptr);
  /// Gives up what is under way.
  ~SceneBuilder();
  SceneBuilder(const SceneBuilder&) = delete;
  SceneBuilder& operator=(const SceneBuilder&) = delete;

  /// Begins a build, and anew if it was begun before. `exhausted` where memory does not suffice for the scene
  /// and for what devices make of it.
  void begin(BeginScene action);
  /// `exhausted` drops the build.
  void store(StoreChunk action);
  /// `cancelled` leaves the build as it was: it can be rebuilt. `exhausted` drops it.
  void rebuild(RebuildScene action);

  /// Ends the rebuilding that was asked for last, running or waiting. Unknown: no effect.
  void cancel_rebuild(std::uint64_t build);

  /// Drops a build, finished or not; nothing comes of it any more. Unknown: no effect.
  void forget(std::uint64_t build);

  /// The scene that SceneRebuilt reported, until it is forgotten; else null.
  RenderDataPtr data(std::uint64_t build) const;

 private:
  using Ids = std::shared_ptr<const std::vector<ChunkId>>;

  void begin_now(BeginScene& action);
  /// Whether memory is short: see SceneBegun.
  Result<bool> begin_build(BeginScene& action);
  void take_from_cache(std::uint64_t build, const Ids& ids, std::size_t at, bool is_memory_short);
  void begun(std::uint64_t build, Result<void> result, bool is_memory_short);
  std::optional<ChunkStored> store_now(const StoreChunk& action);
  std::optional<SceneRebuilt> rebuild_now(std::uint64_t build, const std::stop_token& stop);
  Result<RenderSettings> finish_build(std::uint64_t build, Rebuilder& rebuilder, const std::stop_token& stop);
  std::vector<RenderDataPtr> finished_scenes() const;
  bool is_memory_short(const MemoryNeeds& needs, std::uint64_t build, const RenderData& own,
                       std::uint64_t replaced) const;
  MemoryNeeds needs_of(const RenderData& data) const;

  const MemoryNeeds devices_;
  const Limit limit_;
  Sink sink_;
  ChunkCache* const cache_;
  std::atomic<bool> ending_ = false;
  ThreadPool pool_;
  std::map<std::uint64_t, Rebuilder> rebuilders_;  ///< by build
  mutable std::mutex mutex_;                       // guards finished_ and rebuilds_
  std::map<std::uint64_t, RenderDataPtr> finished_;
  std::map<std::uint64_t, std::stop_source> rebuilds_;  ///< asked for and not yet answered, by build
  WorkQueue queue_;                                     ///< last: ends first
};

}  // namespace oct
