#pragma once
#include <vector>

#include "scene/scene.hpp"

// Small scenes made in code, with closed-form answers where there are any.

namespace oct::test {

/// Subdivided icosahedron around the origin, vertices on the sphere; faces look outwards. 20 x 4^levels
/// triangles.
SceneMesh make_sphere(float radius, unsigned levels, bool smooth = false);

/// Rectangle centre + [-1, 1] half_u + [-1, 1] half_v, its front where half_u x half_v points; uv from 0
/// to 1.
SceneMesh make_quad(Vec3 center, Vec3 half_u, Vec3 half_v);

/// Fan of `segments` triangles around `center`; its front towards `normal` (+Y or -Y). The corners lie on the
/// circle.
SceneMesh make_disk(Vec3 center, float radius, bool faces_up, unsigned segments);

/// Axis-aligned box, faces outwards, 12 triangles.
SceneMesh make_box(Vec3 lo, Vec3 hi);

/// White and perfectly matte unless told otherwise: no specular lobe.
SceneMaterial matte(Vec3 color);
SceneMaterial emitter(Vec3 radiance, bool front_only = false);
SceneMaterial glass(float ior, float roughness, bool thin_walled);
SceneMaterial metal(Vec3 color, float roughness);

/// A camera at `eye` that looks at `target`.
SceneCamera look_at(Vec3 eye, Vec3 target, Vec3 up, float vertical_fov_degrees);

/// Adds a mesh with a material of its own to the scene, as one instance; returns the instance's index.
std::size_t add_object(Scene& scene, SceneMesh mesh, SceneMaterial material);

SceneEnvironment constant_environment(float radiance);

/// Everything scaled about the origin; radiance stays, intensities of point lights grow with the square.
Scene scaled(const Scene& scene, float factor);

/// A room of a bit of everything: matte walls, area light, glass and metal spheres, an alpha-blended and a
/// textured quad, a point light, instances, thin lens.
Scene small_room();

/// A room of every layer: lacquer with a normal map, velvet, brushed metal, a soap film over metal and glass, a
/// leaf, a wax ball, glass that absorbs and disperses in water, and a lacquered lamp.
Scene layered_room();

}  // namespace oct::test
