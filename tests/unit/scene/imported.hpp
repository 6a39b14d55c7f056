#pragma once
#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"

namespace oct::test {

inline ImportedScene import_made(const GltfMaker& maker) {
  Result<ImportedScene> scene = import_gltf(maker.glb(), "a.glb", "");
  INFO((scene ? std::string() : scene.error().message));
  REQUIRE(scene.has_value());
  return *std::move(scene);
}

inline bool is(Vec3 v, float x, float y, float z) {
  return v.x == x && v.y == y && v.z == z;
}

}  // namespace oct::test
