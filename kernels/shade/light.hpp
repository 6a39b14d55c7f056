#pragma once
#include "shade/alpha.hpp"
#include "shade/environment.hpp"

// Lights: what they send to a point, and how likely each direction is drawn. A light is chosen by its share
// in the alias table, then a direction toward it. `pdf` always includes the choice.

namespace oct::inline OCT_ISA {

/// Light that could reach a point.
struct LightSample {
  Vec3 direction;           ///< unit, from the point to the light
  Vec3 target;              ///< where the shadow ray ends, clear of the light's surface; unused at infinity
  bool infinite;            ///< from infinity: the shadow ray has no end
  bool delta;               ///< scattering can never find it by chance: no weight against the BSDF's density
  Vec3 radiance;            ///< incident; of a delta light the irradiance on a facing plane
  float pdf;                ///< per steradian, of a delta light the probability of its choice; 0 = no light
  u32 instance, primitive;  ///< of an area light, else kNone
};

/// Which light, and 32 bits that are still random after the choice.
struct LightChoice {
  u32 light;
  u32 rest;
};

/// Draws from the alias table of the lights: the high part of bits x count is the entry, the low part keeps
/// it or takes its alias and is then stretched to 32 bits again.
OCT_HD LightChoice choose_light(const RenderDataView& view, u32 bits) {
  const u64 product = static_cast<u64>(bits) * view.light_alias.size;
  const u32 index = static_cast<u32>(product >> 32);
  const u32 rest = static_cast<u32>(product);
  const AliasEntry& entry = view.light_alias[index];
  if (rest < entry.threshold)
    return {index, static_cast<u32>((static_cast<u64>(rest) << 32) / entry.threshold)};
  const u64 length = (u64{1} << 32) - entry.threshold;
  return {entry.alias, static_cast<u32>((static_cast<u64>(rest - entry.threshold) << 32) / length)};
}

OCT_HD LightSample no_light() {
  LightSample sample;
  sample.direction = {0.0f, 0.0f, 1.0f};
  sample.target = splat(0.0f);
  sample.infinite = false;
  sample.delta = false;
  sample.radiance = splat(0.0f);
  sample.pdf = 0.0f;
  sample.instance = kNone;
  sample.primitive = kNone;
  return sample;
}

/// Density per steradian of a uniform point on a triangle: distance_squared / (cosine area).
OCT_HD float area_pdf(float distance_squared, float cosine, float area) {
  const float facing = cosine * area;
  return facing > 0.0f ? distance_squared / facing : 0.0f;
}

/// A uniform point of an emitting triangle. Radiance is that of the material at the point (textures, alpha
/// and side included), the same that a ray which hits it would find in the mean.
OCT_HD LightSample sample_area_light(const RenderDataView& view, const Light& light, Vec3 from, Vec2 u,
                                     Vec2 u_texel) {
  const Instance& instance = view.instances[light.instance];
  const Mesh& mesh = view.meshes[instance.mesh];
  const TrianglePoints object = object_points(view, mesh, light.primitive);
  const TrianglePoints world = transform_points(instance.world_from_object, object);
  const Vec3 outward = triangle_normal(world, (instance.flags & kInstanceFlipsWinding) != 0);
  const Vec2 corner = warp_triangle(u);
  const Barycentrics b = barycentrics(corner.x, corner.y);
  const Vec3 point = interpolate(b, world.p0, world.p1, world.p2);
  const Vec3 way = point - from;
  const float distance_squared = length_squared(way);
  LightSample sample = no_light();
  if (!(distance_squared > 0.0f) || !is_finite(distance_squared)) return sample;
  sample.direction = way / sqrt(distance_squared);

  const float cosine = dot(sample.direction, outward);
  const bool front = cosine <= 0.0f;
  sample.pdf = light.select_probability * area_pdf(distance_squared, abs(cosine), light.area);
  if (!(sample.pdf > 0.0f)) return sample;
  // end the shadow ray on this side of the light, by more than the rounding at either end
  const float offset =
      surface_offset(instance, world, object, point, outward) + kPositionError * max_component(abs(from));
  sample.target = fma(outward, front ? offset : -offset, point);

  const Material& material = view.materials[instance.material];
  const TexturePoint at = texture_point(view, light.instance, light.primitive, b);
  const Vec4 color = color_at(view, mesh, light.primitive, b);
  const float opacity = opacity_at(view, material, at, color.w, u_texel);
  const float passed = emission_passed(view, material, at, abs(cosine), u_texel);
  sample.radiance = emission_at(view, material, at, color, front, u_texel) * (opacity * passed);
  sample.instance = light.instance;
  sample.primitive = light.primitive;
  return sample;
}

/// Share of a spot's intensity at the cosine between its axis and the way of the light (KHR_lights_punctual).
OCT_HD float spot_falloff(const Light& light, float cosine) {
  const float scale = 1.0f / max(0.001f, light.cos_inner - light.cos_outer);
  return square(saturate((cosine - light.cos_outer) * scale));
}

/// A point or spot light: intensity / distance^2.
OCT_HD LightSample sample_point_light(const Light& light, Vec3 from) {
  LightSample sample = no_light();
  const Vec3 way = light.position - from;
  const float distance_squared = length_squared(way);
  if (!(distance_squared > 0.0f) || !is_finite(distance_squared)) return sample;
  sample.direction = way / sqrt(distance_squared);
  sample.target = light.position;
  sample.delta = true;
  sample.radiance = light.intensity / distance_squared;
  if (light.kind == LightKind::spot)
    sample.radiance *= spot_falloff(light, -dot(sample.direction, light.direction));
  sample.pdf = light.select_probability;
  return sample;
}

/// A directional light; with an angular diameter a direction within its disk, all equally bright. It counts
/// as delta: it is no surface, and only light sampling finds it. Of the disk, radiance is L = E / (pi
/// sin^2(half angle)), and L / pdf = 2 E / (1 + cos(half angle)).
OCT_HD LightSample sample_directional_light(const Light& light, Vec2 u) {
  LightSample sample = no_light();
  sample.infinite = true;
  sample.delta = true;
  sample.pdf = light.select_probability;
  sample.direction = -light.direction;
  sample.radiance = light.intensity;
  if (light.cos_half_angle >= 1.0f) return sample;
  const Basis basis = basis_around(-light.direction);
  sample.direction = normalize(to_world(basis, warp_cone(u, light.cos_half_angle)));
  sample.radiance = light.intensity * (2.0f / (1.0f + light.cos_half_angle));
  return sample;
}

/// Asks memory for what sample_light will read first.
OCT_HD_INLINE void prefetch_light(const RenderDataView& view, u32 choice_bits, Vec2 u) {
  const u64 product = static_cast<u64>(choice_bits) * view.light_alias.size;
  OCT_PREFETCH(view.light_alias.data + (product >> 32));
  prefetch_environment(view, u);
}

/// Chooses a light and a direction toward it.
/// from         the shaded point
/// choice_bits  32 random bits that choose the light
/// u            in [0, 1)^2, where on the light
/// u_texel      in [0, 1)^2, which texel of it
OCT_HD LightSample sample_light(const RenderDataView& view, Vec3 from, u32 choice_bits, Vec2 u,
                                Vec2 u_texel) {
  if (view.light_alias.size == 0) return no_light();
  const LightChoice choice = choose_light(view, choice_bits);
  const Light& light = view.lights[choice.light];
  switch (light.kind) {
    case LightKind::area: return sample_area_light(view, light, from, u, u_texel);
    case LightKind::point:
    case LightKind::spot: return sample_point_light(light, from);
    case LightKind::directional: return sample_directional_light(light, u);
    case LightKind::environment: break;
  }
  const EnvironmentSample environment = sample_environment(view, u, choice.rest, u_texel);
  LightSample sample = no_light();
  sample.direction = environment.direction;
  sample.radiance = environment.radiance;
  sample.pdf = light.select_probability * environment.pdf;
  sample.infinite = true;
  return sample;
}

/// Density, per steradian, with which sample_light at `from` would have drawn the point that a ray from there
/// found; 0 when its triangle is no light.
OCT_HD float light_pdf_area(const RenderDataView& view, const Surface& surface, Vec3 from) {
  const u32 first_light = view.instances[surface.instance].first_light;
  if (first_light == kNone) return 0.0f;
  const Light& light = view.lights[first_light + surface.primitive];
  const Vec3 way = surface.position - from;
  const float distance_squared = length_squared(way);
  if (!(distance_squared > 0.0f)) return 0.0f;
  const float cosine = abs(dot(way, surface.geometric_normal)) / sqrt(distance_squared);
  return light.select_probability * area_pdf(distance_squared, cosine, light.area);
}

/// The same for a ray that left the scene in a unit direction.
OCT_HD float light_pdf_environment(const RenderDataView& view, Vec3 direction) {
  const u32 light = view.environments[0].light;
  if (light == kNone) return 0.0f;
  return view.lights[light].select_probability * environment_pdf(view, direction);
}

/// The ray that finds out whether a light sample arrives. See spawn_ray_to for why the light does not shadow
/// itself.
OCT_HD Ray spawn_shadow_ray(const Surface& surface, const LightSample& light) {
  return light.infinite ? spawn_ray(surface, light.direction) : spawn_ray_to(surface, light.target);
}

}  // namespace oct::inline OCT_ISA
