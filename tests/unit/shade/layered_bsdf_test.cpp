#include "shade/layered_bsdf.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "layer_support.hpp"
#include "sample/sobol.hpp"
#include "sampling_check.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

struct Layered {
  std::string name;
  ShadingMaterial material;
  bool front = true;
};

/// Every lobe alone over several bases, and all of them at once.
std::vector<Layered> layered_materials(float roughness) {
  ShadingMaterial base = a_material();
  base.roughness = roughness;
  base.base_color = {0.8f, 0.5f, 0.2f};
  std::vector<Layered> list;
  const auto add = [&](const char* name, auto change, bool front = true) {
    ShadingMaterial material = base;
    change(material);
    list.push_back({name, material, front});
  };
  add("coat over dielectric", [&](ShadingMaterial& m) { add_clearcoat(m, 1, roughness); });
  add("half a coat over metal",
      [&](ShadingMaterial& m) { m.metallic = 1, add_clearcoat(m, 0.5f, roughness); });
  add("bent coat", [&](ShadingMaterial& m) {
    add_clearcoat(m, 1, roughness);
    m.layers.coat_normal = normalize(Vec3{0.2f, -0.1f, 1});
  });
  add("sheen", [&](ShadingMaterial& m) { add_sheen(m, {1, 0.5f, 0.2f}, roughness); });
  add("sheen over lambert", [&](ShadingMaterial& m) { m.specular = 0, add_sheen(m, {1, 1, 1}, 0.2f); });
  add("brushed metal", [](ShadingMaterial& m) { m.metallic = 1, add_anisotropy(m, 0.6f); });
  add("brushed glass", [](ShadingMaterial& m) { m.transmission = 1, add_anisotropy(m, 0.6f); });
  add("brushed thin wall",
      [](ShadingMaterial& m) { m.transmission = 1, m.flags = kMaterialThinWalled, add_anisotropy(m, 0.6f); });
  add("filmed dielectric", [](ShadingMaterial& m) { add_film(m, 1, 400); });
  add("filmed metal", [](ShadingMaterial& m) { m.metallic = 1, add_film(m, 0.7f, 300); });
  add("filmed glass", [](ShadingMaterial& m) { m.transmission = 1, add_film(m, 1, 500); });
  add(
      "filmed glass inside", [](ShadingMaterial& m) { m.transmission = 1, add_film(m, 1, 500); }, false);
  add("leaf", [](ShadingMaterial& m) {
    m.flags = kMaterialThinWalled, add_diffuse_transmission(m, 0.6f, {0.3f, 0.9f, 0.1f});
  });
  add("wax", [](ShadingMaterial& m) { add_diffuse_transmission(m, 0.4f, {1, 1, 1}); });
  add(
      "wax inside",
      [](ShadingMaterial& m) {
        add_diffuse_transmission(m, 0.4f, {1, 1, 1});
      },
      false);
  const auto everything = [&](ShadingMaterial& m) {
    m.metallic = 0.2f;
    m.transmission = 0.3f;
    add_clearcoat(m, 0.8f, roughness);
    add_sheen(m, {0.5f, 1, 0.7f}, 0.5f);
    add_anisotropy(m, 0.5f);
    add_film(m, 0.5f, 450);
    add_diffuse_transmission(m, 0.5f, {0.9f, 0.8f, 1});
  };
  add("everything", everything);
  add("everything inside", everything, false);
  return list;
}

void check_layered_sampling(float roughness, float cosine, int samples, int steps) {
  for (const Layered& c : layered_materials(roughness)) {
    if (c.name == "bent coat" && steps > 10) continue;  // its horizon cuts through cells
    INFO(c.name << ", roughness " << roughness << ", cosine " << cosine);
    check_sampling(a_layered_bsdf(c.material, direction_at(cosine), c.front), samples, steps);
  }
}

