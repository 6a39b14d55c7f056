#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scene/gltf_json.hpp"
#include "scene/gltf_textures.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// Brings the numbers of one material into their ranges, each with a warning that names it.
class GltfFactors {
 public:
  /// `element` is what messages call the material.
  GltfFactors(std::string element, ImportLog& log) : element_(std::move(element)), log_(log) {}

  /// A share of light, in [0, 1]: writers round.
  float share(double value, const char* name) const;
  float at_least(double least, double value, const char* name) const;
  /// Of the first three values.
  Vec3 shares(const std::vector<double>& values, const char* name) const;
  Vec3 not_negative(const std::vector<double>& values, const char* name) const;

  const std::string& element() const { return element_; }
  ImportLog& log() const { return log_; }

 private:
  std::string element_;
  ImportLog& log_;
};

/// The core of a material, or one of its extensions: its members by name, in their ranges.
class GltfExtension {
 public:
  GltfExtension(const Json& value, const GltfFactors& factors, GltfTextures& textures)
      : value_(value), factors_(factors), textures_(textures) {}

  bool has(const char* name) const { return value_.contains(name); }
  double number(const char* name, double otherwise) const;
  float share(const char* name, double otherwise) const;
  float at_least(double least, const char* name, double otherwise) const;
  Vec3 shares(const char* name, double otherwise) const;
  Vec3 not_negative(const char* name, double otherwise) const;
  std::vector<double> numbers(const char* name, std::vector<double> otherwise) const;
  std::optional<SceneTexture> texture(const char* name) const;
  /// `scale` of a texture of normals; 1 where there is none.
  float texture_scale(const char* name) const;

  const GltfFactors& factors() const { return factors_; }

 private:
  const Json& value_;
  const GltfFactors& factors_;
  GltfTextures& textures_;
};

}  // namespace oct
