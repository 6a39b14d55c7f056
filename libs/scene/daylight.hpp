#pragma once
#include "math/vec.hpp"
#include "scene/scene.hpp"

namespace oct {

/// A clear day.
struct Daylight {
  Vec3 to_sun{0, 1, 0};  ///< need not be unit; above the horizon
  float turbidity = 3;   ///< haze: 2 = mountain air, 3 = clear, 6 = warm and moist, 10 = haze
};

inline constexpr float kLeastTurbidity = 2;
inline constexpr float kMostTurbidity = 10;

/// Sky and sun after Preetham, Shirley and Smits, "A Practical Analytic Model for Daylight" (SIGGRAPH 1999), and light
/// reflected by grey ground below the horizon. In units in which a white surface that faces a sun in the zenith on a clear
/// day reflects a radiance of about 1: what a camera shows at an exposure of 1.

/// Without the sun's disc; equirectangular, +Y up.
SceneImage sky(const Daylight& day);

/// 0.53 degrees wide, redder and weaker the lower it stands.
SceneLight sun(const Daylight& day);

/// Makes the sky the environment of `scene`, in place of what it has, and adds the sun, scaled by `sun_power`: who
/// scales the environment scales both.
void set_daylight(const Daylight& day, float sun_power, Scene& scene);

}  // namespace oct
