#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace oct {

enum class Interpolation { step, linear, cubic_spline };

/// A curve of keys. Importers let only this through: at least one key, finite numbers, times that do not
/// decrease.
struct SceneSampler {
  Interpolation interpolation = Interpolation::linear;
  std::size_t width = 1;      ///< numbers in a value
  std::vector<float> times;   ///< of the keys, seconds
  std::vector<float> values;  ///< `width` for each key; for cubic splines tangent in, value, tangent out
};

/// What kind of element a channel changes.
enum class AnimatedKind : std::uint8_t { node, camera, light, material };

/// Property of a node; those of other kinds are listed in animated_property.hpp.
enum class NodeProperty : std::uint16_t { translation, rotation, scale, morph_weights, visible };

/// Lets a sampler drive one property of one element of the scene.
struct SceneChannel {
  std::size_t sampler = 0;  ///< of the same animation
  AnimatedKind kind = AnimatedKind::node;
  std::size_t element = 0;  ///< index into the scene's list of this kind
  std::uint16_t property = 0;
};

struct SceneAnimation {
  std::string name;
  std::vector<SceneSampler> samplers;
  std::vector<SceneChannel> channels;

  /// Time of the last key.
  float duration_s() const;
};

/// The value at a time, `sampler.width` numbers. Before the first and after the last key it stays as it is
/// there.
std::vector<double> sample(const SceneSampler& sampler, double time_s);

/// The same of a curve of quaternions (width 4): linear ones turn evenly, the shorter way round. Not unit.
std::array<double, 4> sample_rotation(const SceneSampler& sampler, double time_s);

}  // namespace oct
