#include "scene/light_units.hpp"

#include "scene/import_gltf.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr double kFourPi = 12.566370614359172954;
constexpr const char* kBlender = "Khronos glTF Blender I/O v4.0.44";

bool is_photometric(const std::vector<LampIntensity>& lamps, const char* generator = kBlender) {
  return find_light_units(LightUnits::automatic, generator, lamps).photometric;
}

/// As Blender's exporter computes it, from a 32-bit number.
double standard(float watts) {
  return static_cast<double>(watts) / kFourPi * 683;
}
double unitless(float watts) {
  return static_cast<double>(watts) / kFourPi;
}

}  // namespace

TEST_CASE("Blender's lamps tell whether they were multiplied by 683", "[scene]") {
  for (const float watts : {0.1f, 1.0f, 10.0f, 33.3f, 100.0f, 1000.0f, 54321.0f, 2e6f}) {
    INFO(watts);
    CHECK(is_photometric({{false, standard(watts)}}));
    CHECK_FALSE(is_photometric({{false, unitless(watts)}}));
    CHECK_FALSE(is_photometric({{false, static_cast<double>(watts)}}));  // releases before 3.4
    CHECK(is_photometric({{false, standard(watts)}}, ""));
    CHECK_FALSE(is_photometric({{false, unitless(watts)}}, ""));
  }
  for (const float strength : {0.3f, 1.0f, 3.0f, 5.5f, 1000.0f}) {
    INFO(strength);
    CHECK(is_photometric({{true, static_cast<double>(strength) * 683}}));
    CHECK_FALSE(is_photometric({{true, static_cast<double>(strength)}}));
    CHECK_FALSE(is_photometric({{true, static_cast<double>(strength) * 683}}, "another writer"));
  }
}

TEST_CASE("where a tool has rounded Blender's lamps their size decides", "[scene]") {
  CHECK(is_photometric({{false, 54351.4}}));
  CHECK_FALSE(is_photometric({{false, 79.577}}));
  CHECK(is_photometric({{true, 2049.1}}));
  CHECK_FALSE(is_photometric({{true, 3.1}}));
  CHECK_FALSE(is_photometric({{false, 54351.4}}, "another writer"));
}

TEST_CASE("the user's word on units counts", "[scene]") {
  CHECK(find_light_units(LightUnits::photometric, "", {{false, 1}}).photometric);
  CHECK_FALSE(find_light_units(LightUnits::watts, kBlender, {{false, standard(10)}}).photometric);
}

TEST_CASE("both exports of a Blender scene give the same light", "[scene]") {
  const auto lamp = [](double intensity, LightUnits units) {
    GltfMaker maker;
    maker.document["asset"]["generator"] = kBlender;
    maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {
        {{"type", "point"}, {"intensity", intensity}}};
    maker.add("nodes", {{"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
    ImportOptions options;
    options.light_units = units;
    auto imported = import_gltf(maker.glb(), "a.glb", "", options);
    REQUIRE(imported);
    REQUIRE(imported->notes.size() == 1);
    return std::pair(pose(imported->scene).lights.at(0).intensity.x, imported->notes[0]);
  };
  const auto [first, first_note] = lamp(standard(1000), LightUnits::automatic);
  const auto [second, second_note] = lamp(unitless(1000), LightUnits::automatic);
  CHECK(first == Approx(79.577).epsilon(1e-4));
  CHECK(second == Approx(static_cast<double>(first)).epsilon(1e-6));
  CHECK(first_note ==
        "its lights are taken as candela and lux, 683 lumens to the watt: their writer multiplied watts by "
        "683");
  CHECK(
      second_note ==
      "its lights are taken as watts (W/sr, W/m2): nothing shows that their writer multiplied watts by 683");
  CHECK(lamp(standard(1000), LightUnits::watts).first == Approx(54351.4));
}
