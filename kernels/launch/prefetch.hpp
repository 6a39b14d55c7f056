#pragma once
#include "data/render_data.hpp"

// Asking memory early for what a CPU will read soon: shading of one path waits longer for its triangle than
// it computes. Hints alone; they change no result.

namespace oct::inline OCT_ISA {

/// The corner indices of a hit triangle; its instance and mesh are likely near already.
OCT_HD_INLINE void prefetch_triangle(const RenderDataView& view, const Hit& hit) {
  if (hit.instance == kNone) return;
  const Mesh& mesh = view.meshes[view.instances[hit.instance].mesh];
  OCT_PREFETCH(view.triangles.data + mesh.first_triangle + hit.primitive);
}

/// What its corners hold; to be called some time after prefetch_triangle.
OCT_HD_INLINE void prefetch_corners(const RenderDataView& view, const Hit& hit) {
  if (hit.instance == kNone) return;
  const Mesh& mesh = view.meshes[view.instances[hit.instance].mesh];
  const Triangle& triangle = view.triangles[u64{mesh.first_triangle} + hit.primitive];
  for (const u32 corner : triangle.v) {
    OCT_PREFETCH(view.positions.data + mesh.first_vertex + corner);
    if (mesh.first_normal != kNone) OCT_PREFETCH(view.normals.data + mesh.first_normal + corner);
    if (mesh.first_uv[0] != kNone) OCT_PREFETCH(view.uvs.data + mesh.first_uv[0] + corner);
  }
}

}  // namespace oct::inline OCT_ISA
