#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scene/scene.hpp"

// What animations can change besides the place of nodes: one row of a table for each property.

namespace oct {

/// A property that a JSON pointer of glTF's object model names, such as pbrMetallicRoughness/roughnessFactor.
struct AnimatedProperty {
  std::uint16_t index = 0;  ///< SceneChannel::property
  std::size_t width = 1;    ///< numbers in a value
};

/// `pointer` is what follows the element: of /materials/3/alphaCutoff that is alphaCutoff. For nodes too.
std::optional<AnimatedProperty> find_animated_property(AnimatedKind kind, std::string_view pointer);

/// Whether a file may animate it, but the picture does not depend on it (the near plane of a camera).
bool is_without_effect(AnimatedKind kind, std::string_view pointer);

/// Sets a property; values out of its range are brought into it. `values` is as long as its width.
void set_property(SceneMaterial& material, std::uint16_t property, std::span<const float> values);
void set_property(SceneCamera& camera, std::uint16_t property, std::span<const float> values);
void set_property(SceneLight& light, std::uint16_t property, std::span<const float> values);

}  // namespace oct
