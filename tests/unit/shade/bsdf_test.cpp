#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sampling_check.hpp"
#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

struct Case {
  std::string name;
  ShadingMaterial material;
  bool front = true;
};

/// Materials of every kind at one roughness.
std::vector<Case> cases(float roughness) {
  ShadingMaterial base = a_material();
  base.roughness = roughness;
  base.base_color = {0.8f, 0.5f, 0.2f};
  std::vector<Case> list;
  const auto add = [&](const char* name, auto change, bool front = true) {
    ShadingMaterial material = base;
    change(material);
    list.push_back({name, material, front});
  };
  add("metal", [](ShadingMaterial& m) { m.metallic = 1; });
  add("dielectric", [](ShadingMaterial&) {});
  add("tinted", [](ShadingMaterial& m) { m.specular_color = {1, 0.2f, 0}, m.specular = 0.7f; });
  add("half metal", [](ShadingMaterial& m) { m.metallic = 0.5f; });
  add("lambert", [](ShadingMaterial& m) { m.specular = 0; });
  add("glass", [](ShadingMaterial& m) { m.transmission = 1; });
  add(
      "glass inside", [](ShadingMaterial& m) { m.transmission = 1; }, false);
  add("dense glass", [](ShadingMaterial& m) { m.transmission = 1, m.ior = 2.4f; });
  add("thin", [](ShadingMaterial& m) { m.transmission = 1, m.flags = kMaterialThinWalled; });
  add("mixture", [](ShadingMaterial& m) { m.transmission = 0.5f, m.metallic = 0.3f; });
  add(
      "mixture inside", [](ShadingMaterial& m) { m.transmission = 0.5f, m.metallic = 0.3f; }, false);
  return list;
}

void check_case(const Case& c, float cosine, int samples, int steps) {
  INFO(c.name << ", roughness " << c.material.roughness << ", cosine " << cosine);
  check_sampling(a_bsdf(c.material, cosine, c.front), samples, steps);
}

}  // namespace

TEST_CASE("sampled directions are distributed as the density says", "[shade]") {
  for (const float roughness : {0.45f, 1.0f})
    for (const Case& c : cases(roughness))
      for (const float cosine : {0.25f, 0.95f}) check_case(c, cosine, 20000, 10);
}

TEST_CASE("sampled directions are distributed as the density says, in detail", "[shade][slow]") {
  for (const float roughness : {0.35f, 0.6f, 0.8f, 1.0f})
    for (const Case& c : cases(roughness))
      for (const float cosine : {0.1f, 0.3f, 0.7f, 1.0f}) check_case(c, cosine, 60000, 32);
}

TEST_CASE("reflection is reciprocal", "[shade]") {
  Uniform uniform(3);
  for (const float roughness : {0.05f, 0.3f, 1.0f})
    for (const Case& c : cases(roughness)) {
      if (c.material.transmission > 0) continue;  // its gain depends on the viewer; see below
      for (int i = 0; i < 200; ++i) {
        const float cos_a = 0.02f + 0.98f * uniform(), cos_b = 0.02f + 0.98f * uniform();
        const Vec3 a = direction_at(cos_a, 6 * uniform()), b = direction_at(cos_b, 6 * uniform());
        const Vec3 forth = eval_bsdf(make_bsdf(c.material, a_surface(), a), b).f_cos / b.z;
        const Vec3 back = eval_bsdf(make_bsdf(c.material, a_surface(), b), a).f_cos / a.z;
        INFO(c.name << ", roughness " << roughness << ", cosines " << a.z << " " << b.z);
        // the peak of a narrow lobe magnifies the rounding of the half vector
        CHECK(max_component(oct::abs(forth - back)) <= 1e-3f * max_component(forth));
      }
    }
}

TEST_CASE("refraction is reciprocal up to the squared index and the gain of its viewer", "[shade]") {
  ShadingMaterial material = a_material();
  material.transmission = 1;
  Uniform uniform(4);
  int transmitted = 0;
  for (const float roughness : {0.3f, 0.6f, 1.0f})
    for (int i = 0; i < 500; ++i) {
      material.roughness = roughness;
      const float cosine = 0.05f + 0.95f * uniform();
      const Vec3 a = direction_at(cosine, 6 * uniform());
      const Bsdf outside = make_bsdf(material, a_surface(true), a);
      const BsdfSample sample = sample_bsdf(outside, uniform(), uniform.pair());
      if (sample.flags != kScatterTransmitted) continue;
      ++transmitted;
      const Vec3 b = sample.wi;
      // the same surface seen from below: its frame turned over
      Surface below = a_surface(false);
      below.geometric_normal = {0, 0, -1};
      material.normal = {0, 0, -1};
      const Bsdf inside = make_bsdf(material, below, b);
      material.normal = {0, 0, 1};
      const float forth = eval_bsdf(outside, b).f_cos.y / oct::abs(b.z) / outside.glass_gain;
      const float back = eval_bsdf(inside, a).f_cos.y / a.z / inside.glass_gain;
      CHECK(forth == Approx(back * 1.5f * 1.5f).epsilon(2e-3));
    }
  CHECK(transmitted > 500);
}

