#pragma once
#include <cstdint>
#include <string>

namespace oct {

/// What is rendered.
struct SceneSummary {
  std::string name;
  std::uint64_t triangles = 0, objects = 0, materials = 0, textures = 0;
  std::uint64_t bytes = 0;  ///< of render data
  double seconds = 0;       ///< that loading took
};

/// The picture that it is rendered to.
struct FilmSummary {
  std::uint32_t width = 0, height = 0, samples_per_pixel = 0;
  std::string camera;
  std::string until = {};  ///< the rule that may end it with fewer samples: "noise 0.02"; empty: none
};

}  // namespace oct
