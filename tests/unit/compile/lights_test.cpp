#include "compile/lights.hpp"

#include <cmath>

#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Quads of side 2 (4 square metres), one with each of the materials, in a row.
Scene lamps(std::vector<SceneMaterial> materials) {
  Scene scene;
  scene.cameras.resize(1);
  scene.cameras[0].world_from_camera.m[11] = 9;  // all of it is in view
  scene.meshes = {a_quad()};
  scene.materials = std::move(materials);
  for (std::size_t i = 0; i < scene.materials.size(); ++i) {
    scene.instances.push_back({"lamp", 0, i, moved(3 * static_cast<float>(i), 0, 0)});
  }
  return scene;
}

SceneMaterial lamp_of(float radiance) {
  SceneMaterial lamp;
  lamp.emission = {radiance, radiance, radiance};
  return lamp;
}

/// Probability of drawing one of the lights of an instance.
double share_of_instance(const RenderData& data, u32 instance) {
  double sum = 0;
  for (const Light& light : data.lights) {
    if (light.kind == LightKind::area && light.instance == instance)
      sum += static_cast<double>(light.select_probability);
  }
  return sum;
}

double share_of_kind(const RenderData& data, LightKind kind) {
  double sum = 0;
  for (const Light& light : data.lights) {
    if (light.kind == kind) sum += static_cast<double>(light.select_probability);
  }
  return sum;
}

}  // namespace

TEST_CASE("each triangle of an emissive instance is a light, in order", "[compile]") {
  const RenderData data = compiled(lamps({SceneMaterial{}, lamp_of(1), lamp_of(2)}), small_film());
  REQUIRE(data.lights.size() == 4);
  CHECK(data.instances[0].first_light == kNone);
  CHECK(data.instances[1].first_light == 0);
  CHECK(data.instances[2].first_light == 2);
  for (u32 i = 0; i < 4; ++i) {
    CHECK(data.lights[i].kind == LightKind::area);
    CHECK(data.lights[i].instance == 1 + i / 2);
    CHECK(data.lights[i].primitive == i % 2);
    CHECK(data.lights[i].area == 2.0f);
    CHECK(data.lights[i].intensity.x == static_cast<float>(1 + i / 2));
  }
}

TEST_CASE("lights are drawn in proportion to their power", "[compile]") {
  SceneMaterial double_sided = lamp_of(3);  // shines to both sides
  double_sided.double_sided = true;
  SceneMaterial front_only = lamp_of(3);  // says what a single-sided lamp does anyway
  front_only.emits_front_only = true;
  SceneMaterial front_only_double_sided = double_sided;
  front_only_double_sided.emits_front_only = true;
  Scene scene = lamps({lamp_of(1), lamp_of(3), double_sided, front_only, front_only_double_sided});
  scene.instances[1].world_from_object = moved(3, 0, 0, 0.5f);  // a quarter of the area
  const RenderData data = compiled(scene, small_film());
  const double total = 1 + 3 * 0.25 + 6 + 3 + 3;
  CHECK(share_of_instance(data, 0) == Approx(1 / total).epsilon(1e-5));
  CHECK(share_of_instance(data, 1) == Approx(0.75 / total).epsilon(1e-5));
  CHECK(share_of_instance(data, 2) == Approx(6 / total).epsilon(1e-5));
  CHECK(share_of_instance(data, 3) == Approx(3 / total).epsilon(1e-5));
  CHECK(share_of_instance(data, 4) == Approx(3 / total).epsilon(1e-5));
}

TEST_CASE("punctual lights and area lights share by watts", "[compile]") {
  SceneMaterial lamp = lamp_of(1);
  lamp.double_sided = true;
  Scene scene = lamps({lamp});
  scene.lights.resize(2);
  scene.lights[0] = {.name = "light", .kind = SceneLightKind::point, .intensity = {1, 1, 1}};
  scene.lights[1] = {.name = "light",
                     .kind = SceneLightKind::spot,
                     .intensity = {1, 1, 1},
                     .inner_cone_degrees = 60,
                     .outer_cone_degrees = 60};
  const RenderData data = compiled(scene, small_film());
  REQUIRE(data.lights.size() == 4);
  const double pi = 3.14159265358979;
  const double total = 8 * pi + 4 * pi + pi;  // the lamp: both sides of 4 square metres
  CHECK(share_of_instance(data, 0) == Approx(8 * pi / total).epsilon(1e-5));
  CHECK(share_of_kind(data, LightKind::point) == Approx(4 * pi / total).epsilon(1e-5));
  CHECK(share_of_kind(data, LightKind::spot) == Approx(pi / total).epsilon(1e-5));
  CHECK(data.lights[3].cos_outer == Approx(0.5));
}

