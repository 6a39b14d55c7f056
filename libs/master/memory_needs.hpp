#pragma once
#include <optional>

#include "master/master_config.hpp"
#include "master/scene_loader.hpp"
#include "render/memory_budget.hpp"

namespace oct {

/// What the film alone needs, before the scene is loaded; nothing while its size depends on the camera's
/// shape.
std::optional<MemoryNeeds> film_memory_needs(const SceneChoice& choice);

/// What a render of this scene needs in the master.
MemoryNeeds memory_needs(const MasterConfig& config, const DevicePlan& plan, const LoadedScene& scene);

}  // namespace oct
