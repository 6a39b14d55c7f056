#include "shade/light.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include "sample/sobol.hpp"
#include "shade_support.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr double kPiDouble = 3.14159265358979324;

/// A disk of `sectors` triangles around (0, 0, height), facing down.
SceneMesh a_disk(float radius, float height, u32 sectors) {
  SceneMesh mesh;
  mesh.positions.push_back({0, 0, height});
  for (u32 i = 0; i < sectors; ++i) {
    const double turn = 2 * kPiDouble * i / sectors;
    mesh.positions.push_back(
        {static_cast<float>(radius * std::cos(turn)), static_cast<float>(radius * std::sin(turn)), height});
  }
  for (u32 i = 0; i < sectors; ++i) mesh.triangles.push_back({{0, (i + 1) % sectors + 1, i + 1}});
  return mesh;
}

SceneMaterial an_emitter(Vec3 radiance) {
  SceneMaterial material;
  material.emission = radiance;
  return material;
}

RenderData compiled_small(Scene scene) {
  if (scene.cameras.empty()) scene.cameras.resize(1);
  return compiled(scene, small_film());
}

/// Irradiance at a point whose surface faces `normal`, from samples of all lights.
Vec3 irradiance(const RenderDataView& view, Vec3 point, Vec3 normal, u32 samples = 16384) {
  double r = 0, g = 0, b = 0;
  for (u32 i = 0; i < samples; ++i) {
    const SampleId id = {9, 0, i};
    const LightSample light =
        sample_light(view, point, sobol_1d_bits(id, 4), sobol_2d(id, 0), sobol_2d(id, 2));
    if (!(light.pdf > 0)) continue;
    const double cosine = std::max(0.0, static_cast<double>(dot(light.direction, normal)));
    const double scale = cosine / static_cast<double>(light.pdf) / samples;
    r += static_cast<double>(light.radiance.x) * scale;
    g += static_cast<double>(light.radiance.y) * scale;
    b += static_cast<double>(light.radiance.z) * scale;
  }
  return {static_cast<float>(r), static_cast<float>(g), static_cast<float>(b)};
}

constexpr Vec3 kUp = {0, 0, 1};

}  // namespace

TEST_CASE("a disk light gives its analytic irradiance", "[shade]") {
  Scene scene;
  scene.materials = {an_emitter({3, 2, 1})};
  scene.meshes = {a_disk(0.5f, 2, 200)};
  scene.instances = {{"disk", 0, 0, moved(0, 0, 0)}};
  const RenderData data = compiled_small(scene);
  // on the axis E = pi L R^2 / (R^2 + h^2); a polygon of 200 corners lacks 0.02 % of the disk
  const double expected = kPiDouble * 0.25 / 4.25;
  const Vec3 e = irradiance(view_of(data), {0, 0, 0}, kUp);
  CHECK(e.x == Approx(3 * expected).epsilon(2e-3));
  CHECK(e.y == Approx(2 * expected).epsilon(2e-3));
  // off the axis, facing up: E = pi L / 2 (1 - (d^2 + h^2 - R^2) / sqrt((d^2 + h^2 + R^2)^2 - 4 R^2 d^2))
  const double d2 = 1.5 * 1.5, h2 = 4, r2 = 0.25;
  const double root = std::sqrt((d2 + h2 + r2) * (d2 + h2 + r2) - 4 * r2 * d2);
  const double beside = kPiDouble / 2 * (1 - (d2 + h2 - r2) / root);
  CHECK(irradiance(view_of(data), {1.5f, 0, 0}, kUp).x == Approx(3 * beside).epsilon(3e-3));
}

TEST_CASE("emission leaves both sides, or the front alone where the material says so or has no back",
          "[shade]") {
  for (const int reason : {0, 1, 2}) {
    const bool front_only = reason != 0;
    Scene scene;
    scene.materials = {an_emitter({1, 1, 1})};
    scene.materials[0].emits_front_only = reason == 1;
    scene.materials[0].double_sided = reason != 2;
    scene.meshes = {a_disk(0.5f, 2, 64)};
    scene.instances = {{"disk", 0, 0, moved(0, 0, 0)}};
    const RenderData data = compiled_small(scene);
    CHECK(irradiance(view_of(data), {0, 0, 0}, kUp).x > 0.1f);
    const float behind = irradiance(view_of(data), {0, 0, 4}, {0, 0, -1}).x;
    CHECK((behind == 0.0f) == front_only);
  }
}

TEST_CASE("a mirrored instance shines to the side that its mesh calls the front", "[shade]") {
  Scene scene;
  scene.materials = {an_emitter({1, 1, 1})};
  scene.materials[0].emits_front_only = true;
  scene.meshes = {a_disk(0.5f, 2, 64)};
  Transform mirror = moved(0, 0, 0);
  mirror.m[0] = -1;
  scene.instances = {{"disk", 0, 0, mirror}};
  const RenderData data = compiled_small(scene);
  CHECK(irradiance(view_of(data), {0, 0, 0}, kUp).x == Approx(kPiDouble * 0.25 / 4.25).epsilon(0.01));
  CHECK(irradiance(view_of(data), {0, 0, 4}, {0, 0, -1}).x == 0.0f);
}

