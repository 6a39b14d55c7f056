#include "compile/missing_uvs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scene/material_textures.hpp"

namespace oct {
namespace {

/// The sets of texture coordinates that a material reads.
std::vector<std::uint32_t> uv_sets_of(SceneMaterial material) {
  std::vector<std::uint32_t> sets;
  for (const auto* texture : textures_of(material)) {
    if (texture->has_value()) sets.push_back((*texture)->uv_set);
  }
  return sets;
}

bool lacks(const SceneMesh& mesh, std::uint32_t uv_set) {
  return uv_set < kUvSets && mesh.uvs[uv_set].empty();
}

bool has_no_grain(const SceneMesh& mesh, const SceneMaterial& material) {
  return material.anisotropy.strength > 0 && mesh.tangents.empty() && mesh.uvs[0].empty();
}

}  // namespace

std::optional<std::string> missing_uvs_warning(const PosedScene& scene) {
  std::vector<std::vector<std::uint32_t>> sets;
  for (const SceneMaterial& material : scene.materials) sets.push_back(uv_sets_of(material));
  const SceneInstance* first = nullptr;
  bool is_picture = false;
  std::size_t count = 0;
  for (const SceneInstance& instance : scene.instances) {
    const SceneMesh& mesh = scene.meshes[instance.mesh];
    const auto& used = sets[instance.material];
    const bool picture = std::any_of(used.begin(), used.end(), [&](auto set) { return lacks(mesh, set); });
    if (!picture && !has_no_grain(mesh, scene.materials[instance.material])) continue;
    if (first == nullptr) is_picture = picture;
    if (first == nullptr) first = &instance;
    ++count;
  }
  if (first == nullptr) return std::nullopt;
  const std::string others = count > 1 ? fmt::format(" and {} other{}", count - 1, count > 2 ? "s" : "") : "";
  return fmt::format(
      "instance \"{}\"{}: has no texture coordinates for its material (\"{}\"), whose {}; give it a UV map",
      first->name, others, scene.materials[first->material].name,
      is_picture ? "pictures show one pixel alone there" : "anisotropy has no direction there");
}

}  // namespace oct
