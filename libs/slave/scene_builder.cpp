#include "slave/scene_builder.hpp"

#include <utility>

#include "wire/chunk_codec.hpp"

namespace oct {

SceneBuilder::SceneBuilder(std::uint64_t max_bytes, unsigned threads, Sink sink)
    : max_bytes_(max_bytes), sink_(std::move(sink)), pool_(threads) {}

void SceneBuilder::begin(BeginScene action) {
  auto shared = std::make_shared<BeginScene>(std::move(action));
  queue_.post([this, shared] { sink_(begin_now(*shared)); });
}

SceneBegun SceneBuilder::begin_now(BeginScene& action) {
  rebuilders_.erase(action.build);
  SceneBegun begun;
  begun.build = action.build;
  auto made = Rebuilder::make(Manifest{std::move(action.arrays), std::move(action.chunks)}, max_bytes_);
  if (!made) {
    begun.result = fail(std::move(made.error()));
    return begun;
  }
  Rebuilder& rebuilder = rebuilders_.insert_or_assign(action.build, *std::move(made)).first->second;
  for (const RenderDataPtr& scene : finished_scenes()) {
    auto reused = rebuilder.reuse(ChunkedScene(scene, &pool_));
    if (reused) continue;
    begun.result = fail(std::move(reused.error()));
    rebuilders_.erase(action.build);
    return begun;
  }
  begun.wanted = rebuilder.wanted();
  begun.missing_bytes = rebuilder.missing_bytes();
  begun.distinct_bytes = rebuilder.distinct_bytes();
  return begun;
}

void SceneBuilder::store(StoreChunk action) {
  auto shared = std::make_shared<const StoreChunk>(std::move(action));
  queue_.post([this, shared] {
    const auto found = rebuilders_.find(shared->build);
    if (found == rebuilders_.end()) return;  // of a scene that could not be begun, or is forgotten
    Rebuilder& rebuilder = found->second;
    ChunkStored stored;
    stored.build = shared->build;
    const auto content = unpack_chunk(shared->chunk);
    if (!content) {
      stored.result = fail(content.error());
    } else if (auto accepted = rebuilder.accept(shared->chunk.id, *content); !accepted) {
      stored.result = fail(std::move(accepted.error()));
    }
    stored.missing_bytes = rebuilder.missing_bytes();
    sink_(std::move(stored));
  });
}

void SceneBuilder::rebuild(RebuildScene action) {
  queue_.post([this, action] {
    const auto found = rebuilders_.find(action.build);
    if (found == rebuilders_.end()) return;
    auto finished = found->second.finish(&pool_);
    rebuilders_.erase(found);
    if (!finished) return sink_(SceneRebuilt{action.build, fail(std::move(finished.error()))});
    const RenderSettings settings = finished->settings.front();
    {
      const std::lock_guard lock(mutex_);
      finished_[action.build] = std::make_shared<const RenderData>(*std::move(finished));
    }
    sink_(SceneRebuilt{action.build, settings});
  });
}

void SceneBuilder::forget(std::uint64_t build) {
  queue_.post([this, build] {
    rebuilders_.erase(build);
    RenderDataPtr forgotten;  // may be the last reference: destroyed without the lock
    const std::lock_guard lock(mutex_);
    const auto found = finished_.find(build);
    if (found == finished_.end()) return;
    forgotten = std::move(found->second);
    finished_.erase(found);
  });
}

RenderDataPtr SceneBuilder::data(std::uint64_t build) const {
  const std::lock_guard lock(mutex_);
  const auto found = finished_.find(build);
  return found == finished_.end() ? nullptr : found->second;
}

/// The youngest first: it has most in common.
std::vector<RenderDataPtr> SceneBuilder::finished_scenes() const {
  std::vector<RenderDataPtr> scenes;
  const std::lock_guard lock(mutex_);
  for (auto entry = finished_.rbegin(); entry != finished_.rend(); ++entry) scenes.push_back(entry->second);
  return scenes;
}

}  // namespace oct