TEST_CASE("without dielectric reflection a material is exactly Lambertian", "[shade]") {
  ShadingMaterial material = a_material();
  material.specular = 0;
  material.base_color = {0.25f, 0.5f, 1.0f};
  Uniform uniform(5);
  for (const float roughness : {0.0f, 0.4f, 1.0f})
    for (int i = 0; i < 100; ++i) {
      material.roughness = roughness;
      const Bsdf bsdf = a_bsdf(material, 0.01f + 0.99f * uniform());
      const Vec3 wi = direction_at(uniform(), 6 * uniform());
      const BsdfEval eval = eval_bsdf(bsdf, wi);
      CHECK(eval.f_cos.x == Approx(0.25 / 3.14159265 * wi.z).epsilon(1e-6));
      CHECK(eval.f_cos.z == Approx(1.0 / 3.14159265 * wi.z).epsilon(1e-6));
      CHECK(eval.pdf == Approx(wi.z / 3.14159265).epsilon(1e-6));
      const BsdfSample sample = sample_bsdf(bsdf, uniform(), uniform.pair());
      CHECK(sample.weight.y == Approx(0.5).epsilon(1e-6));
    }
}

TEST_CASE("smooth glass splits light as Fresnel says and bends it as Snell says", "[shade]") {
  ShadingMaterial material = a_material();
  material.transmission = 1;
  material.roughness = 0;
  for (const bool front : {true, false})
    for (const float cosine : {0.05f, 0.3f, 0.7f, 0.9f, 1.0f}) {
      const Bsdf bsdf = a_bsdf(material, cosine, front);
      const double eta = front ? 1.5 : 1 / 1.5;
      const double sine = std::sqrt(1 - static_cast<double>(cosine) * cosine);
      double reflected = 0, transmitted = 0;
      constexpr int kSamples = 2000;
      for (int i = 0; i < kSamples; ++i) {
        const BsdfSample sample = sample_bsdf(bsdf, (static_cast<float>(i) + 0.5f) / kSamples, {0.3f, 0.6f});
        REQUIRE((sample.flags & kScatterDelta) != 0);
        REQUIRE(sample.pdf == 0);
        CHECK(sample.weight.y == Approx(1).epsilon(1e-5));
        const double wi_sine = std::hypot(sample.wi.x, sample.wi.y);
        if ((sample.flags & kScatterTransmitted) != 0) {
          transmitted += static_cast<double>(sample.weight.y) / kSamples;
          CHECK(wi_sine == Approx(sine / eta).margin(1e-6));
          CHECK(sample.wi.z < 0);
        } else {
          reflected += static_cast<double>(sample.weight.y) / kSamples;
          CHECK(wi_sine == Approx(sine).margin(1e-6));
        }
      }
      const double fresnel = static_cast<double>(fresnel_dielectric(cosine, static_cast<float>(eta)));
      CHECK(reflected == Approx(fresnel).margin(1e-3));
      CHECK(transmitted == Approx(1 - fresnel).margin(1e-3));
    }
}

TEST_CASE("a smooth thin wall passes light straight on", "[shade]") {
  ShadingMaterial material = a_material();
  material.transmission = 1;
  material.roughness = 0;
  material.flags = kMaterialThinWalled;
  material.base_color = {1, 0.5f, 0.25f};
  const Bsdf bsdf = a_bsdf(material, 0.6f);
  const BsdfSample sample = sample_bsdf(bsdf, 0.999f, {0.5f, 0.5f});
  REQUIRE(sample.flags == (kScatterTransmitted | kScatterDelta));
  CHECK(length(sample.wi + bsdf.wo) == 0);
  CHECK(sample.weight.y == Approx(0.5f * sample.weight.x));
}

TEST_CASE("an unlit material scatters nothing", "[shade]") {
  ShadingMaterial material = a_material();
  material.flags = kMaterialUnlit;
  const Bsdf bsdf = a_bsdf(material, 0.5f);
  CHECK(is_black(eval_bsdf(bsdf, direction_at(0.7f)).f_cos));
  CHECK(is_black(sample_bsdf(bsdf, 0.5f, {0.2f, 0.3f}).weight));
}