TEST_CASE("punctual lights give their analytic irradiance, each and together", "[shade]") {
  Scene scene;
  scene.lights.resize(3);
  scene.lights[0].position = {1, 2, 2};
  scene.lights[0].intensity = {9, 18, 27};
  scene.lights[1].kind = SceneLightKind::directional;
  scene.lights[1].direction = {0, -0.6f, -0.8f};
  scene.lights[1].intensity = {2, 2, 2};
  scene.lights[1].angular_diameter_degrees = 0.53f;
  scene.lights[2].kind = SceneLightKind::spot;
  scene.lights[2].position = {0, 0, 3};
  scene.lights[2].direction = {0, 0, -1};
  scene.lights[2].intensity = {9, 9, 9};
  scene.lights[2].inner_cone_degrees = 10;
  scene.lights[2].outer_cone_degrees = 30;
  const double point = 9.0 / 9.0 * 2.0 / 3.0, sun = 2 * 0.8, spot = 1;
  const Vec3 e = irradiance(view_of(compiled_small(scene)), {0, 0, 0}, kUp);
  CHECK(e.x == Approx(point + sun + spot).epsilon(1e-3));
  CHECK(e.z == Approx(3 * point + sun + spot).epsilon(1e-3));

  Scene alone;
  alone.lights = {scene.lights[2]};
  const RenderData data = compiled_small(alone);
  CHECK(irradiance(view_of(data), {2, 0, 0}, kUp, 16).x ==
        0.0f);  // outside of the cone: tan 30 = 0.58 < 2 / 3
  const double tangent = 1.0 / 3, cosine = 1 / std::sqrt(1 + tangent * tangent);
  const double inner = std::cos(kPiDouble / 18), outer = std::cos(kPiDouble / 6);
  const double falloff = std::pow((cosine - outer) / (inner - outer), 2);
  CHECK(irradiance(view_of(data), {1, 0, 0}, kUp, 16).x == Approx(9 * falloff / 10 * cosine).epsilon(1e-4));
}

TEST_CASE("a constant environment gives pi times its radiance", "[shade]") {
  Scene scene;
  scene.environment.emplace().radiance = {0.5f, 1, 2};
  const RenderData data = compiled_small(scene);
  const Vec3 e = irradiance(view_of(data), {3, 4, 5}, normalize(Vec3{1, 2, 3}));
  CHECK(e.x == Approx(kPiDouble * 0.5).epsilon(2e-3));
  CHECK(e.z == Approx(kPiDouble * 2).epsilon(2e-3));
}

namespace {

/// Integral of f(direction) times the environment's mean radiance over the sphere, by the midpoint rule.
double environment_integral(const RenderDataView& view, const std::function<double(Vec3)>& f) {
  constexpr int kRows = 64, kColumns = 128;
  double sum = 0;
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < kColumns; ++x) {
      const double elevation = (0.5 - (y + 0.5) / kRows) * kPiDouble;
      const double azimuth = ((x + 0.5) / kColumns - 0.5) * 2 * kPiDouble;
      const Vec3 d = {static_cast<float>(std::cos(elevation) * std::cos(azimuth)),
                      static_cast<float>(std::sin(elevation)),
                      static_cast<float>(std::cos(elevation) * std::sin(azimuth))};
      double radiance = 0;
      for (int k = 0; k < 64; ++k) {
        const Vec2 u = {(static_cast<float>(k % 8) + 0.5f) / 8, (static_cast<float>(k / 8) + 0.5f) / 8};
        radiance += static_cast<double>(environment_radiance(view, d, u).y) / 64;
      }
      sum += f(d) * radiance * std::cos(elevation) * (kPiDouble / kRows) * (2 * kPiDouble / kColumns);
    }
  return sum;
}

Scene a_sky_scene() {
  Scene scene;
  scene.images = {a_sky(16, 8)};
  for (std::size_t i = 0; i < scene.images[0].rgb_float.size(); ++i)
    scene.images[0].rgb_float[i] = i / 3 % 7 == 0 ? 8.0f : static_cast<float>(i / 3 % 5);
  scene.environment = SceneEnvironment{.image = 0, .radiance = {2, 2, 2}, .rotation_degrees = 77};
  return scene;
}

}  // namespace

TEST_CASE("sampling an environment image gives the integral of its bilinear picture", "[shade]") {
  const RenderData data = compiled_small(a_sky_scene());
  const RenderDataView view = view_of(data);
  for (const Vec3 normal : {Vec3{0, 1, 0}, Vec3{1, 0, 0}, Vec3{0, 0, -1}}) {
    const auto cosine = [&](Vec3 d) { return std::max(0.0, static_cast<double>(dot(d, normal))); };
    CHECK(irradiance(view, {0, 0, 0}, normal, 65536).y ==
          Approx(environment_integral(view, cosine)).epsilon(0.01));
  }
}

