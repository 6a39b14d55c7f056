#include "compile/enclosure.hpp"

#include "support/catch.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A ball on a ground within a dome that is seen from inside, and a sky.
Scene a_dome() {
  Scene scene;
  add_object(scene, make_sphere(0.5f, 2), matte({0.5f, 0.5f, 0.5f}));
  add_object(scene, make_sphere(20, 3), matte({0.4f, 0.6f, 0.9f}));
  scene.instances[1].name = "sky";
  scene.materials[1].name = "blue";
  scene.environment = constant_environment(1);
  return scene;
}

std::optional<std::string> warning_of(const Scene& scene, Vec3 eye = {0, 1, 4}) {
  return shut_in_warning(pose(scene), eye);
}

void turn_inward(SceneMesh& mesh) {
  for (Triangle& triangle : mesh.triangles) std::swap(triangle.v[1], triangle.v[2]);
}

}  // namespace

TEST_CASE("a dome that hides the sky is named, with what would help", "[compile]") {
  Scene scene = a_dome();
  CHECK(warning_of(scene) ==
        "instance \"sky\" (material \"blue\") encloses the camera and shuts out all light: none of 256 "
        "directions from the camera leads out; hide it, make its material unlit or emissive, or make it "
        "single-sided with its front outward (without --double-sided)");
  scene.materials[1].double_sided = false;
  turn_inward(scene.meshes[1]);
  const auto inward = warning_of(scene);
  REQUIRE(inward);
  CHECK(inward->ends_with("make its material unlit or emissive, or turn its front outward"));
  // a sun and lamps outside of it are no better
  scene.environment.reset();
  scene.lights.resize(2);
  scene.lights[0].kind = SceneLightKind::directional;
  scene.lights[1].position = {0, 30, 0};
  CHECK(warning_of(scene) == inward);
  scene.lights.erase(scene.lights.begin());
  CHECK(warning_of(scene) == inward);
}

TEST_CASE("what the warning says helps, helps", "[compile]") {
  Scene scene = a_dome();
  SECTION("hidden") {
    scene.instances.pop_back();
  }
  SECTION("unlit") {
    scene.materials[1].unlit = true;
  }
  SECTION("emissive") {
    scene.materials[1].emission = {1, 1, 1};
  }
  SECTION("its front outward") {
    scene.materials[1].double_sided = false;
  }
  CHECK_FALSE(warning_of(scene));
}

TEST_CASE("a dome with light in it, an opening or another side is not warned of", "[compile]") {
  Scene scene = a_dome();
  Vec3 eye{0, 1, 4};
  SECTION("a lamp inside, which the ball hides from the camera") {
    scene.lights.resize(1);
    scene.lights[0].position = {0, -0.5f, -4};
  }
  SECTION("a shining ball") {
    scene.materials[0].emission = {50, 50, 50};
  }
  SECTION("glass") {
    scene.materials[1] = glass(1.5f, 0, true);
  }
  SECTION("cut out") {
    scene.materials[1].alpha_mode = AlphaMode::mask;
  }
  SECTION("a twentieth is open") {
    scene.meshes[1].triangles.resize(scene.meshes[1].triangles.size() * 19 / 20);
  }
  SECTION("the camera is outside") {
    eye = {0, 1, 40};
  }
  SECTION("no light at all") {
    scene.environment.reset();
  }
  CHECK_FALSE(warning_of(scene, eye));
}

TEST_CASE("half a dome on a ground is named, a room of many walls and a hill are not", "[compile]") {
  Scene scene = a_dome();
  SceneMesh& dome = scene.meshes[1];
  std::erase_if(dome.triangles, [&](const Triangle& triangle) {
    return dome.positions[triangle.v[0]].y < -1 && dome.positions[triangle.v[1]].y < -1 &&
           dome.positions[triangle.v[2]].y < -1;
  });
  CHECK_FALSE(warning_of(scene));
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 40}, {40, 0, 0}), matte({0.5f, 0.5f, 0.5f}));
  const auto warning = warning_of(scene);
  REQUIRE(warning);
  CHECK(warning->starts_with("instance \"sky\""));
  scene.instances.erase(scene.instances.begin() + 1);
  CHECK_FALSE(warning_of(scene));
}

TEST_CASE("a dome is looked at where it stands, mirrored or not", "[compile]") {
  Scene scene = a_dome();
  scene.materials[1].double_sided = false;
  scene.instances[1].world_from_object = {{-1, 0, 0, 100, 0, 2, 0, 0, 0, 0, 1, 0}};
  CHECK_FALSE(warning_of(scene, {100, 1, 4}));
  turn_inward(scene.meshes[1]);
  CHECK(warning_of(scene, {100, 1, 4}));
  CHECK_FALSE(warning_of(scene));
}

TEST_CASE("a scene that is too large to be looked at gets no warning", "[compile]") {
  Scene scene = a_dome();
  scene.meshes[1] = make_sphere(20, 3);
  const std::vector<Triangle> once = scene.meshes[1].triangles;
  for (int i = 0; i < 512; ++i)
    scene.meshes[1].triangles.insert(scene.meshes[1].triangles.end(), once.begin(), once.end());
  CHECK_FALSE(warning_of(scene));
}
