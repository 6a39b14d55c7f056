#pragma once
#include "scene/scene.hpp"

namespace oct {

/// Whether light comes out on the other side: of glass, and of what transmits diffusely. Further materials that do belong
/// here.
inline bool lets_light_through(const SceneMaterial& material) {
  return !material.unlit && (material.transmission > 0 || material.diffuse_transmission.factor > 0);
}

/// Whether a surface is there for rays that meet its front alone, as glTF has single-sided ones. What light
/// goes through has two sides whatever its material says: inside of glass all surfaces are seen from behind.
inline bool has_front_alone(const SceneMaterial& material) {
  return !material.double_sided && !lets_light_through(material);
}

}  // namespace oct
