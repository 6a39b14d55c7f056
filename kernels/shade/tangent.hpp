#pragma once
#include "shade/surface.hpp"
#include "shade/texture.hpp"

// Normal maps.

namespace oct::inline OCT_ISA {

/// The directions in which a normal map's red and green grow, as seen from the front. Not unit; the tangent
/// is the zero vector where the mesh does not say.
struct TangentDirections {
  Vec3 tangent, bitangent;
};

/// From the mesh's tangents (glTF 2.0, 3.7.2.1: bitangent = cross(normal, tangent) w). A mirroring instance
/// turns the handedness round. normal = the front's.
OCT_HD TangentDirections given_tangents(const RenderDataView& view, const Instance& instance,
                                        const Mesh& mesh, const Surface& surface, Vec3 normal) {
  const Triangle& triangle = view.triangles[mesh.first_triangle + surface.primitive];
  const u32 first = mesh.first_tangent;
  const Vec4 t = interpolate(surface.weights, view.tangents[first + triangle.v[0]],
                             view.tangents[first + triangle.v[1]], view.tangents[first + triangle.v[2]]);
  const Vec3 world = transform_vector(instance.world_from_object, Vec3{t.x, t.y, t.z});
  const Vec3 tangent = world - normal * dot(world, normal);
  const bool mirrored = (instance.flags & kInstanceFlipsWinding) != 0;
  const float handedness = (t.w < 0.0f) != mirrored ? -1.0f : 1.0f;
  return {tangent, cross(normal, tangent) * handedness};
}

/// From the texture coordinates: the tangent is where u grows, the bitangent where v falls, since images have
/// their origin at the top and green means up.
OCT_HD TangentDirections derived_tangents(const RenderDataView& view, const Instance& instance,
                                          const Mesh& mesh, const Surface& surface, Vec3 normal, u32 uv_set) {
  const u32 first = mesh.first_uv[uv_set];
  if (first == kNone) return {splat(0.0f), splat(0.0f)};
  const Triangle& triangle = view.triangles[mesh.first_triangle + surface.primitive];
  const Vec2 origin = view.uvs[first + triangle.v[0]];
  const Vec2 uv1 = view.uvs[first + triangle.v[1]] - origin;
  const Vec2 uv2 = view.uvs[first + triangle.v[2]] - origin;
  const TrianglePoints p =
      transform_points(instance.world_from_object, object_points(view, mesh, surface.primitive));
  const Vec3 e1 = p.p1 - p.p0;
  const Vec3 e2 = p.p2 - p.p0;
  const float area = uv1.x * uv2.y - uv1.y * uv2.x;
  const Vec3 along_u = (e1 * uv2.y - e2 * uv1.y) * copysign(1.0f, area);
  const Vec3 along_v = (e2 * uv1.x - e1 * uv2.x) * copysign(1.0f, area);
  const Vec3 tangent = area != 0.0f ? along_u - normal * dot(along_u, normal) : splat(0.0f);
  const Vec3 across = cross(normal, tangent);
  return {tangent, dot(across, along_v) > 0.0f ? -across : across};
}

/// The same as unit vectors; two zero vectors where neither the mesh nor its texture coordinates say.
/// uv_set  of the coordinates that tangents are derived from when the mesh has none
OCT_HD TangentDirections unit_tangents(const RenderDataView& view, const Surface& surface, Vec3 front_normal,
                                       u32 uv_set) {
  const Instance& instance = view.instances[surface.instance];
  const Mesh& mesh = view.meshes[instance.mesh];
  const TangentDirections directions =
      mesh.first_tangent != kNone ? given_tangents(view, instance, mesh, surface, front_normal)
                                  : derived_tangents(view, instance, mesh, surface, front_normal, uv_set);
  const float size = max_component(abs(directions.tangent));
  if (!(size > 0.0f) || !is_finite(size)) return {splat(0.0f), splat(0.0f)};
  return {normalize(directions.tangent / size), normalize(directions.bitangent / size)};
}

/// Shading normal on the viewer's side after the normal map in `slot_index`; without tangents the one before
/// it. The map means the front; a back side has the opposite normals (glTF 2.0, 3.9.4).
OCT_HD Vec3 mapped_normal(const RenderDataView& view, const Surface& surface, u32 slot_index, float scale,
                          Vec2 u) {
  const Vec4 texel = sample_texture(view, slot_index, texture_point(surface), u);
  const Vec3 local = {(2.0f * texel.x - 1.0f) * scale, (2.0f * texel.y - 1.0f) * scale,
                      2.0f * texel.z - 1.0f};
  const Vec3 front_normal = surface.front ? surface.normal : -surface.normal;
  const TangentDirections directions =
      unit_tangents(view, surface, front_normal, view.texture_slots[slot_index].uv_set);
  if (is_black(directions.tangent)) return surface.normal;
  const Vec3 mapped = directions.tangent * local.x + directions.bitangent * local.y + front_normal * local.z;
  if (!(length_squared(mapped) > 0.0f)) return surface.normal;
  const Vec3 normal = normalize(mapped);
  return surface.front ? normal : -normal;
}

}  // namespace oct::inline OCT_ISA
