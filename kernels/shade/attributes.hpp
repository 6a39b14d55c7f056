#pragma once
#include "data/packing.hpp"
#include "data/render_data.hpp"
#include "math/transform.hpp"

// What the corners of a triangle say, interpolated.

namespace oct::inline OCT_ISA {

/// Weights of a triangle's corners; they sum to one.
struct Barycentrics {
  float b0, b1, b2;
};

OCT_HD Barycentrics barycentrics(float u, float v) {
  return {1.0f - u - v, u, v};
}

OCT_HD float interpolate(Barycentrics b, float a0, float a1, float a2) {
  return fma(b.b2, a2, fma(b.b1, a1, b.b0 * a0));
}
OCT_HD Vec2 interpolate(Barycentrics b, Vec2 a0, Vec2 a1, Vec2 a2) {
  return {interpolate(b, a0.x, a1.x, a2.x), interpolate(b, a0.y, a1.y, a2.y)};
}
OCT_HD Vec3 interpolate(Barycentrics b, Vec3 a0, Vec3 a1, Vec3 a2) {
  return {interpolate(b, a0.x, a1.x, a2.x), interpolate(b, a0.y, a1.y, a2.y),
          interpolate(b, a0.z, a1.z, a2.z)};
}
OCT_HD Vec4 interpolate(Barycentrics b, Vec4 a0, Vec4 a1, Vec4 a2) {
  return {interpolate(b, a0.x, a1.x, a2.x), interpolate(b, a0.y, a1.y, a2.y),
          interpolate(b, a0.z, a1.z, a2.z), interpolate(b, a0.w, a1.w, a2.w)};
}

/// Three points of one triangle.
struct TrianglePoints {
  Vec3 p0, p1, p2;
};

/// Corners of triangle `primitive` of the mesh, in object space.
OCT_HD TrianglePoints object_points(const RenderDataView& view, const Mesh& mesh, u32 primitive) {
  const Triangle& triangle = view.triangles[mesh.first_triangle + primitive];
  return {view.positions[mesh.first_vertex + triangle.v[0]],
          view.positions[mesh.first_vertex + triangle.v[1]],
          view.positions[mesh.first_vertex + triangle.v[2]]};
}

OCT_HD TrianglePoints transform_points(const Transform& transform, const TrianglePoints& p) {
  return {transform_point(transform, p.p0), transform_point(transform, p.p1),
          transform_point(transform, p.p2)};
}

/// Largest absolute coordinate.
OCT_HD float reach(const TrianglePoints& p) {
  return max_component(max(abs(p.p0), max(abs(p.p1), abs(p.p2))));
}

/// Unit normal on the counter-clockwise side; of a triangle without area some unit vector. Mirrored instances
/// hand in `flips_winding`, since the mesh defines its front in object space. The edges are scaled to unit
/// size first, so that their products neither underflow nor overflow.
OCT_HD Vec3 triangle_normal(const TrianglePoints& p, bool flips_winding) {
  const Vec3 e1 = p.p1 - p.p0;
  const Vec3 e2 = p.p2 - p.p0;
  const float size = max(max_component(abs(e1)), max_component(abs(e2)));
  if (!(size > 0.0f) || !is_finite(size)) return {0.0f, 0.0f, 1.0f};
  const Vec3 product = cross(e1 / size, e2 / size);
  const float scale = max_component(abs(product));
  if (!(scale > 0.0f)) return {0.0f, 0.0f, 1.0f};
  const Vec3 normal = normalize(product / scale);
  return flips_winding ? -normal : normal;
}

/// Texture coordinates of set `set` < kUvSets; (0, 0) where the mesh has none.
OCT_HD Vec2 uv_at(const RenderDataView& view, const Mesh& mesh, u32 primitive, Barycentrics b, u32 set) {
  const u32 first = mesh.first_uv[set];
  if (first == kNone) return {0.0f, 0.0f};
  const Triangle& triangle = view.triangles[mesh.first_triangle + primitive];
  return interpolate(b, view.uvs[first + triangle.v[0]], view.uvs[first + triangle.v[1]],
                     view.uvs[first + triangle.v[2]]);
}

/// A point of a triangle at which textures are looked up. The first two sets of coordinates, which nearly all
/// lookups use, are at hand; texture_coordinates() interpolates the others on demand.
struct TexturePoint {
  Vec2 uv0, uv1;
  Barycentrics weights;
  u32 instance, primitive;
};

OCT_HD TexturePoint texture_point(const RenderDataView& view, u32 instance, u32 primitive, Barycentrics b) {
  const Mesh& mesh = view.meshes[view.instances[instance].mesh];
  return {uv_at(view, mesh, primitive, b, 0), uv_at(view, mesh, primitive, b, 1), b, instance, primitive};
}

/// Coordinates of set `set` < kUvSets; (0, 0) where the mesh has none.
OCT_HD Vec2 texture_coordinates(const RenderDataView& view, const TexturePoint& at, u32 set) {
  if (set == 0) return at.uv0;
  if (set == 1) return at.uv1;
  return uv_at(view, view.meshes[view.instances[at.instance].mesh], at.primitive, at.weights, set);
}

/// Vertex colour, linear RGBA; white where the mesh has none.
OCT_HD Vec4 color_at(const RenderDataView& view, const Mesh& mesh, u32 primitive, Barycentrics b) {
  if (mesh.first_color == kNone) return {1.0f, 1.0f, 1.0f, 1.0f};
  const Triangle& triangle = view.triangles[mesh.first_triangle + primitive];
  const u32 first = mesh.first_color;
  return interpolate(b, view.colors[first + triangle.v[0]], view.colors[first + triangle.v[1]],
                     view.colors[first + triangle.v[2]]);
}

/// Interpolated normal in object space, not unit; the zero vector where the mesh has none.
OCT_HD Vec3 object_normal_at(const RenderDataView& view, const Mesh& mesh, u32 primitive, Barycentrics b) {
  if (mesh.first_normal == kNone) return {0.0f, 0.0f, 0.0f};
  const Triangle& triangle = view.triangles[mesh.first_triangle + primitive];
  const u32 first = mesh.first_normal;
  return interpolate(b, unpack_normal(view.normals[first + triangle.v[0]]),
                     unpack_normal(view.normals[first + triangle.v[1]]),
                     unpack_normal(view.normals[first + triangle.v[2]]));
}

}  // namespace oct::inline OCT_ISA
