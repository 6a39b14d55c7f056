#include "compile/missing_uvs.hpp"

#include "support/catch.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A ball without texture coordinates.
Scene unmapped_ball(SceneMaterial paint) {
  paint.name = "paint";
  Scene scene;
  add_object(scene, make_sphere(1, 2, true), std::move(paint));
  scene.instances[0].name = "ball";
  scene.meshes[0].uvs = {};
  return scene;
}

SceneMaterial painted(std::uint32_t uv_set) {
  SceneMaterial paint = matte({1, 1, 1});
  paint.clearcoat.texture = SceneTexture{};
  paint.clearcoat.texture->uv_set = uv_set;
  return paint;
}

std::optional<std::string> uv_hint_of(const Scene& scene) {
  return missing_uvs_warning(pose(scene));
}

}  // namespace

TEST_CASE("an object with pictures and without the texture coordinates for them is named", "[compile]") {
  CHECK_FALSE(uv_hint_of(unmapped_ball(matte({1, 1, 1}))));
  Scene scene = unmapped_ball(painted(1));
  CHECK(uv_hint_of(scene) ==
        "instance \"ball\": has no texture coordinates for its material (\"paint\"), whose pictures show one "
        "pixel alone there; give it a UV map");
  scene.instances.push_back(scene.instances[0]);
  CHECK(uv_hint_of(scene)->starts_with("instance \"ball\" and 1 other: "));
  scene.meshes[0].uvs[0].resize(scene.meshes[0].positions.size());
  CHECK(uv_hint_of(scene));
  scene.meshes[0].uvs[1] = scene.meshes[0].uvs[0];
  CHECK_FALSE(uv_hint_of(scene));
}

TEST_CASE("anisotropy that has no direction is named, too", "[compile]") {
  SceneMaterial brushed = matte({1, 1, 1});
  brushed.anisotropy.strength = 0.5f;
  Scene scene = unmapped_ball(brushed);
  CHECK(uv_hint_of(scene)->ends_with("whose anisotropy has no direction there; give it a UV map"));
  scene.meshes[0].tangents.resize(scene.meshes[0].positions.size());
  CHECK_FALSE(uv_hint_of(scene));
  scene.meshes[0].tangents.clear();
  scene.meshes[0].uvs[0].resize(scene.meshes[0].positions.size());
  CHECK_FALSE(uv_hint_of(scene));
}
