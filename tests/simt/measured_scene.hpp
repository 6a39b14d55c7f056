#pragma once
#include <string>

#include "device/bvh_builder.hpp"
#include "render_data/render_data.hpp"
#include "simt/queue_film.hpp"

namespace oct::simt {

/// What is rendered to be measured.
struct MeasuredScene {
  RenderDataPtr data;
  std::vector<TileSamples> work;

  u64 sample_count() const;  ///< over all pixels
};

/// Scenes that the project makes itself: "room", "layers", "everything"; null for another name.
RenderDataPtr own_scene(const std::string& name, u32 width, u32 height);

/// `samples` samples from `first` on, of `count` tiles spread over the picture, or of all if it has no more.
std::vector<TileSamples> spread_tiles(const RenderSettings& settings, u32 count, u32 first, u32 samples);

/// With the trees of both CPUs and GPUs.
HostBvh both_trees(const RenderData& data);

/// The fixed picture that budgets are about: every material, instances, lamps.
MeasuredScene budget_scene();

}  // namespace oct::simt
