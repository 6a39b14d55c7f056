#pragma once
#include <string>
#include <vector>

#include "render_data/render_data.hpp"

// Scenes and rays that are hard for a tracer, from a seed.

namespace oct::test {

/// A small generator (SplitMix64): the same numbers everywhere.
struct Random {
  u64 state;
  u64 bits() {
    u64 z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  u32 below(u32 count) { return static_cast<u32>((bits() >> 32) * count >> 32); }
  float unit() { return static_cast<float>(bits() >> 40) * 0x1p-24f; }
  float within(float lo, float hi) { return lo + (hi - lo) * unit(); }
  Vec3 point(float lo, float hi) {
    const float x = within(lo, hi);
    const float y = within(lo, hi);
    const float z = within(lo, hi);
    return {x, y, z};
  }
};

enum class Shapes { soup, slivers, axis_aligned, duplicated, mixed_sizes, closed_mesh };
inline constexpr Shapes kAllShapes[] = {Shapes::soup,       Shapes::slivers,     Shapes::axis_aligned,
                                        Shapes::duplicated, Shapes::mixed_sizes, Shapes::closed_mesh};
std::string name_of(Shapes shapes);

struct SceneRecipe {
  Shapes shapes;
  float offset = 0.0f;       ///< distance of everything from the origin
  bool instances = false;    ///< several instances of each mesh: moved, turned, scaled, mirrored; some baked
  u32 triangle_count = 200;  ///< a mesh, about
};

/// Geometry alone: positions, triangles, meshes, instances.
RenderData make_scene(const SceneRecipe& recipe, u64 seed);

/// World corners of a triangle of an instance.
struct Corners {
  Vec3 a, b, c;
};
Corners corners_of(const RenderData& data, u32 instance, u32 primitive);

/// Rays at faces, corners, edges and along planes; along axes; with zero and negative-zero components; from
/// on a surface; with every kind of range, `after` and excluded triangle.
std::vector<Ray> make_rays(const RenderData& data, u32 count, u64 seed);

/// A sphere, bumpy and closed: about `triangle_count` triangles whose corners are shared.
void add_bumpy_sphere(Vec3 centre, float radius, u32 triangle_count, u64 seed, std::vector<Vec3>* positions,
                      std::vector<Triangle>* triangles);

}  // namespace oct::test