/// Share of light that a material sends on toward a viewer at `cosine`, of the channel that gets most.
double layered_albedo(const ShadingMaterial& material, float cosine, bool front = true,
                      std::uint32_t samples = 2048) {
  const LayeredBsdf bsdf = a_layered_bsdf(material, direction_at(cosine), front);
  Vec3 sum{};
  for (std::uint32_t i = 0; i < samples; ++i) {
    const SampleId id = {1, 2, i};
    sum += sample_bsdf(bsdf, sobol_1d(id, 2), sobol_2d(id, 0)).weight * (1.0f / static_cast<float>(samples));
  }
  return static_cast<double>(max_component(sum));
}

const std::vector<float> kLayeredRoughnesses = {0.0f, 0.2f, 0.5f, 1.0f};
const std::vector<float> kLayeredCosines = {0.03f, 0.2f, 0.6f, 1.0f};

/// Checks that a white material keeps `least` to `most` of the light, whatever its roughness and the viewer.
template <class Change>
void check_furnace(const char* name, Change&& change, double least, double most, bool front = true,
                   std::uint32_t samples = 2048) {
  for (const float roughness : kLayeredRoughnesses)
    for (const float cosine : kLayeredCosines) {
      ShadingMaterial material = a_material();
      material.roughness = roughness;
      change(material);
      const double a = layered_albedo(material, cosine, front, samples);
      INFO(name << ", roughness " << roughness << ", cosine " << cosine << ", albedo " << a);
      CHECK(a < most);
      CHECK(a > least);
    }
}

}  // namespace

TEST_CASE("directions drawn from layers are distributed as the density says", "[shade]") {
  for (const float cosine : {0.3f, 0.95f}) check_layered_sampling(0.5f, cosine, 20000, 10);
}

TEST_CASE("directions drawn from layers are distributed as the density says, in detail", "[shade][slow]") {
  for (const float roughness : {0.4f, 0.7f, 1.0f})
    for (const float cosine : {0.1f, 0.5f, 1.0f}) check_layered_sampling(roughness, cosine, 60000, 32);
}

TEST_CASE("layers are reciprocal in reflection, and thin ones in transmission", "[shade]") {
  Uniform uniform(21);
  for (const float roughness : {0.1f, 0.4f, 1.0f})
    for (const Layered& c : layered_materials(roughness)) {
      if (c.material.transmission > 0) continue;  // glass's gain depends on the viewer (bsdf_test.cpp)
      for (int i = 0; i < 100; ++i) {
        const float cos_a = 0.02f + 0.98f * uniform(), cos_b = 0.02f + 0.98f * uniform();
        const Vec3 a = direction_at(cos_a, 6 * uniform()), b = direction_at(cos_b, 6 * uniform());
        const Vec3 forth = eval_bsdf(a_layered_bsdf(c.material, a, c.front), b).f_cos / b.z;
        const Vec3 back = eval_bsdf(a_layered_bsdf(c.material, b, c.front), a).f_cos / a.z;
        INFO(c.name << ", roughness " << roughness << ", cosines " << a.z << " " << b.z);
        if (c.name != "bent coat")  // its normal is bent for each viewer by itself
          CHECK(max_component(oct::abs(forth - back)) <= 2e-3f * max_component(forth));
      }
    }
}

TEST_CASE("a coat neither makes nor loses much light", "[shade]") {
  for (const float coat_roughness : {0.0f, 0.3f, 1.0f}) {
    const auto coat = [&](ShadingMaterial& m) { add_clearcoat(m, 1, coat_roughness); };
    // what the coat takes from light that comes in by another angle than it leaves is lost: 5 % over a
    // diffuse base, nothing over a mirror
    check_furnace("dielectric", coat, 0.93, 1.02);
    check_furnace(
        "metal", [&](ShadingMaterial& m) { m.metallic = 1, coat(m); }, 0.93, 1.02);
    check_furnace(
        "glass", [&](ShadingMaterial& m) { m.transmission = 1, coat(m); }, 0.93, 1.02);
    check_furnace(
        "glass inside", [&](ShadingMaterial& m) { m.transmission = 1, coat(m); }, 0.85, 1.02, false);
  }
}

