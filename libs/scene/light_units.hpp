#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scene/scene.hpp"

// glTF's punctual lights count candela and lux, its emission W/m2/sr, with no number between them. Most writers ignore
// the difference and put watts; Blender's exporter multiplies by 683 lm/W, unless its user asks for "Unitless".

namespace oct {

inline constexpr double kLumensPerWatt = 683;

/// A light as the file has it.
struct LampIntensity {
  bool is_directional = false;
  double intensity = 0;
};

struct LightUnitsFound {
  bool photometric = false;
  std::string reason;  ///< for the log
};

/// `generator` is the file's asset.generator. A lamp of Blender has a power that its user typed, a 32-bit number of watts:
/// of watts / 4 pi and 683 watts / 4 pi only the right one leads back to such a number. Where rounding has destroyed that,
/// the size of Blender's intensities decides.
LightUnitsFound find_light_units(LightUnits wanted, std::string_view generator,
                                 const std::vector<LampIntensity>& lamps);

}  // namespace oct