namespace {

/// A number that is often one of the extremes.
float extreme(Uniform& uniform, float lo, float hi) {
  const float kind = uniform();
  if (kind < 0.2f) return lo;
  if (kind < 0.4f) return hi;
  if (kind < 0.6f) return lo + (hi - lo) * 1e-3f * uniform();
  return lo + (hi - lo) * uniform();
}

Vec3 extreme_color(Uniform& uniform) {
  const float r = extreme(uniform, 0, 1), g = extreme(uniform, 0, 1);
  return {r, g, extreme(uniform, 0, 1)};
}

ShadingMaterial extreme_material(Uniform& uniform) {
  ShadingMaterial material{};
  material.base_color = extreme_color(uniform);
  material.specular_color = extreme_color(uniform) * (uniform() < 0.1f ? 50.0f : 1.0f);
  material.specular = extreme(uniform, 0, 1);
  material.metallic = extreme(uniform, 0, 1);
  material.roughness = extreme(uniform, 0, 1);
  material.ior = extreme(uniform, 1, uniform() < 0.1f ? 1000.0f : 3.0f);
  material.transmission = extreme(uniform, 0, 1);
  material.flags = uniform() < 0.3f ? u32{kMaterialThinWalled} : 0u;
  return material;
}

/// Both normals anywhere, the geometric one on the viewer's side, at times edge-on.
Surface extreme_surface(Uniform& uniform, ShadingMaterial& material, Vec3 wo) {
  Surface surface{};
  surface.front = uniform() < 0.5f;
  Vec3 n = warp_sphere(uniform.pair());
  if (uniform() < 0.3f) n = normalize(n - wo * (dot(n, wo) * (1 - 1e-4f * uniform())));
  surface.geometric_normal = dot(n, wo) < 0 ? -n : n;
  surface.normal = surface.geometric_normal;
  material.normal = uniform() < 0.5f ? surface.normal : warp_sphere(uniform.pair());
  return surface;
}

bool is_sound(Vec3 color) {
  return is_finite(color) && color.x >= 0 && color.y >= 0 && color.z >= 0;
}

/// True when everything about one random material, view and pair of directions is finite and possible.
bool is_sound_case(Uniform& uniform) {
  ShadingMaterial material = extreme_material(uniform);
  const Vec3 wo = warp_sphere(uniform.pair());
  const Surface surface = extreme_surface(uniform, material, wo);
  const Bsdf bsdf = make_bsdf(material, surface, wo);
  const float u_lobe = extreme(uniform, 0, 0.99999994f);
  const float u_x = extreme(uniform, 0, 0.99999994f);
  const BsdfSample sample = sample_bsdf(bsdf, u_lobe, {u_x, extreme(uniform, 0, 0.99999994f)});
  const BsdfEval at_sample = eval_bsdf(bsdf, sample.wi);
  const BsdfEval anywhere = eval_bsdf(bsdf, warp_sphere(uniform.pair()));
  // half vectors of reflections almost opposite to the viewer, of transmissions straight on
  const BsdfEval mirrored = eval_bsdf(bsdf, reflect(wo, bsdf.normal));
  const BsdfEval straight = eval_bsdf(bsdf, -wo);
  bool sound = oct::abs(length(sample.wi) - 1) < 1e-5f && is_sound(sample.weight);
  for (const BsdfEval& eval : {at_sample, anywhere, mirrored, straight})
    sound = sound && is_sound(eval.f_cos) && is_finite(eval.pdf) && eval.pdf >= 0;
  // no light appears on a side that only one of the normals sees
  if (!is_black(sample.weight)) {
    const bool above = dot(sample.wi, surface.geometric_normal) > 0;
    sound = sound && above == ((sample.flags & kScatterReflected) != 0);
  }
  return sound;
}

}  // namespace

TEST_CASE("nothing is infinite, negative or not a number, whatever the input", "[shade]") {
  Uniform uniform(11);
  int unsound = 0;
  for (int i = 0; i < 500000; ++i) unsound += is_sound_case(uniform) ? 0 : 1;
  CHECK(unsound == 0);
}

TEST_CASE("nothing is infinite, negative or not a number, in millions", "[shade][slow]") {
  Uniform uniform(12);
  int unsound = 0;
  for (int i = 0; i < 5000000; ++i) unsound += is_sound_case(uniform) ? 0 : 1;
  CHECK(unsound == 0);
}

TEST_CASE("shading normals never make light", "[shade]") {
  // whatever the two normals, what is scattered toward a viewer stays at most what a white furnace sends
  Uniform uniform(13);
  for (int trial = 0; trial < 60; ++trial) {
    ShadingMaterial material = a_material();
    material.roughness = 0.1f + 0.9f * uniform();
    material.metallic = uniform() < 0.5f ? 1.0f : 0.0f;
    const Vec3 wo = direction_at(0.05f + 0.95f * uniform());
    material.normal = direction_at(0.3f + 0.7f * uniform(), 6 * uniform());
    const Bsdf bsdf = make_bsdf(material, a_surface(), wo);
    double sum = 0;
    for (int i = 0; i < 4000; ++i) {
      const float lobe = uniform();
      sum += static_cast<double>(sample_bsdf(bsdf, lobe, uniform.pair()).weight.y) / 4000;
    }
    INFO("trial " << trial);
    CHECK(sum < 1.03);
  }
}
