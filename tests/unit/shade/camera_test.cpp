#include "shade/camera.hpp"

#include <cmath>

#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Camera a_camera() {
  Camera camera{};
  camera.world_from_camera = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  camera.half_width = 1;
  camera.half_height = 0.5f;
  camera.focus_distance = 4;
  return camera;
}

RenderSettings a_film() {
  RenderSettings settings{};
  settings.width = 20;
  settings.height = 10;
  return settings;
}

/// Where the ray meets the plane at distance 1 before the camera.
Vec2 on_plane(const Ray& ray) {
  return {ray.direction.x / -ray.direction.z, ray.direction.y / -ray.direction.z};
}

}  // namespace

TEST_CASE("pixels lie in rows from the top left of the image plane", "[shade]") {
  const Vec2 corner = on_plane(camera_ray(a_camera(), a_film(), 0, 0, {0, 0}, {0, 0}));
  CHECK(corner.x == Approx(-1));
  CHECK(corner.y == Approx(0.5));
  const Vec2 pixel = on_plane(camera_ray(a_camera(), a_film(), 15, 9, {0.5f, 0.5f}, {0, 0}));
  CHECK(pixel.x == Approx(0.55));
  CHECK(pixel.y == Approx(-0.45));
}

TEST_CASE("lens shift moves the image plane in widths and heights", "[shade]") {
  Camera camera = a_camera();
  camera.shift_right = 0.25f;
  camera.shift_up = 0.5f;
  const Vec2 centre = on_plane(camera_ray(camera, a_film(), 10, 5, {0, 0}, {0, 0}));
  CHECK(centre.x == Approx(0.5));
  CHECK(centre.y == Approx(0.5));
}

TEST_CASE("rays of an orthographic camera are parallel, and start at its plane", "[shade]") {
  Camera camera = a_camera();
  camera.projection = Projection::orthographic;
  camera.shift_right = 0.25f;
  const Ray ray = camera_ray(camera, a_film(), 15, 9, {0.5f, 0.5f}, {0, 0});
  CHECK(ray.origin.x == Approx(0.55 + 0.5));
  CHECK(ray.origin.y == Approx(-0.45));
  CHECK(ray.origin.z == 0);
  CHECK(ray.direction.x == 0);
  CHECK(ray.direction.z == -1);
  camera.lens_radius = 0.3f;
  for (const Vec2 on_lens : {Vec2{0.1f, 0.2f}, Vec2{0.9f, 0.4f}}) {
    const Ray seen = camera_ray(camera, a_film(), 15, 9, {0.5f, 0.5f}, on_lens);
    const float along = camera.focus_distance / -seen.direction.z;
    CHECK(std::abs(seen.direction.x) > 0.01f);
    CHECK(seen.origin.x + seen.direction.x * along == Approx(1.05));
    CHECK(seen.origin.y + seen.direction.y * along == Approx(-0.45));
  }
}

TEST_CASE("rays of a pixel meet in the plane of focus, from all over the lens", "[shade]") {
  Camera camera = a_camera();
  camera.lens_radius = 0.3f;
  const Vec2 sharp = on_plane(camera_ray(a_camera(), a_film(), 4, 7, {0.2f, 0.9f}, {0, 0}));
  Uniform uniform(1);
  float widest = 0;
  for (int i = 0; i < 1000; ++i) {
    const Ray ray = camera_ray(camera, a_film(), 4, 7, {0.2f, 0.9f}, uniform.pair());
    CHECK(length(ray.direction) == Approx(1));
    const float t = (-4 - ray.origin.z) / ray.direction.z;
    CHECK(ray.origin.x + t * ray.direction.x == Approx(4 * sharp.x).margin(1e-5));
    CHECK(ray.origin.y + t * ray.direction.y == Approx(4 * sharp.y).margin(1e-5));
    const float radius = std::hypot(ray.origin.x, ray.origin.y);
    CHECK(radius <= 0.3f);
    widest = std::max(widest, radius);
  }
  CHECK(widest > 0.29f);
}

TEST_CASE("the camera's place and turn carry its rays into the world", "[shade]") {
  Camera camera = a_camera();
  camera.world_from_camera = {{0, 0, 1, 5, 0, 1, 0, 6, -1, 0, 0, 7}};  // looks along -X
  const Ray ray = camera_ray(camera, a_film(), 10, 5, {0, 0}, {0, 0});
  CHECK(length(ray.origin - Vec3{5, 6, 7}) == 0);
  CHECK(length(ray.direction - Vec3{-1, 0, 0}) < 1e-6f);
  CHECK(ray.exclude_instance == kNone);
}
