#include <cmath>

#include "math/transform.hpp"
#include "math/vec.hpp"
#include "scene/own_light.hpp"
#include "scene/pose.hpp"
#include "scene/scene.hpp"
#include "scene/studio_light.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Scene a_dark_scene(float scale, Vec3 shift) {
  Scene scene;
  scene.meshes.push_back(a_quad());
  scene.materials.emplace_back();
  scene.instances.push_back(
      {"quad", 0, 0, {{scale, 0, 0, shift.x, 0, scale, 0, shift.y, 0, 0, scale, shift.z}}});
  return scene;
}

bool adds_light(Scene& scene) {
  return complete_scene(scene).light;
}
bool adds_light(Scene&& scene) {
  return complete_scene(scene).light;
}

/// In units of the half picture height: [-1, 1] is visible.
Vec3 seen(const SceneCamera& camera, Vec3 world) {
  const float* m = camera.world_from_camera.m;
  const Vec3 d{world.x - m[3], world.y - m[7], world.z - m[11]};
  const auto along = [&](int axis) { return m[axis] * d.x + m[4 + axis] * d.y + m[8 + axis] * d.z; };
  const double half = std::tan(camera.vertical_fov_degrees * 3.14159265358979 / 360);
  const float depth = -along(2);
  return {static_cast<float>(along(0) / depth / half), static_cast<float>(along(1) / depth / half), depth};
}

}  // namespace

TEST_CASE("a scene without camera and light gets both, and says so", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  const SceneAdditions added = complete_scene(scene);
  CHECK(added.camera);
  CHECK(added.light);
  REQUIRE(scene.cameras.size() == 1);
  REQUIRE(scene.environment.has_value());
  CHECK(scene.environment->radiance.x == 1.0f);
  CHECK(scene.environment->image == 0u);
  CHECK_FALSE(adds_light(scene));  // now it has
}

TEST_CASE("the camera frames scenes of any size and place", "[scene]") {
  const float scale = GENERATE(1e-3f, 1.0f, 1e4f);
  const Vec3 shift = GENERATE(Vec3{0, 0, 0}, Vec3{-50, 20, 7});
  Scene scene = a_dark_scene(scale, shift);
  complete_scene(scene);
  const SceneCamera& camera = scene.cameras.at(0);
  float largest = 0;
  for (const Vec3 corner : scene.meshes[0].positions) {
    const Vec3 p = seen(camera, transform_point(scene.instances[0].world_from_object, corner));
    CHECK(p.z > 0);
    largest = std::max({largest, std::fabs(p.x), std::fabs(p.y)});
  }
  CHECK(largest < 1.0f);
  CHECK(largest > 0.6f);
  CHECK(camera.focus_distance_m > 0);
}

TEST_CASE("the camera's axes are orthonormal and upright", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  complete_scene(scene);
  const float* m = scene.cameras.at(0).world_from_camera.m;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const float dot = m[a] * m[b] + m[4 + a] * m[4 + b] + m[8 + a] * m[8 + b];
      CHECK(dot == Approx(a == b ? 1 : 0).margin(1e-6));
    }
  }
  CHECK(m[4] == 0.0f);  // its x axis is level
  CHECK(m[5] > 0.5f);
}

TEST_CASE("an empty scene, a single point and a far one get a camera too", "[scene]") {
  Scene empty;
  CHECK(adds_light(empty));
  CHECK(empty.cameras.size() == 1);
  Scene point = a_dark_scene(1, {1e6f, 0, 0});
  for (Vec3& p : point.meshes[0].positions) p = {3, 4, 5};
  complete_scene(point);
  for (const Scene* scene : {&empty, &point}) {
    for (const float value : scene->cameras.at(0).world_from_camera.m) CHECK(std::isfinite(value));
    CHECK(scene->cameras[0].focus_distance_m > 0);
  }
  const Vec3 p = seen(point.cameras[0], {1e6f + 3, 4, 5});
  CHECK(p.z > 0);
  CHECK(std::fabs(p.x) < 0.1f);
}

TEST_CASE("lights and environments of a file are enough, however faint", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  scene.cameras.emplace_back();
  SECTION("a lamp") {
    scene.lights.emplace_back();
    scene.lights[0].intensity = {1e-6f, 0, 0};
    CHECK_FALSE(adds_light(scene));
    scene.lights[0].intensity = {0, 0, 0};
    CHECK(adds_light(scene));
  }
  SECTION("an environment") {
    scene.environment.emplace();
    CHECK_FALSE(adds_light(scene));
    CHECK_FALSE(complete_scene(scene, NeutralLight::on).light);
    scene.environment->radiance = {0, 0, 0};
    CHECK(adds_light(scene));
  }
  SECTION("the user's word") {
    CHECK_FALSE(complete_scene(scene, NeutralLight::off).light);
    scene.lights.emplace_back();
    CHECK(complete_scene(scene, NeutralLight::on).light);
  }
}

