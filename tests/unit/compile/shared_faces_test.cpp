#include "compile/shared_faces.hpp"

#include "support/catch.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

SceneMaterial clear_body() {
  SceneMaterial glass = matte({1, 1, 1});
  glass.transmission = 1;
  glass.thin_walled = false;
  return glass;
}

/// A drink in its glass, whose radius counts that of the glass's inside.
Scene a_drink(float radius, const SceneMaterial& drink) {
  Scene scene;
  add_object(scene, make_sphere(1, 2, true), clear_body());
  add_object(scene, make_sphere(radius, 2, true), drink);
  scene.instances[0].name = "glass";
  scene.instances[1].name = "drink";
  return scene;
}

std::optional<std::string> shared_faces_of(const Scene& scene) {
  return shared_faces_warning(pose(scene));
}

}  // namespace

TEST_CASE("bodies of glass with faces in exactly the same place are named", "[compile]") {
  CHECK(
      shared_faces_of(a_drink(1, clear_body())) ==
      "instances \"glass\" and \"drink\": are bodies of glass with faces in exactly the same place, of which "
      "one alone is seen; let one reach a little into the other, or leave a gap");
  Scene turned = a_drink(1, clear_body());
  for (Triangle& triangle : turned.meshes[1].triangles) std::swap(triangle.v[1], triangle.v[2]);
  CHECK(shared_faces_of(turned));
  CHECK_FALSE(shared_faces_of(a_drink(0.99f, clear_body())));
  CHECK_FALSE(shared_faces_of(a_drink(1.01f, clear_body())));
}

TEST_CASE("faces in the same place matter where both are of solid glass, and of different kinds",
          "[compile]") {
  CHECK_FALSE(shared_faces_of(a_drink(1, matte({1, 0, 0}))));
  SceneMaterial pane = clear_body();
  pane.thin_walled = true;
  CHECK_FALSE(shared_faces_of(a_drink(1, pane)));
  Scene same = a_drink(1, clear_body());
  same.instances[1].material = same.instances[0].material;
  CHECK_FALSE(shared_faces_of(same));
}
