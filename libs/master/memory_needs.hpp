#pragma once
#include <optional>

#include "master/master_config.hpp"
#include "master/scene_loader.hpp"
#include "render/memory_budget.hpp"

namespace oct {

/// What the film alone needs, before the scene is loaded; nothing while its size depends on the camera's
/// shape.
std::optional<MemoryNeeds> film_memory_needs(const SceneChoice& choice);

/// What a render of this scene as `job` says needs in the master.
MemoryNeeds memory_needs(const MasterConfig& config, const RenderJob& job, const DevicePlan& plan,
                         const LoadedScene& scene);

/// The same while another frame like it is made ready, and a third one is written.
MemoryNeeds with_frames_beside(MemoryNeeds needs);

}  // namespace oct
