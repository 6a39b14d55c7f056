#include "render_data/chunks.hpp"

namespace oct {

ChunkedScene::ChunkedScene(RenderDataPtr data, ThreadPool* pool)
    : data_(std::move(data)),
      manifest_(make_manifest(*data_, pool)),
      places_(chunk_places(manifest_.arrays)) {
  RenderData::each(
      *data_, [&](const char*, const auto& array) { arrays_.push_back(std::as_bytes(std::span(array))); });
  place_of_.reserve(places_.size());
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    if (place_of_.try_emplace(manifest_.chunks[i], i).second) distinct_bytes_ += places_[i].bytes;
  }
}

std::optional<ChunkView> ChunkedScene::find(const ChunkId& id) const {
  const auto found = place_of_.find(id);
  if (found == place_of_.end()) return std::nullopt;
  const ChunkPlace& place = places_[found->second];
  return ChunkView{arrays_[place.array].subspan(place.first_byte, place.bytes),
                   manifest_.arrays[place.array].element_bytes};
}

}  // namespace oct
