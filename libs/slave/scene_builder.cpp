#include "slave/scene_builder.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/exhaustion.hpp"
#include "slave/held_scenes.hpp"
#include "wire/chunk_codec.hpp"

namespace oct {
namespace {

/// What does not fit into memory after all comes out as a value.
template <class Action>
auto guarded(Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const std::exception& exception) {
    return fail(error_of(exception));
  }
}

std::uint64_t triangles_in(const Manifest& manifest) {
  std::uint64_t count = 0;
  std::size_t index = 0;
  const RenderData none;
  RenderData::each(none, [&](const char* name, const auto&) {
    if (std::string_view(name) == "triangles") count = manifest.arrays[index].count;
    ++index;
  });
  return count;
}

/// Read from the disk in one go: between two of them a scene may be forgotten, or the program end.
constexpr std::size_t kChunksInOneGo = 32;

}  // namespace

SceneBuilder::SceneBuilder(const MemoryNeeds& devices, Limit limit, unsigned threads, Sink sink,
                           ChunkCache* cache)
    : devices_(devices), limit_(std::move(limit)), sink_(std::move(sink)), cache_(cache), pool_(threads) {}

SceneBuilder::~SceneBuilder() {
  ending_ = true;
  queue_.clear();
  const std::lock_guard lock(mutex_);
  for (auto& [build, stop] : rebuilds_) stop.request_stop();
}

void SceneBuilder::begin(BeginScene action) {
  auto shared = std::make_shared<BeginScene>(std::move(action));
  queue_.post([this, shared] { begin_now(*shared); });
}

void SceneBuilder::begin_now(BeginScene& action) {
  const std::uint64_t build = action.build;
  rebuilders_.erase(build);
  auto made = guarded([&] { return begin_build(action); });
  if (!made) return begun(build, fail(std::move(made.error())), false);
  if (cache_ == nullptr) return begun(build, {}, *made);
  cache_->begin_scene();
  take_from_cache(build, std::make_shared<const std::vector<ChunkId>>(rebuilders_.at(build).wanted()), 0,
                  *made);
}

Result<bool> SceneBuilder::begin_build(BeginScene& action) {
  OCT_TRY_ASSIGN(Rebuilder made,
                 Rebuilder::make({std::move(action.arrays), std::move(action.chunks)}, kMaxSceneBytes));
  MemoryNeeds needs = devices_;
  needs.scene_bytes = byte_size(made.manifest());
  needs.tree_triangles = triangles_in(made.manifest());
  OCT_TRY(check_memory_budget(needs, limit_()));
  Rebuilder& rebuilder = rebuilders_.insert_or_assign(action.build, std::move(made)).first->second;
  for (const RenderDataPtr& scene : finished_scenes()) OCT_TRY(rebuilder.reuse(ChunkedScene(scene, &pool_)));
  return is_memory_short(needs, action.build, rebuilder.arrays_here(), action.replaces);
}

/// What the disk does not hold, or holds wrongly, is asked of the master.
void SceneBuilder::take_from_cache(std::uint64_t build, const Ids& ids, std::size_t at,
                                   bool is_memory_short) {
  const auto found = rebuilders_.find(build);
  if (found == rebuilders_.end() || ending_) return;
  const std::size_t end = std::min(at + kChunksInOneGo, ids->size());
  for (; at < end; ++at) {
    const ChunkId& id = (*ids)[at];
    const auto content = cache_->find(id);
    if (!content) continue;
    auto accepted = guarded([&] { return found->second.accept(id, *content); });
    if (accepted) continue;
    if (accepted.error().kind == ErrorKind::exhausted)
      return begun(build, fail(std::move(accepted.error())), false);
    cache_->discard(id);
  }
  if (at == ids->size()) return begun(build, {}, is_memory_short);
  queue_.post([=, this] { take_from_cache(build, ids, at, is_memory_short); });
}

void SceneBuilder::begun(std::uint64_t build, Result<void> result, bool is_memory_short) {
  SceneBegun begun;
  begun.build = build;
  if (result) {
    const Rebuilder& rebuilder = rebuilders_.at(build);
    begun.wanted = rebuilder.wanted();
    begun.missing_bytes = rebuilder.missing_bytes();
    begun.distinct_bytes = rebuilder.distinct_bytes();
  } else {
    rebuilders_.erase(build);
  }
  begun.is_memory_short = is_memory_short;
  begun.result = std::move(result);
  sink_(std::move(begun));
}

