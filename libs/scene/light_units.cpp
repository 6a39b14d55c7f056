#include "scene/light_units.hpp"

#include <algorithm>
#include <cmath>

namespace oct {
namespace {

constexpr double kFourPi = 12.566370614359172954;

/// Between lamps of 10 to 1000 W in both units, and between suns of 1 W/m2 and their 683 lux.
constexpr double kBrightLamp = 200;
constexpr double kBrightSun = 100;

/// To the precision that JSON keeps; a number that means something else is a float by chance once in a hundred thousand.
bool is_float(double value) {
  const auto nearest = static_cast<double>(static_cast<float>(value));
  return std::fabs(value - nearest) <= 1e-12 * std::fabs(value);
}

enum class Evidence { none, watts, photometric };

Evidence evidence_of(const LampIntensity& lamp, bool is_blender) {
  if (!(lamp.intensity > 0)) return Evidence::none;
  const double per_watt = lamp.is_directional ? 1 : 1 / kFourPi;
  // a sun of another writer may have a whole multiple of 683 lux, or any float
  if (lamp.is_directional && !is_blender) return Evidence::none;
  if (is_float(lamp.intensity / per_watt / kLumensPerWatt)) return Evidence::photometric;
  // releases before the choice was there wrote watts as they are
  if (is_float(lamp.intensity / per_watt) || (is_blender && is_float(lamp.intensity))) return Evidence::watts;
  return Evidence::none;
}

bool is_bright(const LampIntensity& lamp) {
  return lamp.intensity > (lamp.is_directional ? kBrightSun : kBrightLamp);
}

}  // namespace

LightUnitsFound find_light_units(LightUnits wanted, std::string_view generator,
                                 const std::vector<LampIntensity>& lamps) {
  if (wanted != LightUnits::automatic) return {wanted == LightUnits::photometric, "as --light-units says"};
  const bool is_blender = generator.find("Blender I/O") != std::string_view::npos;
  std::size_t watts = 0;
  std::size_t photometric = 0;
  for (const LampIntensity& lamp : lamps) {
    const Evidence evidence = evidence_of(lamp, is_blender);
    watts += evidence == Evidence::watts ? 1 : 0;
    photometric += evidence == Evidence::photometric ? 1 : 0;
  }
  if (photometric > watts) return {true, "their writer multiplied watts by 683"};
  if (watts > 0 || !is_blender) return {false, "nothing shows that their writer multiplied watts by 683"};
  const auto bright = static_cast<std::size_t>(std::count_if(lamps.begin(), lamps.end(), is_bright));
  if (2 * bright > lamps.size()) return {true, "Blender wrote them, and they are that bright"};
  return {false, "Blender wrote them, and they are too dim for candela and lux"};
}

}  // namespace oct
