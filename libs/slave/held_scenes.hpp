#pragma once
#include <cstdint>
#include <vector>

#include "render/memory_budget.hpp"
#include "render_data/render_data.hpp"

// What several scenes take together: those of a slave's slots share arrays, and trees of equal geometry. Pure.

namespace oct {

/// Triangles of all instances, each counted as often as its mesh is placed.
std::uint64_t triangles_placed(const RenderData& data);

/// `needs` of one scene, with what `others` hold beside it, and the arrays of those that are `unfinished`: not validated,
/// and without trees. `own` are its arrays as far as they are here: what another scene shares with them, or with a third
/// one, counts once.
MemoryNeeds with_held_scenes(MemoryNeeds needs, const RenderData& own,
                             const std::vector<const RenderData*>& others,
                             const std::vector<const RenderData*>& unfinished = {});

}  // namespace oct
