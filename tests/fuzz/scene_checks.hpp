#pragma once
#include "base/check.hpp"
#include "scene/material_textures.hpp"
#include "scene/pose.hpp"

// What holds for every scene that an importer lets through, whatever the file was.

namespace oct {

inline void check_consistent(const SceneImage& image) {
  const std::size_t pixels = std::size_t{image.width} * image.height;
  OCT_CHECK(pixels > 0);
  const std::size_t values = image.rgba8.size() + image.rgba16.size();
  OCT_CHECK((values == pixels * 4 && image.rgb_float.empty()) ||
            (values == 0 && image.rgb_float.size() == pixels * 3));
  OCT_CHECK(image.rgba8.empty() || image.rgba16.empty());
}

inline void check_consistent(const SceneMesh& mesh) {
  const std::size_t count = mesh.positions.size();
  for (const Triangle& triangle : mesh.triangles) {
    for (const std::uint32_t corner : triangle.v) OCT_CHECK(corner < count);
  }
  for (const std::size_t size : {mesh.normals.size(), mesh.tangents.size(), mesh.colors.size()})
    OCT_CHECK(size == 0 || size == count);
  for (const std::vector<Vec2>& set : mesh.uvs) OCT_CHECK(set.empty() || set.size() == count);
  for (const Vec3 normal : mesh.normals) {
    const float squared = normal.x * normal.x + normal.y * normal.y + normal.z * normal.z;
    OCT_CHECK(squared > 0.99f && squared < 1.01f);
  }
}

/// What stands in the world, and nothing that still hangs on a node.
inline void check_consistent(const PosedScene& posed) {
  for (const SceneInstance& instance : posed.instances) {
    OCT_CHECK(instance.mesh < posed.meshes.size());
    OCT_CHECK(instance.material < posed.materials.size());
    OCT_CHECK(!instance.node && !instance.skin);
  }
  for (std::size_t i = 0; i < posed.meshes.size(); ++i) check_consistent(posed.meshes[i]);
  for (const SceneMaterial& material : posed.materials) OCT_CHECK(material.ior >= 1.0f);
}

inline void check_consistent(const Scene& scene) {
  for (const SceneInstance& instance : scene.instances) {
    OCT_CHECK(instance.mesh < scene.meshes.size());
    OCT_CHECK(instance.material < scene.materials.size());
    OCT_CHECK(!instance.node || *instance.node < scene.nodes.size());
    OCT_CHECK(!instance.skin || *instance.skin < scene.skins.size());
  }
  for (const SceneMesh& mesh : scene.meshes) check_consistent(mesh);
  for (const SceneImage& image : scene.images) check_consistent(image);
  for (SceneMaterial material : scene.materials) {
    for (const auto* texture : textures_of(material)) {
      if (!texture->has_value()) continue;
      OCT_CHECK((*texture)->image < scene.images.size());
      OCT_CHECK((*texture)->uv_set < kUvSets);
    }
    OCT_CHECK(material.ior >= 1.0f);
    for (const float share : {material.clearcoat.factor, material.clearcoat.roughness, material.sheen.color.x,
                              material.sheen.roughness, material.anisotropy.strength,
                              material.iridescence.factor, material.diffuse_transmission.factor}) {
      OCT_CHECK(share >= 0.0f && share <= 1.0f);
    }
    OCT_CHECK(material.iridescence.ior >= 1.0f);
    OCT_CHECK(material.volume.attenuation_distance_m > 0.0f);
  }
}

}  // namespace oct
