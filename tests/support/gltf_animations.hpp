#pragma once
#include "support/gltf_maker.hpp"

namespace oct::test {

/// Adds a channel with a sampler of its own to the last animation, or to a first one. `values` are floats of `type`.
inline void animate(GltfMaker& maker, GltfMaker::Json target, const std::vector<float>& times,
                    const char* type, const std::vector<float>& values,
                    const char* interpolation = "LINEAR") {
  const std::size_t width = type == std::string("SCALAR") ? 1 : static_cast<std::size_t>(type[3] - '0');
  const std::size_t input = maker.accessor(GltfMaker::real, "SCALAR", times.size(), times);
  const std::size_t output = maker.accessor(GltfMaker::real, type, values.size() / width, values);
  auto& animations = maker.document["animations"];
  if (animations.empty()) animations.push_back({{"name", "move"}});
  auto& animation = animations.back();
  animation["samplers"].push_back({{"input", input}, {"output", output}, {"interpolation", interpolation}});
  animation["channels"].push_back(
      {{"sampler", animation["samplers"].size() - 1}, {"target", std::move(target)}});
}

inline GltfMaker::Json of_node(std::size_t node, const char* path) {
  return {{"node", node}, {"path", path}};
}
inline GltfMaker::Json of_pointer(const char* pointer) {
  return {{"path", "pointer"}, {"extensions", {{"KHR_animation_pointer", {{"pointer", pointer}}}}}};
}

}  // namespace oct::test
