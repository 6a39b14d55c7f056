#pragma once
#include "data/settings_limits.hpp"
#include "data/types.hpp"

// The ranges that kernels may rely on: `compile` keeps them, `validate` refuses what leaves them.

namespace oct {

/// Every coordinate, of objects and in the world, and every entry of a transform: squares stay finite in
/// float. Scene files may reach to 1e15 alone (kMaxCoordinate in scene/placement.hpp says why).
inline constexpr float kLargestCoordinate = 1e18f;
/// Radiance, intensity, factor or texel of light.
inline constexpr float kLargestRadiance = 1e12f;
inline constexpr float kLargestTextureCoordinate = 1e9f;  ///< and every entry of a slot's transform
inline constexpr float kLargestIor = 1e4f;                ///< F0 = 0.9996
inline constexpr float kLargestNormalScale = 1e3f;
inline constexpr float kLargestAbsorption = 1e12f;    ///< per metre
inline constexpr float kLargestDispersion = 1e3f;     ///< 20 / Abbe number
inline constexpr float kLargestFilmThickness = 1e5f;  ///< nanometres
inline constexpr float kLargestLensShift = 1e3f;
inline constexpr float kLargestHalfWidth = 1e12f;  ///< of the image plane at distance 1
inline constexpr u32 kMaxImageSide = 65536;
/// At most this many cells has the table that environment images are drawn from; larger images share cells.
inline constexpr u64 kMaxEnvironmentCells = u64{1} << 21;
inline constexpr u64 kMaxLights = u64{1} << 31;

/// How many triangles baking may add to those that the meshes have anyway
/// (docs/decisions/0014-baked-or-instance.md): it bounds what a device must hold for a scene of a given size.
constexpr u64 baked_duplicate_budget(u64 unique_triangles) {
  constexpr u64 kAlwaysAllowed = u64{1} << 18;
  return unique_triangles > kAlwaysAllowed ? unique_triangles : kAlwaysAllowed;
}

}  // namespace oct
