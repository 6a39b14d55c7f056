#include "scene/gltf_layers.hpp"

namespace oct {

void read_clearcoat(const GltfExtension& source, SceneMaterial& material) {
  SceneClearcoat& coat = material.clearcoat;
  coat.factor = source.share("clearcoatFactor", 0);
  coat.roughness = source.share("clearcoatRoughnessFactor", 0);
  coat.normal_scale = source.texture_scale("clearcoatNormalTexture");
  coat.texture = source.texture("clearcoatTexture");
  coat.roughness_texture = source.texture("clearcoatRoughnessTexture");
  coat.normal_texture = source.texture("clearcoatNormalTexture");
}

void read_sheen(const GltfExtension& source, SceneMaterial& material) {
  SceneSheen& sheen = material.sheen;
  sheen.color = source.shares("sheenColorFactor", 0);
  sheen.roughness = source.share("sheenRoughnessFactor", 0);
  sheen.color_texture = source.texture("sheenColorTexture");
  sheen.roughness_texture = source.texture("sheenRoughnessTexture");
}

void read_anisotropy(const GltfExtension& source, SceneMaterial& material) {
  SceneAnisotropy& anisotropy = material.anisotropy;
  anisotropy.strength = source.share("anisotropyStrength", 0);
  anisotropy.rotation = static_cast<float>(source.number("anisotropyRotation", 0));
  anisotropy.texture = source.texture("anisotropyTexture");
}

void read_iridescence(const GltfExtension& source, SceneMaterial& material) {
  SceneIridescence& film = material.iridescence;
  film.factor = source.share("iridescenceFactor", 0);
  film.ior = source.at_least(1, "iridescenceIor", 1.3);
  film.thickness_minimum_nm = source.at_least(0, "iridescenceThicknessMinimum", 100);
  film.thickness_maximum_nm = source.at_least(0, "iridescenceThicknessMaximum", 400);
  film.texture = source.texture("iridescenceTexture");
  film.thickness_texture = source.texture("iridescenceThicknessTexture");
}

void read_diffuse_transmission(const GltfExtension& source, SceneMaterial& material) {
  SceneDiffuseTransmission& diffuse = material.diffuse_transmission;
  diffuse.factor = source.share("diffuseTransmissionFactor", 0);
  diffuse.color = source.shares("diffuseTransmissionColorFactor", 1);
  diffuse.texture = source.texture("diffuseTransmissionTexture");
  diffuse.color_texture = source.texture("diffuseTransmissionColorTexture");
}

}  // namespace oct
