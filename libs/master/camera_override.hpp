#pragma once
#include <array>
#include <optional>

#include "scene/scene.hpp"

namespace oct {

/// Values that replace those of the scene's camera, one by one. Lengths in metres, angles in degrees.
struct CameraOverride {
  std::array<std::optional<double>, 3> position, target;  ///< in the scene file's coordinates
  std::array<std::optional<float>, 3>
      up;                    ///< none, with a position or target: the world's, unless the camera is rolled
  std::optional<float> fov;  ///< horizontal
  std::optional<float> lens_radius;  ///< metres, 0 = everything sharp
  std::optional<float> focus_distance;
  std::optional<float> shift_up, shift_right;  ///< in image heights and widths

  bool any() const {
    const auto given = [](const auto& values) { return values[0] || values[1] || values[2]; };
    return given(position) || given(target) || given(up) || fov || lens_radius || focus_distance ||
           shift_up || shift_right;
  }
};

/// The same, with the points counted from `origin` (Scene::origin) instead of the file's.
CameraOverride from_origin(CameraOverride override, const std::array<double, 3>& origin);

/// The scene's camera with the user's values in place of its own; `aspect` is the film's width / height.
SceneCamera overridden(const SceneCamera& camera, const CameraOverride& override, double aspect);

}  // namespace oct
