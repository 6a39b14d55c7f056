#pragma once
#include <cstdint>
#include <vector>

#include "scene/gltf_factors.hpp"

namespace oct {

/// KHR_materials_pbrSpecularGlossiness as the metallic-roughness model has it: a dielectric whose reflectance is
/// the specular colour. Pictures of glossiness become ones of roughness once they are decoded.
class GltfGlossiness {
 public:
  /// Replaces base colour and reflection of the material, which becomes Scene::materials[place].
  void read(const GltfExtension& source, std::size_t place, SceneMaterial& material);

  /// Makes the pictures of roughness; equal ones are made once.
  /// missing  pictures that could not be decoded, by index into Scene::images; grows with them
  void finish(std::vector<bool>& missing, Scene& scene, ImportLog& log) const;

 private:
  struct Use {
    std::size_t material;
    float factor;  ///< of glossiness, in [0, 1]
  };
  std::vector<Use> uses_;
};

}  // namespace oct
