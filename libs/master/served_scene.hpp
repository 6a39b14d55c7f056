#pragma once
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "wire/chunk_id.hpp"

namespace oct {

/// What slaves may ask for: the names of the chunks of the scene being rendered.
struct ServedScene {
  std::uint32_t number = 1;  ///< of ManifestPart::scene
  std::uint64_t bytes = 0;   ///< of all distinct chunks together
  std::unordered_set<ChunkId> chunks;
};

}  // namespace oct
