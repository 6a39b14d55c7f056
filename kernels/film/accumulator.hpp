#pragma once
#include "data/unit.hpp"
#include "math/vec.hpp"

// From floats to the film: the only place where a radiance becomes an integer. Each contribution to a sample
// is clamped and rounded on its own; from then on only integers are added, which is exact in any order.

namespace oct::inline OCT_ISA {

/// What one contribution adds to the sums of its pixel, in units of 2^quantum_log2; each at least 0.
struct FixedContribution {
  i64 sums[kFilmChannels];  ///< R, G, B, and the luminance if the sample's index is even
  u32 non_finite;           ///< 1 = a channel was infinite or NaN: all sums are 0, and it is to be counted
};

/// value / 2^quantum_log2, rounded to nearest, halves up. By integers alone: exact, the same everywhere, and
/// GPUs need no double. value: finite, at least 0, below 2^62 quanta (check_settings sees to it).
OCT_HD i64 fixed_point(float value, i32 quantum_log2) {
  const u32 bits = bits_of(value);
  const u32 exponent = bits >> 23;
  const u64 mantissa = exponent == 0 ? (bits & 0x7fffffu) : ((bits & 0x7fffffu) | 0x800000u);
  const i32 shift = static_cast<i32>(exponent == 0 ? 1 : exponent) - 150 - quantum_log2;
  if (shift >= 0) return static_cast<i64>(mantissa << shift);
  if (shift < -25) return 0;  // less than half a quantum
  return static_cast<i64>((mantissa + (u64{1} << (-shift - 1))) >> -shift);
}

/// Light that was scattered more than once is indirect: what --clamp-indirect limits.
OCT_HD float contribution_limit(const RenderSettings& settings, u32 scatterings) {
  return scatterings > 1 ? min(settings.contribution_limit, settings.indirect_limit)
                         : settings.contribution_limit;
}

/// radiance     what reaches the pixel along one path, W/sr/m2; below zero (rounding) counts as zero
/// scatterings  how often it was scattered on its way, 0 = seen directly
/// sample       index of the sample in its pixel
OCT_HD FixedContribution fixed_contribution(const RenderSettings& settings, Vec3 radiance, u32 scatterings,
                                            u32 sample) {
  if (!is_finite(radiance)) return {{0, 0, 0, 0}, 1};
  const float limit = contribution_limit(settings, scatterings);
  const Vec3 rgb{clamp(radiance.x, 0.0f, limit), clamp(radiance.y, 0.0f, limit),
                 clamp(radiance.z, 0.0f, limit)};
  const i32 quantum = settings.quantum_log2;
  const float even_luminance = sample % 2 == 0 ? min(luminance(rgb), limit) : 0.0f;
  return {{fixed_point(rgb.x, quantum), fixed_point(rgb.y, quantum), fixed_point(rgb.z, quantum),
           fixed_point(even_luminance, quantum)},
          0};
}

}  // namespace oct::inline OCT_ISA
