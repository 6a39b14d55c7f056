#include "slave/scene_builder.hpp"

#include <atomic>
#include <utility>

#include "wire/chunk_codec.hpp"

namespace oct {

SceneBuilder::SceneBuilder(std::uint64_t max_bytes, unsigned threads, Sink sink)
    : max_bytes_(max_bytes), sink_(std::move(sink)), pool_(threads) {}

void SceneBuilder::begin(BeginScene action) {
  auto shared = std::make_shared<BeginScene>(std::move(action));
  queue_.post([this, shared] {
    rebuilder_.reset();
    SceneBegun begun;
    begun.build = shared->build;
    auto made = Rebuilder::make(Manifest{std::move(shared->arrays), std::move(shared->chunks)}, max_bytes_);
    if (!made) {
      begun.result = fail(std::move(made.error()));
      return sink_(std::move(begun));
    }
    rebuilder_ = *std::move(made);
    if (const RenderDataPtr last = data()) rebuilder_->reuse(ChunkedScene(last, &pool_));
    begun.wanted = rebuilder_->wanted();
    begun.missing_bytes = rebuilder_->missing_bytes();
    begun.distinct_bytes = rebuilder_->distinct_bytes();
    sink_(std::move(begun));
  });
}

void SceneBuilder::store(StoreChunk action) {
  auto shared = std::make_shared<const StoreChunk>(std::move(action));
  queue_.post([this, shared] {
    ChunkStored stored;
    stored.build = shared->build;
    if (!rebuilder_) return;  // of a scene that could not be begun
    const auto content = unpack_chunk(shared->chunk);
    if (!content) {
      stored.result = fail(content.error());
    } else if (auto accepted = rebuilder_->accept(shared->chunk.id, *content); !accepted) {
      stored.result = fail(std::move(accepted.error()));
    }
    stored.missing_bytes = rebuilder_->missing_bytes();
    sink_(std::move(stored));
  });
}

void SceneBuilder::rebuild(RebuildScene action) {
  queue_.post([this, action] {
    if (!rebuilder_) return;
    std::atomic_store(&data_, RenderDataPtr());
    auto finished = rebuilder_->finish(&pool_);
    rebuilder_.reset();
    if (!finished) return sink_(SceneRebuilt{action.build, fail(std::move(finished.error()))});
    auto whole = std::make_shared<const RenderData>(*std::move(finished));
    const RenderSettings settings = whole->settings.front();
    std::atomic_store(&data_, RenderDataPtr(std::move(whole)));
    sink_(SceneRebuilt{action.build, settings});
  });
}

}  // namespace oct