TEST_CASE("sheen takes from its base what it reflects", "[shade]") {
  for (const float sheen_roughness : {0.0f, 0.15f, 0.4f, 1.0f}) {
    const auto sheen = [&](ShadingMaterial& m) { add_sheen(m, {1, 1, 1}, sheen_roughness); };
    constexpr std::uint32_t kSamples = 16384;  // most of its light comes from near the horizon
    check_furnace("dielectric", sheen, 0.85, 1.03, true, kSamples);
    check_furnace(
        "metal", [&](ShadingMaterial& m) { m.metallic = 1, sheen(m); }, 0.85, 1.03, true, kSamples);
  }
}

TEST_CASE("anisotropic white metal and glass lose little light and make none", "[shade]") {
  for (const float strength : {0.1f, 0.5f, 1.0f}) {
    const auto brush = [&](ShadingMaterial& m) { add_anisotropy(m, strength); };
    // the multiple scattering is looked up as if facets were isotropic
    check_furnace(
        "metal", [&](ShadingMaterial& m) { m.metallic = 1, brush(m); }, 0.93, 1.08);
    check_furnace("dielectric", brush, 0.93, 1.03);
    check_furnace(
        "glass", [&](ShadingMaterial& m) { m.transmission = 1, brush(m); }, 0.93, 1.03);
  }
}

TEST_CASE("a film neither makes nor loses light", "[shade]") {
  for (const float thickness : {0.0f, 150.0f, 400.0f, 900.0f}) {
    INFO("thickness " << thickness);
    const auto film = [&](ShadingMaterial& m) { add_film(m, 1, thickness); };
    check_furnace(
        "metal", [&](ShadingMaterial& m) { m.metallic = 1, film(m); }, 0.98, 1.02);
    check_furnace("dielectric", film, 0.90, 1.03);
    check_furnace(
        "glass", [&](ShadingMaterial& m) { m.transmission = 1, film(m); }, 0.96, 1.04);
    check_furnace(
        "glass inside", [&](ShadingMaterial& m) { m.transmission = 1, film(m); }, 0.96, 1.03, false);
  }
}

TEST_CASE("diffuse transmission keeps all light", "[shade]") {
  for (const float factor : {0.3f, 1.0f}) {
    const auto leaf = [&](ShadingMaterial& m) { add_diffuse_transmission(m, factor, {1, 1, 1}); };
    check_furnace("solid", leaf, 0.98, 1.02);
    check_furnace("solid inside", leaf, 0.98, 1.02, false);
    check_furnace(
        "thin", [&](ShadingMaterial& m) { m.flags = kMaterialThinWalled, leaf(m); }, 0.98, 1.02);
  }
}

TEST_CASE("everything at once makes no light", "[shade]") {
  for (const Layered& c : layered_materials(0.5f)) {
    const auto whiten = [&](ShadingMaterial& m) {
      const float roughness = m.roughness;
      m = c.material;
      m.roughness = roughness;
      m.base_color = {1, 1, 1};
    };
    check_furnace(c.name.c_str(), whiten, 0.1, 1.15, c.front);
  }
}

TEST_CASE("a smooth coat reflects as Fresnel says, and its base gets the rest", "[shade]") {
  ShadingMaterial material = a_material();
  material.base_color = {0, 0, 0};
  material.specular = 0;
  add_clearcoat(material, 0.5f, 0);
  for (const float cosine : {0.1f, 0.5f, 1.0f}) {
    const double expected = 0.5 * static_cast<double>(fresnel_dielectric(cosine, 1.5f));
    CHECK(layered_albedo(material, cosine) == Approx(expected).margin(2e-3));
  }
  // a mirror below: the share comes back exactly
  material.metallic = 1;
  material.base_color = {1, 1, 1};
  material.roughness = 0;
  for (const float cosine : {0.1f, 0.5f, 1.0f}) {
    const LayeredBsdf bsdf = a_layered_bsdf(material, direction_at(cosine));
    CHECK(is_mirror(bsdf));
    CHECK(layered_albedo(material, cosine) == Approx(1).margin(2e-3));
  }
  material.layers.coat_roughness = 0.3f;
  CHECK_FALSE(is_mirror(a_layered_bsdf(material, direction_at(0.5f))));
}

