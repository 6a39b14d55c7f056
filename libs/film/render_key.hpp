#pragma once
#include <optional>
#include <string>

#include "base/hash.hpp"
#include "data/types.hpp"

namespace oct {

/// What a film is a picture of, as whoever loaded the scene knows it.
struct FilmSource {
  std::string scene_name;  ///< without a path
  Digest scene_hash;       ///< of the render data without its settings: camera, geometry, materials, lights
  Digest kernel_hash;      ///< of the code that makes samples of it (wire/kernel_hash.hpp)
  Camera camera{};         ///< for the headers of pictures
  double frames_per_second = 24;
};

/// The hash of all that a sample is a function of: scene, camera, kernels, size, seed, depth, limits, quantum
/// and frame. Not of how many samples are wanted, of exposure, curve, or the format of a picture: films of
/// one key are one render, further or less far.
Digest render_key(const FilmSource& source, const RenderSettings& settings);

/// What differs between the render of a film and another one, for people: "seed 3, now 4", "another scene,
/// camera or environment"; nothing when their keys are equal.
std::optional<std::string> render_difference(const FilmSource& held, const RenderSettings& held_settings,
                                             const FilmSource& now, const RenderSettings& settings_now);

}  // namespace oct
