#pragma once
#include <cmath>
#include <cstdint>

#include "sample/random.hpp"
#include "shade/bsdf.hpp"

// Builders and random numbers for the tests of kernels/shade.

namespace oct::test {

/// Uniform numbers in [0, 1) from a seed that a failing test prints.
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::uint32_t bits() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return mix_bits(static_cast<std::uint32_t>(state_ >> 32));
  }
  float operator()() { return unit_float(bits()); }
  Vec2 pair() {
    const float x = (*this)();
    const float y = (*this)();
    return {x, y};
  }

 private:
  std::uint64_t state_;
};

inline ShadingMaterial a_material() {
  ShadingMaterial material{};
  material.normal = {0, 0, 1};
  material.base_color = {1, 1, 1};
  material.specular_color = {1, 1, 1};
  material.specular = 1;
  material.roughness = 0.5f;
  material.ior = 1.5f;
  return material;
}

/// The plane z = 0, seen from above; from inside of a body when `front` is false.
inline Surface a_surface(bool front = true) {
  Surface surface{};
  surface.geometric_normal = {0, 0, 1};
  surface.normal = {0, 0, 1};
  surface.front = front;
  return surface;
}

inline Vec3 direction_at(float cosine, float azimuth = 0.3f) {
  const float sine = std::sqrt(1.0f - cosine * cosine);
  return normalize(Vec3{sine * std::cos(azimuth), sine * std::sin(azimuth), cosine});
}

inline Bsdf a_bsdf(const ShadingMaterial& material, float cosine, bool front = true) {
  return make_bsdf(material, a_surface(front), direction_at(cosine));
}

}  // namespace oct::test
