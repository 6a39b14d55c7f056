#include <string>
#include <vector>

#include "sample/sobol.hpp"
#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using oct::test::a_bsdf;
using oct::test::a_material;

namespace {

/// Share of light that a white material sends on toward a viewer at `cosine`: the mean weight of well-spread
/// samples.
double albedo(const ShadingMaterial& material, float cosine, bool front = true) {
  const Bsdf bsdf = a_bsdf(material, cosine, front);
  constexpr std::uint32_t kSamples = 4096;
  double sum = 0;
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    const SampleId id = {1, 2, i};
    sum += sample_bsdf(bsdf, sobol_1d(id, 2), sobol_2d(id, 0)).weight.y;
  }
  return sum / kSamples;
}

const std::vector<float> kRoughnesses = {0.0f, 0.005f, 0.02f, 0.1f, 0.2f, 0.35f, 0.5f, 0.7f, 0.85f, 1.0f};
const std::vector<float> kCosines = {0.02f, 0.1f, 0.3f, 0.6f, 0.9f, 1.0f};

/// The energy tables are off by at most this (scripts/make_energy_tables.cpp --errors), grazing and nearly
/// smooth.
constexpr double kTableError = 0.02;

void check_white(const ShadingMaterial& material, bool front = true, double loss = kTableError) {
  for (const float roughness : kRoughnesses)
    for (const float cosine : kCosines) {
      ShadingMaterial m = material;
      m.roughness = roughness;
      const double a = albedo(m, cosine, front);
      INFO("roughness " << roughness << " cosine " << cosine << " albedo " << a);
      CHECK(a < 1 + kTableError);
      CHECK(a > 1 - loss);
    }
}

}  // namespace

TEST_CASE("a white metal reflects all light at every roughness", "[shade]") {
  ShadingMaterial material = a_material();
  material.metallic = 1;
  check_white(material);
}

TEST_CASE("a white dielectric reflects all light at every roughness", "[shade]") {
  for (const float ior : {1.0f, 1.33f, 1.5f, 1.8f, 2.4f}) {
    INFO("ior " << ior);
    ShadingMaterial material = a_material();
    material.ior = ior;
    check_white(material);
  }
}

TEST_CASE("clear glass passes or reflects all light, from outside and from inside", "[shade]") {
  for (const float ior : {1.0f, 1.1f, 1.33f, 1.5f, 1.8f, 2.4f}) {
    INFO("ior " << ior);
    ShadingMaterial material = a_material();
    material.transmission = 1;
    material.ior = ior;
    check_white(material, true);
    // total reflection sets in so suddenly near index 1 that the table loses some
    check_white(material, false, ior < 1.3f ? 0.05 : kTableError);
  }
}

TEST_CASE("a clear thin wall passes or reflects all light", "[shade]") {
  ShadingMaterial material = a_material();
  material.transmission = 1;
  material.flags = kMaterialThinWalled;
  check_white(material);
}

TEST_CASE("mixtures of metal, glass and diffuse stay white", "[shade]") {
  ShadingMaterial material = a_material();
  material.metallic = 0.3f;
  material.transmission = 0.4f;
  check_white(material, true);
  check_white(material, false);
}