TEST_CASE("surfaces light a scene if they emit enough for its size", "[scene]") {
  // a lamp of 1 m x 1 m (2 m of the quad, halved), 2 m above a floor of 20 m
  Scene scene = a_dark_scene(10, {0, 0, 0});
  scene.cameras.emplace_back();
  scene.materials.emplace_back().emission = {10, 10, 10};
  const auto add_lamp = [&](float size, Vec3 place) {
    scene.instances.push_back(
        {"lamp", 0, 1, {{size, 0, 0, place.x, 0, size, 0, place.y, 0, 0, size, place.z}}});
  };
  SECTION("a ceiling of light does") {
    add_lamp(10, {0, 0, 5});
    CHECK_FALSE(adds_light(scene));
    scene.materials[1].unlit = true;
    CHECK(adds_light(scene));
  }
  SECTION("a diode does not") {
    add_lamp(0.01f, {0, 0, 2});
    CHECK(adds_light(scene));
  }
  SECTION("nor a bulb in a hall") {
    add_lamp(0.05f, {0, 0, 4});
    CHECK(adds_light(scene));
  }
  SECTION("nor a label that shines past everything, however bright") {
    scene.materials[1].emission = {1000, 1000, 1000};
    scene.materials[1].double_sided = true;
    add_lamp(1, {0, 12, 0});  // in the plane of the floor, beside it
    CHECK(adds_light(Scene(scene)));
    scene.instances.back().world_from_object.m[11] = 5;
    CHECK_FALSE(adds_light(Scene(scene)));
    scene.materials[1].double_sided = false;  // its front looks up, away from the floor
    CHECK(adds_light(Scene(scene)));
  }
  SECTION("nor a black picture, nor a picture that is lit elsewhere") {
    add_lamp(10, {0, 0, 5});
    SceneImage& image = scene.images.emplace_back();
    image.width = 2, image.height = 1;
    image.rgba8 = {0, 0, 0, 255, 0, 0, 0, 255};
    scene.materials[1].emission_texture.emplace();
    scene.meshes[0].uvs[0].assign(scene.meshes[0].positions.size(), {0.25f, 0.5f});
    CHECK(adds_light(Scene(scene)));
    image.rgba8 = {0, 0, 0, 255, 255, 255, 255, 255};
    CHECK(adds_light(Scene(scene)));
    image.rgba8 = {255, 255, 255, 255, 0, 0, 0, 255};
    CHECK_FALSE(adds_light(Scene(scene)));
  }
}

TEST_CASE("the flux of a Lambertian emitter is pi times radiance times area", "[scene]") {
  Scene scene = a_dark_scene(1, {0, 0, 0});
  scene.materials[0].emission = {3, 3, 3};
  scene.materials[0].emits_front_only = true;
  double area = 0;
  for (const Triangle& t : scene.meshes[0].triangles) {
    const auto p = [&](int i) { return scene.meshes[0].positions[t.v[i]]; };
    area += 0.5 * static_cast<double>(length(cross(p(1) - p(0), p(2) - p(0))));
  }
  CHECK(emitted_flux(pose(scene), scene.instances[0]) == Approx(3 * 3.14159265 * area));
  scene.materials[0].emits_front_only = false;
  scene.materials[0].double_sided = false;
  CHECK(emitted_flux(pose(scene), scene.instances[0]) == Approx(3 * 3.14159265 * area));
  scene.materials[0].double_sided = true;
  CHECK(emitted_flux(pose(scene), scene.instances[0]) == Approx(6 * 3.14159265 * area));
}

TEST_CASE("the studio shows three faces of a white box, all brighter than what is behind it", "[scene]") {
  const SceneImage studio = studio_light();
  REQUIRE(studio.rgb_float.size() == std::size_t{studio.width} * studio.height * 3);
  /// What a white surface reflects.
  const auto reflected = [&](Vec3 normal) {
    double sum = 0;
    double all = 0;
    for (std::uint32_t y = 0; y < studio.height; ++y) {
      for (std::uint32_t x = 0; x < studio.width; ++x) {
        const double latitude = (0.5 - (y + 0.5) / studio.height) * 3.14159265358979;
        const double longitude = ((x + 0.5) / studio.width - 0.5) * 2 * 3.14159265358979;
        const double cosine = normal.x * std::cos(latitude) * std::cos(longitude) +
                              normal.y * std::sin(latitude) +
                              normal.z * std::cos(latitude) * std::sin(longitude);
        const double weight = std::max(cosine, 0.0) * std::cos(latitude);
        sum += weight * studio.rgb_float[(y * studio.width + x) * 3];
        all += weight;
      }
    }
    return sum / all;
  };
  const double top = reflected({0, 1, 0});
  const double front = reflected({0, 0, 1});
  const double right = reflected({1, 0, 0});
  // behind the box as the framing camera sees it: below the horizon, to the back left
  const auto row = static_cast<std::size_t>(studio.height * 0.6);
  const auto column = static_cast<std::size_t>(studio.width * 0.33);
  const double behind = studio.rgb_float[(row * studio.width + column) * 3];
  CHECK(top < 1.0);
  CHECK(top > 1.2 * front);
  CHECK(front > 1.2 * right);
  CHECK(right > 1.5 * behind);
  for (const float value : studio.rgb_float) CHECK((value > 0.05f && value < 3.0f));
}

TEST_CASE("a posed scene is completed without being posed again", "[scene]") {
  Scene scene = test::a_scene();
  scene.cameras.clear();
  scene.lights.clear();
  scene.environment.reset();
  PosedScene posed = pose(scene);
  const SceneAdditions added = complete_scene(scene, posed, NeutralLight::on);
  CHECK(added.camera);
  CHECK(added.light);
  const PosedScene again = pose(scene);
  REQUIRE(posed.cameras.size() == 1);
  CHECK(posed.cameras[0].name == again.cameras[0].name);
  CHECK(std::equal(std::begin(posed.cameras[0].world_from_camera.m),
                   std::end(posed.cameras[0].world_from_camera.m),
                   std::begin(again.cameras[0].world_from_camera.m)));
  CHECK(posed.images.data() == again.images.data());
  CHECK(posed.images.size() == again.images.size());
  REQUIRE(posed.environment);
  CHECK(posed.environment->image == again.environment->image);
  CHECK_FALSE(complete_scene(scene, posed, NeutralLight::automatic).camera);
}
