#include "compile/in_view.hpp"

#include "compile/camera.hpp"
#include "math/transform.hpp"
#include "support/catch.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr const char* kNothing =
    "the camera sees nothing of the scene's object: all of it lies behind the camera or beside its view; "
    "--camera "
    "takes another one, --cam-pos and --cam-target move it";

Scene ball_at(Vec3 at) {
  Scene scene;
  add_object(scene, make_sphere(1, 2), matte({1, 1, 1}));
  float* m = scene.instances[0].world_from_object.m;
  m[3] = at.x;
  m[7] = at.y;
  m[11] = at.z;
  return scene;
}

/// From the origin along -Z, 90 degrees of a square picture.
Camera camera_of(Projection projection = Projection::perspective) {
  Camera camera{};
  camera.world_from_camera = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  camera.half_width = camera.half_height = 1;
  camera.focus_distance = 1;
  camera.projection = projection;
  return camera;
}

std::optional<std::string> told_of(const Scene& scene, const Camera& camera = camera_of()) {
  RenderSettings settings{};
  settings.width = settings.height = 100;
  return out_of_view_warning(pose(scene), camera, settings);
}

}  // namespace

TEST_CASE("a camera that sees none of the objects is told", "[compile]") {
  CHECK_FALSE(told_of(ball_at({0, 0, -5})));
  CHECK(told_of(ball_at({0, 0, 5})) == kNothing);
  CHECK(told_of(ball_at({20, 0, -5})) == kNothing);
  CHECK(told_of(ball_at({0, -20, -5})) == kNothing);
  CHECK_FALSE(told_of(ball_at({0, 0, 0})));      // the camera is in it
  CHECK_FALSE(told_of(ball_at({5.5f, 0, -5})));  // half of it is in view
  Camera shifted = camera_of();
  shifted.shift_right = 2;
  CHECK_FALSE(told_of(ball_at({20, 0, -5}), shifted));
  CHECK(told_of(ball_at({0, 0, -5}), shifted) == kNothing);
  Scene two = ball_at({0, 0, 5});
  two.instances.push_back(two.instances[0]);
  CHECK(told_of(two)->starts_with("the camera sees nothing of the scene's 2 objects: "));
  two.instances[1].world_from_object.m[11] = -5;
  CHECK_FALSE(told_of(two));
}

TEST_CASE("a parallel projection sees as far to the sides everywhere", "[compile]") {
  const Camera camera = camera_of(Projection::orthographic);
  CHECK_FALSE(told_of(ball_at({0, 0, -500}), camera));
  CHECK(told_of(ball_at({2.5f, 0, -500}), camera) == kNothing);
  CHECK(told_of(ball_at({0, 0, 5}), camera) == kNothing);
}

TEST_CASE("objects smaller than a pixel are told", "[compile]") {
  CHECK_FALSE(told_of(ball_at({0, 0, -80})));
  CHECK(told_of(ball_at({0, 0, -300})) ==
        "of the scene's object, none is as large as a pixel in the picture: they lie far from the camera, or "
        "from "
        "each other; hide what lies far away, or move the camera with --cam-pos and --cam-target");
}

TEST_CASE("nothing is told of a blurred view or an empty scene", "[compile]") {
  Camera camera = camera_of();
  camera.lens_radius = 0.1f;
  CHECK_FALSE(told_of(ball_at({0, 0, 5}), camera));
  CHECK_FALSE(told_of(Scene{}));
}
