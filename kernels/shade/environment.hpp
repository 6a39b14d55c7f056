#pragma once
#include "math/transcendental.hpp"
#include "sample/warp.hpp"
#include "shade/texture.hpp"

// Light from infinity.

namespace oct::inline OCT_ISA {

/// Image coordinates in [0, 1]^2 (u to the right, v from the top) of a unit direction in the world.
OCT_HD Vec2 environment_coordinates(const Environment& environment, Vec3 direction) {
  const float x = environment.cos_rotation * direction.x - environment.sin_rotation * direction.z;
  const float z = environment.sin_rotation * direction.x + environment.cos_rotation * direction.z;
  const float u = fma(atan2(z, x), 0.5f * kInvPi, 0.5f);
  const float v = fma(asin(clamp(direction.y, -1.0f, 1.0f)), -kInvPi, 0.5f);
  return {saturate(u), saturate(v)};
}

/// The inverse: unit direction in the world, and the cosine of its elevation.
struct EnvironmentDirection {
  Vec3 direction;
  float cos_elevation;
};
OCT_HD EnvironmentDirection environment_direction(const Environment& environment, Vec2 uv) {
  const SinCos azimuth = sincos((uv.x - 0.5f) * k2Pi);
  const SinCos elevation = sincos((0.5f - uv.y) * kPi);
  const float x = elevation.cos * azimuth.cos;
  const float z = elevation.cos * azimuth.sin;
  const Vec3 direction = {environment.cos_rotation * x + environment.sin_rotation * z, elevation.sin,
                          environment.cos_rotation * z - environment.sin_rotation * x};
  return {direction, elevation.cos};
}

/// Radiance of the image at uv, times the factor: one texel, its mean over u in [0, 1)^2 the bilinear value.
OCT_HD Vec3 environment_image_radiance(const RenderDataView& view, const Environment& environment, Vec2 uv,
                                       Vec2 u) {
  const TextureImage& image = view.texture_images[environment.image];
  const u32 x = choose_texel(uv.x, image.width, Wrap::repeat, false, u.x);
  const u32 y = choose_texel(uv.y, image.height, Wrap::clamp_to_edge, false, u.y);
  const Vec4 texel = decode_texel(view, image, x, y);
  return environment.radiance * Vec3{texel.x, texel.y, texel.z};
}

/// Radiance from a unit direction. u in [0, 1)^2 chooses the texel.
OCT_HD Vec3 environment_radiance(const RenderDataView& view, Vec3 direction, Vec2 u) {
  const Environment& environment = view.environments[0];
  if (environment.image == kNone) return environment.radiance;
  return environment_image_radiance(view, environment, environment_coordinates(environment, direction), u);
}

/// Density per steradian of a direction whose cell is drawn with `density` (cell probability times cell
/// count): a cell's share of the square over its solid angle, 2 pi^2 cos(elevation) a unit of the square.
OCT_HD float environment_pdf_of(float density, float cos_elevation) {
  return cos_elevation > 0.0f ? density * rcp(2.0f * kPi * kPi * cos_elevation) : 0.0f;
}

/// Density per steradian of sample_environment, without the choice of the light.
OCT_HD float environment_pdf(const RenderDataView& view, Vec3 direction) {
  const Environment& environment = view.environments[0];
  if (environment.alias_width == 0) return kInv4Pi;
  const Vec2 uv = environment_coordinates(environment, direction);
  const u32 x = min(to_u32(uv.x * static_cast<float>(environment.alias_width)), environment.alias_width - 1);
  const u32 y =
      min(to_u32(uv.y * static_cast<float>(environment.alias_height)), environment.alias_height - 1);
  const float density = view.environment_density[static_cast<u64>(y) * environment.alias_width + x];
  return environment_pdf_of(density, sqrt(direction.x * direction.x + direction.z * direction.z));
}

/// Asks memory for the cell that sample_environment will draw at u.
OCT_HD_INLINE void prefetch_environment(const RenderDataView& view, Vec2 u) {
  const Environment& environment = view.environments[0];
  if (environment.alias_width == 0) return;
  const u32 x = to_u32(u.x * static_cast<float>(environment.alias_width));
  const u32 y = to_u32(u.y * static_cast<float>(environment.alias_height));
  OCT_PREFETCH(view.environment_alias.data + static_cast<u64>(y) * environment.alias_width + x);
}

/// A direction drawn from the environment.
struct EnvironmentSample {
  Vec3 direction;  ///< unit
  Vec3 radiance;
  float pdf;  ///< per steradian; 0 = nothing
};

/// u in [0, 1)^2: the cell and the place in it; keep_bits: 32 bits to keep the cell or take its alias;
/// u_texel chooses the texel. A constant environment is sampled uniformly.
OCT_HD EnvironmentSample sample_environment(const RenderDataView& view, Vec2 u, u32 keep_bits, Vec2 u_texel) {
  const Environment& environment = view.environments[0];
  if (environment.alias_width == 0) {
    const Vec3 direction = warp_sphere(u);
    return {direction, environment_radiance(view, direction, u_texel), kInv4Pi};
  }
  const float width = static_cast<float>(environment.alias_width);
  const float height = static_cast<float>(environment.alias_height);
  const float across = u.x * width;
  const float down = u.y * height;
  u32 x = min(to_u32(across), environment.alias_width - 1);
  u32 y = min(to_u32(down), environment.alias_height - 1);
  const Vec2 within = {across - static_cast<float>(x), down - static_cast<float>(y)};
  const AliasEntry& entry = view.environment_alias[static_cast<u64>(y) * environment.alias_width + x];
  if (keep_bits >= entry.threshold) {
    x = entry.alias % environment.alias_width;
    y = entry.alias / environment.alias_width;
  }
  const Vec2 uv = {saturate((static_cast<float>(x) + within.x) / width),
                   saturate((static_cast<float>(y) + within.y) / height)};
  const EnvironmentDirection found = environment_direction(environment, uv);
  const float density = view.environment_density[static_cast<u64>(y) * environment.alias_width + x];
  const Vec3 radiance = environment.image == kNone
                            ? environment.radiance
                            : environment_image_radiance(view, environment, uv, u_texel);
  return {found.direction, radiance, environment_pdf_of(density, found.cos_elevation)};
}

}  // namespace oct::inline OCT_ISA
