#pragma once
#include "shade/attributes.hpp"

// The point that a ray met, and rays that leave it.

namespace oct::inline OCT_ISA {

/// A point on a triangle as its viewer sees it. Normals point to the viewer's side.
struct Surface {
  Vec3 position;          ///< world
  float offset;           ///< metres along the geometric normal that clear all rounding; see surface_offset
  Vec3 geometric_normal;  ///< unit
  Vec3 normal;            ///< unit, interpolated from the corners; geometric where the mesh has none
  Vec2 uv0, uv1;
  Vec4 color;  ///< of the vertices, linear RGBA
  Barycentrics weights;
  u32 instance, primitive, material;
  bool front;  ///< seen from the counter-clockwise side
};

/// Relative error that a hit point, a box or a ray's t may carry, in units of the largest coordinate
/// involved. With 2 roundings one grazing ray in ten thousand meets what it leaves, with 4 none in 29
/// million.
inline constexpr float kPositionError = 8.0f * kRoundoff;

/// How far to move along the geometric normal so that a ray which starts there cannot meet the surface that
/// it leaves, nor its neighbours in the same plane, nor a copy in the same place. Proportional to the
/// coordinates at hand (the point of pbrt 4, section 6.8), so a scene may be 1 mm or 10 km large. For an
/// instance the rounding of the ray's way into object space is brought back to the world and added. world,
/// object  the triangle in both spaces
OCT_HD float surface_offset(const Instance& instance, const TrianglePoints& world,
                            const TrianglePoints& object, Vec3 position, Vec3 unit_normal) {
  const float world_error = kPositionError * reach(world);
  if ((instance.flags & kInstanceBaked) != 0) return world_error;
  const float* inverse = instance.object_from_world.m;
  const float* forward = instance.world_from_object.m;
  const Vec3 p = abs(position);
  const Vec3 n = abs(unit_normal);
  const float object_error = kPositionError * reach(object);
  float error = 0.0f;
  for (int row = 0; row < 3; ++row) {
    const float* m = inverse + 4 * row;
    const float terms = abs(m[0]) * p.x + abs(m[1]) * p.y + abs(m[2]) * p.z + abs(m[3]);
    const float along_normal =
        abs(forward[row]) * n.x + abs(forward[4 + row]) * n.y + abs(forward[8 + row]) * n.z;
    error += along_normal * (object_error + 4.0f * kRoundoff * terms);
  }
  return world_error + error;
}

/// Interpolated normal brought to the world, on the side of `outward`, the geometric normal of the front;
/// `outward` itself where there is none or it vanishes.
OCT_HD Vec3 interpolated_normal(const RenderDataView& view, const Instance& instance, const Mesh& mesh,
                                u32 primitive, Barycentrics b, Vec3 outward) {
  const Vec3 object_normal = object_normal_at(view, mesh, primitive, b);
  const Vec3 world_normal = transform_normal(instance.object_from_world, object_normal);
  const float size = max_component(abs(world_normal));
  if (!(size > 0.0f) || !is_finite(size)) return outward;
  const Vec3 normal = normalize(world_normal / size);
  return dot(normal, outward) < 0.0f ? -normal : normal;
}

/// Everything about the point `hit` of `ray`. hit.instance is not kNone. The position comes from the
/// barycentric coordinates, whose error does not grow with the length of the ray.
OCT_HD Surface surface_at(const RenderDataView& view, const Ray& ray, const Hit& hit) {
  const Instance& instance = view.instances[hit.instance];
  const Mesh& mesh = view.meshes[instance.mesh];
  const TrianglePoints object = object_points(view, mesh, hit.primitive);
  const TrianglePoints world = transform_points(instance.world_from_object, object);
  const Vec3 outward = triangle_normal(world, (instance.flags & kInstanceFlipsWinding) != 0);

  Surface surface;
  surface.weights = barycentrics(hit.u, hit.v);
  surface.position = interpolate(surface.weights, world.p0, world.p1, world.p2);
  surface.offset = surface_offset(instance, world, object, surface.position, outward);
  surface.front = dot(ray.direction, outward) <= 0.0f;
  const Vec3 smooth = interpolated_normal(view, instance, mesh, hit.primitive, surface.weights, outward);
  surface.geometric_normal = surface.front ? outward : -outward;
  surface.normal = surface.front ? smooth : -smooth;
  surface.uv0 = uv_at(view, mesh, hit.primitive, surface.weights, 0);
  surface.uv1 = uv_at(view, mesh, hit.primitive, surface.weights, 1);
  surface.color = color_at(view, mesh, hit.primitive, surface.weights);
  surface.instance = hit.instance;
  surface.primitive = hit.primitive;
  surface.material = instance.material;
  return surface;
}

/// Where the surface's textures are looked up.
OCT_HD TexturePoint texture_point(const Surface& surface) {
  return {surface.uv0, surface.uv1, surface.weights, surface.instance, surface.primitive};
}

/// Where a ray toward `direction` starts: moved off the surface to the side that it leaves to.
OCT_HD Vec3 spawn_origin(const Surface& surface, Vec3 direction) {
  const float side = dot(direction, surface.geometric_normal) < 0.0f ? -surface.offset : surface.offset;
  return fma(surface.geometric_normal, side, surface.position);
}

/// The ray that leaves the surface, without end. It never meets the triangle that it leaves.
OCT_HD Ray spawn_ray(const Surface& surface, Vec3 direction) {
  return {spawn_origin(surface, direction),
          0.0f,
          direction,
          kInfinity,
          {-1.0f, 0, 0},
          surface.instance,
          surface.primitive};
}

/// The ray to `target`: direction = the whole way, t_max = 1. A target on a surface must have been moved off
/// it, toward this one, by its own offset (as light samples are): then neither its triangle nor a copy of it
/// is in the way.
OCT_HD Ray spawn_ray_to(const Surface& surface, Vec3 target) {
  const Vec3 origin = spawn_origin(surface, target - surface.position);
  return {origin, 0.0f, target - origin, 1.0f, {-1.0f, 0, 0}, surface.instance, surface.primitive};
}

}  // namespace oct::inline OCT_ISA
