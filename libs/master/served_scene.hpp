#pragma once
#include <cstdint>
#include <unordered_set>

#include "wire/chunk_id.hpp"

namespace oct {

/// What slaves may ask for: the names of the chunks of a frame's scene.
struct ServedScene {
  std::uint64_t bytes = 0;  ///< of all distinct chunks together
  std::unordered_set<ChunkId> chunks;
};

}  // namespace oct