TEST_CASE("a coat does not follow the normals of its base", "[shade]") {
  ShadingMaterial material = a_material();
  material.base_color = {0, 0, 0};
  material.specular = 0;
  material.normal = normalize(Vec3{0.5f, 0, 1});
  add_clearcoat(material, 1, 0);
  const Vec3 wo = direction_at(0.7f);
  const LayeredBsdf bsdf = a_layered_bsdf(material, wo);
  const BsdfSample sample = sample_bsdf(bsdf, 0.0f, {0.4f, 0.6f});
  REQUIRE(sample.flags == (kScatterReflected | kScatterDelta));
  CHECK(sample.wi.x == Approx(-wo.x).margin(1e-6));
  CHECK(sample.wi.z == Approx(wo.z).margin(1e-6));
}

TEST_CASE("anisotropic facets of equal widths are the isotropic ones", "[shade]") {
  Uniform uniform(31);
  for (const float alpha : {0.01f, 0.2f, 1.0f}) {
    const AnisotropicFacets facets = make_anisotropic_facets({0, 0, 1}, {0.6f, 0.8f, 0}, 0, alpha);
    for (int i = 0; i < 100; ++i) {
      const Vec3 h = direction_at(0.1f + 0.9f * uniform(), 6 * uniform());
      const float sine2 = h.x * h.x + h.y * h.y;
      CHECK(ggx_distribution(facets, h, h.z) == Approx(ggx_distribution(h.z, sine2, alpha)).epsilon(1e-4));
      CHECK(smith_term(facets, h, h.z) == Approx(smith_term(h.z, alpha)).epsilon(1e-5));
    }
  }
}

TEST_CASE("anisotropic highlights are drawn out along the tangent", "[shade]") {
  ShadingMaterial material = a_material();
  material.metallic = 1;
  material.roughness = 0.3f;
  add_anisotropy(material, 0.8f);
  material.layers.tangent = {1, 0, 0};
  const LayeredBsdf bsdf = a_layered_bsdf(material, {0, 0, 1});
  const float along = eval_bsdf(bsdf, normalize(Vec3{1, 0, 1})).f_cos.y;
  const float across = eval_bsdf(bsdf, normalize(Vec3{0, 1, 1})).f_cos.y;
  CHECK(along > 5 * across);
  CHECK(bsdf.base.facets.along == Approx(0.09 + (1 - 0.09) * 0.64));
  CHECK(bsdf.base.facets.across == Approx(0.09));
}

TEST_CASE("a film of no thickness is none, and a thicker one colours", "[shade]") {
  for (const float cosine : {0.2f, 0.6f, 1.0f}) {
    const Vec3 bare = fresnel_metal({0.9f, 0.6f, 0.3f}, cosine);
    const Vec3 filmed = film_reflectance({1, 1.3f, 0, 1}, cosine, {0.9f, 0.6f, 0.3f});
    CHECK(max_component(oct::abs(filmed - bare)) < 0.02f);
  }
  const Vec3 color = film_reflectance({1, 1.3f, 400, 1}, 0.8f, {0.04f, 0.04f, 0.04f});
  CHECK(max_component(color) > 1.2f * min(min(color.x, color.y), color.z));
  // white light goes through all phases: over thickness the mean is that of the two faces alone
  double sum = 0;
  constexpr int kSteps = 2000;
  for (int i = 0; i < kSteps; ++i)
    sum +=
        static_cast<double>(
            film_reflectance({1, 1.5f, 2000.0f + 4.0f * static_cast<float>(i), 1}, 1, {0.2f, 0.2f, 0.2f}).y) /
        kSteps;
  const double top = 0.04;
  const double bottom = static_cast<double>(normal_reflectance(index_of_base(0.2f, 1) / 1.5f));
  CHECK(sum == Approx(top + (1 - top) * (1 - top) * bottom / (1 - top * bottom)).epsilon(0.02));
}