TEST_CASE("an environment's density integrates to one and is that of its samples", "[shade]") {
  const RenderData data = compiled_small(a_sky_scene());
  const RenderDataView view = view_of(data);
  double total = 0;
  constexpr int kRows = 400, kColumns = 800;
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < kColumns; ++x) {
      const double elevation = (0.5 - (y + 0.5) / kRows) * kPiDouble;
      const double azimuth = (x + 0.5) / kColumns * 2 * kPiDouble;
      const Vec3 d = {static_cast<float>(std::cos(elevation) * std::cos(azimuth)),
                      static_cast<float>(std::sin(elevation)),
                      static_cast<float>(std::cos(elevation) * std::sin(azimuth))};
      total += static_cast<double>(light_pdf_environment(view, d)) * std::cos(elevation) *
               (kPiDouble / kRows) * (2 * kPiDouble / kColumns);
    }
  CHECK(total == Approx(1).epsilon(2e-3));
  Uniform uniform(3);
  int different = 0;
  for (int i = 0; i < 5000; ++i) {
    const u32 choice = uniform.bits();
    const Vec2 u = uniform.pair();
    const LightSample light = sample_light(view, {0, 0, 0}, choice, u, uniform.pair());
    const float density = light_pdf_environment(view, light.direction);
    if (!(std::abs(density - light.pdf) <= 1e-4f * light.pdf)) ++different;
  }
  CHECK(different <= 2);  // rounding may carry a direction over the border of a cell
}

TEST_CASE("an environment turns with its rotation", "[shade]") {
  Environment environment{};
  environment.cos_rotation = 0;
  environment.sin_rotation = 1;  // 90 degrees about +Y
  // without rotation +X is at u = 0.5, and the turn by +90 degrees carries +X to -Z
  const Vec2 uv = environment_coordinates(environment, {0, 0, -1});
  CHECK(uv.x == Approx(0.5));
  CHECK(uv.y == Approx(0.5));
  Uniform uniform(1);
  for (int i = 0; i < 1000; ++i) {
    const Vec3 d = warp_sphere(uniform.pair());
    const Vec3 back = environment_direction(environment, environment_coordinates(environment, d)).direction;
    CHECK(length(back - d) < 3e-6f);
  }
}

TEST_CASE("an area light's density is the one that a ray which hits it computes", "[shade]") {
  Scene scene;
  scene.materials = {an_emitter({1, 1, 1}), an_emitter({5, 5, 5})};
  scene.meshes = {a_disk(0.5f, 2, 7), a_disk(1.5f, 3, 5)};
  Transform turned = {{0, 0, 2, 1, 0, 1, 0, 0, -1, 0, 0, 4}};
  scene.instances = {{"a", 0, 0, moved(0.1f, 0.2f, 0.3f, 2)}, {"b", 1, 1, turned}};
  const RenderData data = compiled_small(scene);
  const RenderDataView view = view_of(data);
  Uniform uniform(6);
  int checked = 0;
  for (int i = 0; i < 5000; ++i) {
    const Vec3 from = {4 * uniform() - 2, 4 * uniform() - 2, uniform()};
    const u32 choice = uniform.bits();
    const Vec2 u = uniform.pair();
    const LightSample light = sample_light(view, from, choice, u, uniform.pair());
    if (!(light.pdf > 0)) continue;
    const Vec2 corner = warp_triangle(u);
    const Ray ray = {from, 0, light.direction, kInfinity, {-1, 0, 0}, kNone, kNone};
    const Surface surface =
        surface_at(view, ray, {1, corner.x, corner.y, light.instance, light.primitive, 0});
    CHECK(light_pdf_area(view, surface, from) == Approx(light.pdf).epsilon(1e-4));
    ++checked;
  }
  CHECK(checked > 4000);
}

TEST_CASE("lights are chosen as often as they say", "[shade]") {
  const RenderData data = compiled_small(a_scene());
  const RenderDataView view = view_of(data);
  std::vector<int> counts(data.lights.size());
  constexpr u32 kDraws = 1u << 20;
  u64 rest_sum = 0;
  for (u32 i = 0; i < kDraws; ++i) {
    const LightChoice choice = choose_light(view, reverse_bits(i) | 1u << 11);
    ++counts[choice.light];
    rest_sum += choice.rest >> 12;
  }
  for (std::size_t i = 0; i < counts.size(); ++i)
    CHECK(counts[i] / static_cast<double>(kDraws) ==
          Approx(static_cast<double>(data.lights[i].select_probability)).margin(1e-4));
  CHECK(static_cast<double>(rest_sum) / kDraws == Approx(524288).epsilon(0.01));
}
