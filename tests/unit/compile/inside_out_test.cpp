#include "compile/inside_out.hpp"

#include "math/vec.hpp"
#include "support/catch.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A single-sided ball with normals, turned inside out if wanted.
Scene a_ball(bool turned) {
  SceneMaterial paint = matte({1, 1, 1});
  paint.name = "paint";
  paint.double_sided = false;
  Scene scene;
  add_object(scene, make_sphere(1, 2, true), paint);
  scene.instances[0].name = "ball";
  if (turned) {
    for (Triangle& triangle : scene.meshes[0].triangles) std::swap(triangle.v[1], triangle.v[2]);
  }
  return scene;
}

std::optional<std::string> hint_of(const Scene& scene) {
  return inside_out_warning(pose(scene));
}

}  // namespace

TEST_CASE("a single-sided object whose normals point to its back is named", "[compile]") {
  CHECK_FALSE(hint_of(a_ball(false)));
  Scene scene = a_ball(true);
  CHECK(hint_of(scene) ==
        "instance \"ball\": seen from inside, since normals point to the back of the triangles of a "
        "single-sided material (\"paint\"); turn the triangles over, make the material double-sided, or give "
        "--double-sided");
  scene.instances.push_back(scene.instances[0]);
  CHECK(hint_of(scene)->starts_with("instance \"ball\" and 1 other: "));
  scene.instances.push_back(scene.instances[0]);
  CHECK(hint_of(scene)->starts_with("instance \"ball\" and 2 others: "));
  scene.instances[0].world_from_object.m[0] = -1;  // a mirror image has the same front
  CHECK(hint_of(scene));
}

TEST_CASE("two sides, glass, flat meshes and a few turned triangles are not warned of", "[compile]") {
  Scene scene = a_ball(true);
  SECTION("two sides") {
    scene.materials[0].double_sided = true;
  }
  SECTION("glass") {
    scene.materials[0].transmission = 1;
  }
  SECTION("without normals") {
    scene.meshes[0].normals.clear();
  }
  SECTION("a fifth is right") {
    std::vector<Triangle>& triangles = scene.meshes[0].triangles;
    for (std::size_t i = 0; i < triangles.size(); i += 5) std::swap(triangles[i].v[1], triangles[i].v[2]);
  }
  CHECK_FALSE(hint_of(scene));
}

TEST_CASE("a closed object whose front is inside is named, seen from outside without a lamp in it",
          "[compile]") {
  Scene scene = a_ball(true);
  for (Vec3& normal : scene.meshes[0].normals) normal = normal * -1.0f;
  const auto hint = [&](Vec3 eye) { return facing_inward_warning(pose(scene), eye); };
  const Vec3 outside{0, 0, 5};
  CHECK(hint(outside) ==
        "instance \"ball\": closed, and its front is inside: from outside, its near side is not there (its "
        "material "
        "\"paint\" is single-sided) and no light gets in; turn the triangles over or give --double-sided, or "
        "put the "
        "camera inside");
  CHECK_FALSE(hint_of(scene));
  CHECK_FALSE(hint({0, 0, 0}));
  SECTION("normals that point to the back have a warning of their own") {
    for (Vec3& normal : scene.meshes[0].normals) normal = normal * -1.0f;
    CHECK_FALSE(hint(outside));
  }
  SECTION("the front is outside") {
    scene = a_ball(false);
    CHECK_FALSE(hint(outside));
  }
  SECTION("open") {
    std::vector<Triangle>& triangles = scene.meshes[0].triangles;
    triangles.resize(triangles.size() / 2);
    CHECK_FALSE(hint(outside));
  }
  SECTION("two sides") {
    scene.materials[0].double_sided = true;
    CHECK_FALSE(hint(outside));
  }
  SECTION("an outline") {
    scene.materials[0].base_color = {0, 0, 0};
    CHECK_FALSE(hint(outside));
  }
  SECTION("a lamp inside") {
    scene.lights.emplace_back().position = {0, 0.5f, 0};
    CHECK_FALSE(hint(outside));
  }
  SECTION("a lamp beside") {
    scene.lights.emplace_back().position = {0, 50, 0};
    CHECK(hint(outside));
  }
}