TEST_CASE("diffuse transmission is Lambert's law on the other side", "[shade]") {
  ShadingMaterial material = a_material();
  material.specular = 0;
  material.base_color = {0.5f, 0.5f, 0.5f};
  add_diffuse_transmission(material, 0.25f, {1, 0.5f, 0});
  const LayeredBsdf bsdf = a_layered_bsdf(material, direction_at(0.4f));
  const Vec3 through = eval_bsdf(bsdf, {0, 0.6f, -0.8f}).f_cos;
  CHECK(through.x == Approx(0.25 / 3.14159265 * 0.8).epsilon(1e-5));
  CHECK(through.y == Approx(0.5 * 0.25 / 3.14159265 * 0.8).epsilon(1e-5));
  CHECK(through.z == 0);
  CHECK(eval_bsdf(bsdf, {0, 0.6f, 0.8f}).f_cos.x == Approx(0.75 * 0.5 / 3.14159265 * 0.8).epsilon(1e-5));
}

namespace {

/// True when everything about one random layered material, view and direction is finite and possible.
bool is_sound_layered_case(Uniform& uniform) {
  const auto extreme = [&](float hi) {
    const float kind = uniform();
    return kind < 0.25f ? 0.0f : kind < 0.5f ? hi : hi * uniform();
  };
  ShadingMaterial material = a_material();
  material.base_color = {extreme(1), extreme(1), extreme(1)};
  material.specular = extreme(1);
  material.metallic = extreme(1);
  material.roughness = extreme(1);
  material.transmission = extreme(1);
  material.ior = 1 + extreme(2);
  material.flags = uniform() < 0.5f ? u32{kMaterialThinWalled} : 0u;
  add_clearcoat(material, extreme(1), extreme(1));
  add_sheen(material, {extreme(1), extreme(1), extreme(1)}, extreme(1));
  add_anisotropy(material, extreme(1));
  add_film(material, extreme(1), extreme(1e5f), 1 + extreme(9));
  add_diffuse_transmission(material, extreme(1), {extreme(1), extreme(1), extreme(1)});
  material.layers.present = uniform.bits() & 31u;
  Surface surface = a_surface(uniform() < 0.5f);
  const Vec3 wo = warp_cone(uniform.pair(), 0.0f);
  material.normal = uniform() < 0.5f ? Vec3{0, 0, 1} : warp_sphere(uniform.pair());
  material.layers.coat_normal = uniform() < 0.5f ? Vec3{0, 0, 1} : warp_sphere(uniform.pair());
  material.layers.tangent = warp_sphere(uniform.pair());
  const MediumIndices indices{1 + extreme(1), 1 + extreme(1)};
  const LayeredBsdf bsdf = make_layered_bsdf(material, surface, wo, indices);
  const BsdfSample sample = sample_bsdf(bsdf, uniform(), uniform.pair());
  const auto sound = [](Vec3 c) { return is_finite(c) && c.x >= 0 && c.y >= 0 && c.z >= 0; };
  bool good = sound(sample.weight) && oct::abs(length(sample.wi) - 1) < 1e-5f;
  for (const Vec3 wi : {warp_sphere(uniform.pair()), reflect(wo, bsdf.base.normal), -wo, sample.wi}) {
    const BsdfEval eval = eval_bsdf(bsdf, wi);
    good = good && sound(eval.f_cos) && is_finite(eval.pdf) && eval.pdf >= 0;
  }
  if (!is_black(sample.weight)) good = good && (sample.wi.z > 0) == ((sample.flags & kScatterReflected) != 0);
  return good;
}

}  // namespace

TEST_CASE("no layer is infinite, negative or not a number, whatever the input", "[shade]") {
  Uniform uniform(41);
  int unsound = 0;
  for (int i = 0; i < 200000; ++i) unsound += is_sound_layered_case(uniform) ? 0 : 1;
  CHECK(unsound == 0);
}
