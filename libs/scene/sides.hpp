#pragma once
#include "scene/scene.hpp"

namespace oct {

/// Whether a surface is there for rays that meet its front alone, as glTF has single-sided ones. What light
/// goes through has two sides whatever its material says: inside of glass all surfaces are seen from behind.
inline bool has_front_alone(const SceneMaterial& material) {
  const bool lets_light_through = material.transmission > 0 || material.diffuse_transmission.factor > 0;
  return !material.double_sided && (material.unlit || !lets_light_through);
}

}  // namespace oct
