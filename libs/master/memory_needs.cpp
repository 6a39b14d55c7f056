#include "master/memory_needs.hpp"

#include <algorithm>

#include "base/thread_limit.hpp"

namespace oct {

std::optional<MemoryNeeds> film_memory_needs(const SceneChoice& choice) {
  if (!choice.width || !choice.height) return std::nullopt;
  MemoryNeeds needs;
  needs.width = *choice.width;
  needs.height = *choice.height;
  return needs;
}

MemoryNeeds memory_needs(const MasterConfig& config, const RenderJob& job, const DevicePlan& plan,
                         const LoadedScene& scene) {
  const RenderSettings& settings = scene.settings();
  MemoryNeeds needs;
  needs.width = settings.width;
  needs.height = settings.height;
  needs.passes = pass_count(settings);
  needs.follows_noise = job.stop.noise_threshold.has_value();
  needs.scene_bytes = scene.summary.bytes;
  needs.tree_triangles = triangles_in_tree(scene.data()->triangles.size(), scene.summary.triangles);
  const auto gpus = static_cast<std::uint32_t>(plan.gpus.size());
  const bool renders_here = !config.no_local;
  // Of the CPU device, or of the reference that decides about audited units; one tree of a kind serves all devices.
  needs.wide_trees = 1;
  needs.compact_trees = renders_here && gpus > 0 ? 1 : 0;
  needs.cpu_threads = config.devices.threads != 0 ? config.devices.threads : usable_threads();
  needs.local_devices = renders_here ? gpus + (plan.cpu ? 1 : 0) : 0;
  if (config.network.enable) {
    const std::size_t enabled = config.network.preferences.network.enabled_daemons.size();
    needs.slaves = std::max(config.network.wait_for_slaves, static_cast<std::uint32_t>(enabled));
  }
  needs.file_outputs = static_cast<std::uint32_t>(job.outputs.size());
  needs.watchers = (config.watch.preview.empty() ? 0 : 1) + (config.watch.display_server ? 1 : 0);
  return needs;
}

MemoryNeeds with_frames_beside(MemoryNeeds needs) {
  const std::uint64_t film_bytes =
      std::uint64_t{needs.width} * needs.height * kFilmChannels * sizeof(std::int64_t);
  const std::uint64_t noise_bytes = needs.follows_noise ? film_bytes / 4 * 3 : 0;  // of the frame ahead
  needs.held_scene_bytes += needs.scene_bytes + 2 * film_bytes + noise_bytes;
  needs.held_tree_triangles += needs.tree_triangles;
  return needs;
}

}  // namespace oct
