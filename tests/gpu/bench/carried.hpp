#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "render_data/render_data.hpp"

namespace oct::bench {

/// What was carried to this computer of one scene, by the names of the files.
struct CarriedScene {
  std::string name;   ///< "kitchen" of kitchen.octscene
  std::string scene;  ///< path of the compiled scene
  std::string rays;   ///< of kitchen.rays, which octane_bench_rays --write made; empty = there is none
};

/// The scenes of a folder in the order of their names. invalid_input where there is no such folder, or no scene in it.
Result<std::vector<CarriedScene>> scenes_in(const std::string& folder);

/// Its render data, checked.
Result<RenderDataPtr> load_carried(const CarriedScene& scene);

/// The same picture with so many samples a pixel.
RenderDataPtr with_samples(const RenderData& data, std::uint32_t samples);

}  // namespace oct::bench
