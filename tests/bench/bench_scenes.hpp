#pragma once
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "master/scene_loader.hpp"
#include "unit/geometry/random_scenes.hpp"

// What is timed: scenes of files or made here.

namespace oct::bench {

inline RenderData sphere_field(u32 triangle_count) {
  RenderData data;
  test::Random random{1};
  const u32 spheres = 256;
  for (u32 i = 0; i < spheres; ++i) {
    const Vec3 centre = random.point(-10, 10);
    test::add_bumpy_sphere(centre, random.within(0.3f, 2.0f), triangle_count / spheres, random.bits(),
                           &data.positions.edit(), &data.triangles.edit());
  }
  Mesh mesh{};
  mesh.vertex_count = static_cast<u32>(data.positions.size());
  mesh.triangle_count = static_cast<u32>(data.triangles.size());
  data.meshes.edit().push_back(mesh);
  Instance instance{};
  instance.world_from_object = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  instance.object_from_world = instance.world_from_object;
  instance.flags = kInstanceBaked;
  data.instances.edit().push_back(instance);
  return data;
}

/// Exits with a message if the file cannot be read.
inline RenderDataPtr scene_of_file(const char* path) {
  SceneChoice choice;
  choice.path = path;
  ThreadPool pool;
  ExitCode code;
  const auto scene = load_scene(choice, pool, code);
  if (scene) return scene.value().data();
  std::fprintf(stderr, "%s: %s\n", path, scene.error().message.c_str());
  std::exit(1);
}

/// A file's scene, or for a number a field of about so many triangles.
inline RenderDataPtr scene_named(const char* what) {
  const auto triangle_count = static_cast<u32>(std::strtoul(what, nullptr, 10));
  return triangle_count > 0 ? std::make_shared<const RenderData>(sphere_field(triangle_count))
                            : scene_of_file(what);
}

}  // namespace oct::bench
