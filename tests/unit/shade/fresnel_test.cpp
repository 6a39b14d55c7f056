#include "shade/fresnel.hpp"

#include <cmath>

#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("Fresnel reflectance has its known values", "[shade]") {
  CHECK(fresnel_dielectric(1.0f, 1.5f) == Approx(0.04).epsilon(1e-6));
  CHECK(fresnel_dielectric(1.0f, 1 / 1.5f) == Approx(0.04).epsilon(1e-6));
  CHECK(fresnel_dielectric(1.0f, 2.4f) == Approx(0.1695502).epsilon(1e-5));
  CHECK(fresnel_dielectric(0.0f, 1.5f) == 1.0f);
  CHECK(fresnel_dielectric(0.3f, 1.0f) == 0.0f);
  // at Brewster's angle only one polarization is left: half of ((n^2 - 1) / (n^2 + 1))^2
  const float brewster = std::cos(std::atan(1.5f));
  CHECK(fresnel_dielectric(brewster, 1.5f) == Approx(0.5 * (1.25 / 3.25) * (1.25 / 3.25)).epsilon(1e-5));
  // total reflection sets in at sin = 1 / n
  const double critical = std::sqrt(1 - 1 / 2.25);
  CHECK(fresnel_dielectric(static_cast<float>(critical) - 1e-4f, 1 / 1.5f) == 1.0f);
  CHECK(fresnel_dielectric(static_cast<float>(critical) + 1e-4f, 1 / 1.5f) < 0.95f);
}

TEST_CASE("Fresnel reflectance agrees with the textbook formula in double", "[shade]") {
  Uniform uniform(1);
  for (int i = 0; i < 20000; ++i) {
    const float cosine = uniform();
    const float eta = 0.4f + 2.2f * uniform();
    const double theta_i = std::acos(static_cast<double>(cosine));
    const double sine = std::sin(theta_i) / static_cast<double>(eta);
    if (sine > 0.99) continue;  // there the root magnifies all rounding
    const double theta_t = std::asin(sine);
    const double s = std::sin(theta_i - theta_t) / std::sin(theta_i + theta_t);
    const double p = std::tan(theta_i - theta_t) / std::tan(theta_i + theta_t);
    if (theta_i < 1e-3) continue;  // 0 / 0 in this form
    CHECK(static_cast<double>(fresnel_dielectric(cosine, eta)) == Approx(0.5 * (s * s + p * p)).margin(2e-5));
  }
}

TEST_CASE("refraction obeys Snell's law", "[shade]") {
  Uniform uniform(2);
  for (int i = 0; i < 20000; ++i) {
    const Vec3 m = warp_sphere(uniform.pair());
    Vec3 wo = warp_sphere(uniform.pair());
    if (dot(wo, m) < 0) wo = -wo;
    const float eta = 0.4f + 2.2f * uniform();
    const Vec3 wi = refract(wo, m, eta);
    const float sine = length(cross(wo, m));
    if (is_black(wi)) {
      CHECK(sine >= eta * 0.9999f);
      continue;
    }
    CHECK(length(wi) == Approx(1).margin(1e-6));
    CHECK(dot(wi, m) <= 0);
    CHECK(length(cross(wi, m)) * eta == Approx(sine).margin(2e-6));
    CHECK(oct::abs(dot(wi, cross(wo, m))) < 1e-6f);  // in one plane
  }
}

TEST_CASE("a neutral interface reflects as its ior says, a tinted one in proportion", "[shade]") {
  const Interface neutral = make_interface(1.5f, 1.0f, {1, 1, 1});
  const Interface tinted = make_interface(1.5f, 0.5f, {1, 0.5f, 0});
  for (const float cosine : {0.0f, 0.1f, 0.4f, 0.8f, 1.0f}) {
    CHECK(reflectance(neutral, cosine, 1.5f).y == Approx(fresnel_dielectric(cosine, 1.5f)).margin(1e-6));
    CHECK(reflectance(tinted, cosine, 1.5f).x ==
          Approx(0.5f * reflectance(neutral, cosine, 1.5f).x).margin(1e-6));
  }
  CHECK(reflectance(tinted, 1.0f, 1.5f).y == Approx(0.01));
  CHECK(reflectance(tinted, 1.0f, 1.5f).z == 0);
  CHECK(reflectance(tinted, 0.0f, 1.5f).z == Approx(0.5));
  CHECK(reflectance(tinted, 0.2f, 1 / 1.5f).z == 1);  // total reflection stays total
}