void SceneBuilder::store(StoreChunk action) {
  auto shared = std::make_shared<const StoreChunk>(std::move(action));
  queue_.post([this, shared] {
    if (auto stored = store_now(*shared)) sink_(*std::move(stored));
  });
}

std::optional<ChunkStored> SceneBuilder::store_now(const StoreChunk& action) {
  const auto found = rebuilders_.find(action.build);
  if (found == rebuilders_.end()) return std::nullopt;  // could not be begun, or is forgotten
  ChunkStored stored;
  stored.build = action.build;
  stored.result = guarded([&]() -> Result<void> {
    OCT_TRY_ASSIGN(auto content, unpack_chunk(action.chunk));
    OCT_TRY(found->second.accept_unpacked(action.chunk.id, content));
    if (cache_ != nullptr) cache_->keep(action.chunk.id, std::move(content));
    return {};
  });
  stored.missing_bytes = found->second.missing_bytes();
  if (!stored.result && stored.result.error().kind == ErrorKind::exhausted) rebuilders_.erase(found);
  return stored;
}

void SceneBuilder::rebuild(RebuildScene action) {
  const std::stop_source source;
  {
    const std::lock_guard lock(mutex_);
    rebuilds_[action.build] = source;
  }
  queue_.post([this, action, source] {
    if (auto rebuilt = rebuild_now(action.build, source.get_token())) sink_(*std::move(rebuilt));
    const std::lock_guard lock(mutex_);
    const auto asked = rebuilds_.find(action.build);
    if (asked != rebuilds_.end() && asked->second == source) rebuilds_.erase(asked);
  });
}

std::optional<SceneRebuilt> SceneBuilder::rebuild_now(std::uint64_t build, const std::stop_token& stop) {
  const auto found = rebuilders_.find(build);
  if (found == rebuilders_.end()) return std::nullopt;
  auto settings = guarded([&] { return finish_build(build, found->second, stop); });
  if (settings || settings.error().kind != ErrorKind::cancelled) rebuilders_.erase(found);
  const RenderDataPtr made = settings ? data(build) : nullptr;
  const bool is_short = made && is_memory_short(needs_of(*made), build, *made, 0);
  return SceneRebuilt{build, std::move(settings), is_short};
}

MemoryNeeds SceneBuilder::needs_of(const RenderData& data) const {
  MemoryNeeds needs = devices_;
  needs.scene_bytes = byte_size(data);
  needs.tree_triangles = triangles_in_tree(data.triangles.size(), triangles_placed(data));
  return needs;
}

/// Only now it is known how often each mesh is placed, and with that what the trees need.
Result<RenderSettings> SceneBuilder::finish_build(std::uint64_t build, Rebuilder& rebuilder,
                                                  const std::stop_token& stop) {
  OCT_TRY_ASSIGN(RenderData data, rebuilder.finish(&pool_, stop));
  OCT_TRY(check_memory_budget(needs_of(data), limit_()));
  const RenderSettings settings = data.settings.front();
  auto shared = std::make_shared<const RenderData>(std::move(data));
  const std::lock_guard lock(mutex_);
  finished_[build] = std::move(shared);
  return settings;
}

void SceneBuilder::cancel_rebuild(std::uint64_t build) {
  const std::lock_guard lock(mutex_);
  if (const auto asked = rebuilds_.find(build); asked != rebuilds_.end()) asked->second.request_stop();
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

/// Of all that is here beside this build and the one that it replaces, finished or not.
bool SceneBuilder::is_memory_short(const MemoryNeeds& needs, std::uint64_t build, const RenderData& own,
                                   std::uint64_t replaced) const {
  const auto is_other = [&](std::uint64_t other) { return other != build && other != replaced; };
  std::vector<RenderDataPtr> held;  // stay until they are counted
  std::vector<const RenderData*> others, unfinished;
  for (const auto& [other, rebuilder] : rebuilders_) {
    if (is_other(other)) unfinished.push_back(&rebuilder.arrays_here());
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [other, scene] : finished_) {
      if (is_other(other)) held.push_back(scene);
    }
  }
  for (const RenderDataPtr& scene : held) others.push_back(scene.get());
  return !check_memory_budget(with_held_scenes(needs, own, others, unfinished), limit_());
}

/// The youngest first: it has most in common.
std::vector<RenderDataPtr> SceneBuilder::finished_scenes() const {
  std::vector<RenderDataPtr> scenes;
  const std::lock_guard lock(mutex_);
  for (auto entry = finished_.rbegin(); entry != finished_.rend(); ++entry) scenes.push_back(entry->second);
  return scenes;
}

}  // namespace oct
