#pragma once
#include "math/transcendental.hpp"
#include "math/vec.hpp"
#include "shade/fresnel.hpp"

// Interference in a thin film (Belcour and Barla 2017, "A Practical Extension to Microfacet Theory for the
// Modeling of Varying Iridescence") in three channels, as KHR_materials_iridescence states it: Airy's sum over
// the reflections inside of the film, with the eye's sensitivity as Gaussians in frequency.

namespace oct::inline OCT_ISA {

struct ThinFilm {
  float factor;  ///< share of the surface that has it
  float ior;
  float thickness_nm;
  float outside;  ///< index of refraction above it
};

/// What the eye makes of interference: Rec.709 of cos(2 pi difference / wavelength + shift) over the spectrum,
/// 1 for no difference.
/// difference_nm  of the optical ways, at least 0;  shift  of the phase, radians, of each channel
OCT_HD Vec3 interference_color(float difference_nm, Vec3 shift) {
  // positions and variances of the Gaussians for X, Y, Z times 2 pi and (2 pi)^2, per nanometre
  const float d = difference_nm;
  const float d2 = d * d;
  const float x = 0.8469f * cos(fma(d, 1.05620e-2f, shift.x)) * exp(-1.70854e-7f * d2) +
                  0.1539f * cos(fma(d, 1.40737e-2f, shift.x)) * exp(-1.78766e-7f * d2);
  const float y = 1.0002f * cos(fma(d, 1.12802e-2f, shift.y)) * exp(-3.67329e-7f * d2);
  const float z = 1.0011f * cos(fma(d, 1.38758e-2f, shift.z)) * exp(-2.61035e-7f * d2);
  return {3.2404542f * x - 1.5371385f * y - 0.4985314f * z, -0.9692660f * x + 1.8760108f * y + 0.0415560f * z,
          0.0556434f * x - 0.2040259f * y + 1.0572252f * z};
}

/// Index of refraction, above `outside`, of a base that would reflect f0 at normal incidence without the film.
OCT_HD float index_of_base(float f0, float outside) {
  const float root = sqrt(clamp(f0, 0.0f, 0.9999f));
  return outside * (1.0f + root) / (1.0f - root);
}

/// Share reflected by film and base together.
/// cosine   of incidence on the outer side of the film, in [0, 1]
/// base_f0  what the base alone reflects at normal incidence
OCT_HD_CALLED Vec3 film_reflectance(ThinFilm film, float cosine, Vec3 base_f0) {
  // a film of no thickness is none: its index fades to the outer one
  const float fade = saturate(film.thickness_nm * (1.0f / 0.03f));
  const float ior = lerp(film.outside, film.ior, fade * fade * (3.0f - 2.0f * fade));
  const float ratio = film.outside / ior;
  const float cos2 = 1.0f - ratio * ratio * (1.0f - cosine * cosine);
  if (!(cos2 > 0.0f)) return splat(1.0f);
  const float cos_film = sqrt(cos2);

  const float top = fresnel_dielectric(cosine, ior / film.outside);
  const float passed = 1.0f - top;
  const float base_index[3] = {index_of_base(base_f0.x, film.outside), index_of_base(base_f0.y, film.outside),
                               index_of_base(base_f0.z, film.outside)};
  const Vec3 bottom_f0 = {normal_reflectance(base_index[0] / ior), normal_reflectance(base_index[1] / ior),
                          normal_reflectance(base_index[2] / ior)};
  const Vec3 bottom = fresnel_metal(bottom_f0, cos_film);
  // reflection at a denser medium turns the phase by half a wave, from above and from below the upper face
  const float from_below = ior < film.outside ? 0.0f : kPi;
  const Vec3 shift = {from_below + (base_index[0] < ior ? kPi : 0.0f),
                      from_below + (base_index[1] < ior ? kPi : 0.0f),
                      from_below + (base_index[2] < ior ? kPi : 0.0f)};

  const Vec3 both = min(max(bottom * top, splat(1e-5f)), splat(0.9999f));
  const Vec3 amplitude = {sqrt(both.x), sqrt(both.y), sqrt(both.z)};
  const Vec3 inner = {square(passed) * bottom.x / (1.0f - both.x),
                      square(passed) * bottom.y / (1.0f - both.y),
                      square(passed) * bottom.z / (1.0f - both.z)};
  const float difference = 2.0f * ior * film.thickness_nm * cos_film;
  Vec3 sum = splat(top) + inner;
  Vec3 order = inner - splat(passed);
  for (int m = 1; m <= 2; ++m) {
    const float times = static_cast<float>(m);
    order = order * amplitude;
    sum += order * interference_color(times * difference, shift * times) * 2.0f;
  }
  return min(max(sum, splat(0.0f)), splat(1.0f));
}

}  // namespace oct::inline OCT_ISA