TEST_CASE("lights at infinity take at most half of the draws while others shine", "[compile]") {
  Scene scene = lamps({lamp_of(1)});
  scene.instances[0].world_from_object = moved(0, 0, 0, 0.01f);
  scene.instances.push_back({"ground", 0, 1, moved(0, 0, -1, 1000)});
  scene.materials.resize(2);
  scene.environment = SceneEnvironment{};
  scene.lights = {{.name = "light", .kind = SceneLightKind::directional}};
  RenderData data = compiled(scene, small_film());
  CHECK(share_of_instance(data, 0) == Approx(0.5).epsilon(1e-5));
  CHECK(share_of_kind(data, LightKind::environment) / share_of_kind(data, LightKind::directional) ==
        Approx(4 * 3.14159265).epsilon(1e-4));
  CHECK(data.environments[0].light == 3);

  scene.materials[0].emission = {0, 0, 0};
  data = compiled(scene, small_film());
  REQUIRE(data.lights.size() == 2);
  CHECK(data.lights[0].select_probability + data.lights[1].select_probability == Approx(1));
}

TEST_CASE("what has no power gets no light", "[compile]") {
  SceneMaterial dark_texture = lamp_of(5);
  dark_texture.emission_texture = SceneTexture{};
  Scene scene = lamps({lamp_of(0), dark_texture});
  SceneImage black;
  black.width = black.height = 2;
  black.rgba8.assign(16, 0);
  scene.images = {black};
  scene.lights.resize(1);
  scene.lights[0].intensity = {0, 0, 0};
  scene.environment = SceneEnvironment{.image = {}, .radiance = {0, 0, 0}};
  const RenderData data = compiled(scene, small_film());
  CHECK(data.lights.empty());
  CHECK(data.instances[1].first_light == kNone);
  CHECK(data.environments[0].light == kNone);
}

TEST_CASE("emission is the mean of the texture over each triangle's footprint", "[compile]") {
  SceneMaterial lamp = lamp_of(2);
  lamp.emission_texture = SceneTexture{.wrap_s = Wrap::clamp_to_edge, .wrap_t = Wrap::clamp_to_edge};
  Scene scene = lamps({lamp});
  SceneImage image;  // white above the diagonal of the quad's second triangle, black below
  image.width = image.height = 64;
  for (u32 y = 0; y < 64; ++y) {
    for (u32 x = 0; x < 64; ++x) {
      const u8 value = x + y < 63 ? 255 : 0;
      for (const u8 channel : {value, value, value, u8{255}}) image.rgba8.push_back(channel);
    }
  }
  scene.images = {image};
  RenderData data = compiled(scene, small_film());
  REQUIRE(data.lights.size() == 2);
  // the quad's diagonal runs from image (0, 1) to (1, 0): triangle 0 is below it, triangle 1 above
  CHECK(data.lights[0].intensity.x == Approx(0).margin(0.04));
  CHECK(data.lights[1].intensity.x == Approx(2).margin(0.1));
  CHECK(data.lights[1].select_probability > 0.97f);

  // the same through many repeats: every triangle sees the mean
  scene.materials[0].emission_texture = SceneTexture{.scale = {37, 53}};
  data = compiled(scene, small_film());
  CHECK(data.lights[0].intensity.x == Approx(1).margin(0.1));
  CHECK(data.lights[1].intensity.x == Approx(1).margin(0.1));

  // and within one texel
  scene.materials[0].emission_texture = SceneTexture{.offset = {0.1f, 0.1f}, .scale = {0.001f, 0.001f}};
  data = compiled(scene, small_film());
  CHECK(data.lights[0].intensity.x == Approx(2));
}

TEST_CASE("a weak light beside a strong one can still be drawn", "[compile]") {
  Scene scene = lamps({lamp_of(1e-20f), lamp_of(1e10f)});
  const RenderData data = compiled(scene, small_film());
  for (const Light& light : data.lights) CHECK(light.select_probability > 0);
}

TEST_CASE("a sun keeps its direction and its width", "[compile]") {
  Scene scene = lamps({SceneMaterial{}});
  scene.lights = {{.name = "light",
                   .kind = SceneLightKind::directional,
                   .direction = {0, -5, 0},
                   .angular_diameter_degrees = 90}};
  RenderData data = compiled(scene, small_film());
  REQUIRE(data.lights.size() == 1);
  CHECK(data.lights[0].direction.y == -1);
  CHECK(data.lights[0].cos_half_angle == Approx(0.70710678));
  CHECK(data.lights[0].select_probability == 1);

  std::vector<std::string> warnings;
  scene.lights[0].direction = {0, 0, 0};
  data = compiled(scene, small_film(), 1, &warnings);
  CHECK(data.lights.empty());
  CHECK(warnings.size() == 1);
}
