// Rays per second and build time of our trees beside Embree's, in one run on one thread.
//
//   octane_bench_trace [TRIANGLES | SCENE] [RAYS]
//
// SCENE is a file; without one the scene is a field of bumpy spheres. Rays are incoherent: random origins in
// the scene's box, random directions. Embree gets all instances as world-space triangles.
#include <embree3/rtcore.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include "base/float_mode.hpp"
#include "compile/compile.hpp"
#include "device/bvh_builder.hpp"
#include "geometry/slab.hpp"
#include "scene/scene.hpp"
#include "trace_closest.hpp"
#include "unit/geometry/random_scenes.hpp"

using namespace oct;
using namespace oct::bench;
using oct::test::Random;

namespace {

/// Processor time, so that other programs on the machine disturb little.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

RenderData sphere_field(u32 triangle_count) {
  RenderData data;
  Random random{1};
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
RenderData scene_of_file(const char* path) {
  const auto fail_with = [&](const Error& error) {
    std::fprintf(stderr, "%s: %s\n", path, error.message.c_str());
    std::exit(1);
  };
  auto imported = import_scene(path);
  if (!imported) fail_with(imported.error());
  ThreadPool pool;
  auto data = compile(imported.value().scene, {}, pool);
  if (!data) fail_with(data.error());
  return std::move(data.value());
}

Bounds3 world_bounds(const RenderData& data) {
  Bounds3 bounds = empty_bounds();
  for (const Instance& instance : data.instances) {
    const Mesh& mesh = data.meshes[instance.mesh];
    for (u32 i = 0; i < mesh.vertex_count; ++i) {
      const Vec3 p = transform_point(instance.world_from_object, data.positions[mesh.first_vertex + i]);
      bounds = merged(bounds, {p, p});
    }
  }
  return bounds;
}

std::vector<Ray> incoherent_rays(const Bounds3& bounds, u32 count) {
  Random random{2};
  std::vector<Ray> rays(count);
  for (Ray& ray : rays) {
    ray.origin = bounds.lo + random.point(0, 1) * (bounds.hi - bounds.lo);
    do ray.direction = random.point(-1, 1);
    while (length_squared(ray.direction) > 1.0f);
    ray.t_min = 0;
    ray.t_max = kInfinity;
    ray.after = {-1, 0, 0};
    ray.exclude_instance = ray.exclude_primitive = kNone;
  }
  return rays;
}

/// Embree's scene over the same triangles, all in world space.
class EmbreeScene {
 public:
  EmbreeScene(const RenderData& data, unsigned threads, RTCSceneFlags flags) {
    device_ = rtcNewDevice(("threads=" + std::to_string(threads)).c_str());
    scene_ = rtcNewScene(device_);
    rtcSetSceneFlags(scene_, flags);
    rtcSetSceneBuildQuality(scene_, RTC_BUILD_QUALITY_MEDIUM);
    for (const Instance& instance : data.instances) add(data, instance);
    build_seconds_ = seconds_of([&] { rtcCommitScene(scene_); });
  }
  ~EmbreeScene() {
    rtcReleaseScene(scene_);
    rtcReleaseDevice(device_);
  }

  double build_seconds() const { return build_seconds_; }

  void closest(const std::vector<Ray>& rays, float* t) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    for (std::size_t i = 0; i < rays.size(); ++i) {
      RTCRayHit query = make_query(rays[i]);
      rtcIntersect1(scene_, &context, &query);
      t[i] = query.hit.geomID == RTC_INVALID_GEOMETRY_ID ? __builtin_huge_valf() : query.ray.tfar;
    }
  }

  std::size_t occluded(const std::vector<Ray>& rays) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    std::size_t count = 0;
    for (const Ray& ray : rays) {
      RTCRay query = make_query(ray).ray;
      rtcOccluded1(scene_, &context, &query);
      count += query.tfar < 0 ? 1 : 0;
    }
    return count;
  }

 private:
  void add(const RenderData& data, const Instance& instance) {
    const Mesh& mesh = data.meshes[instance.mesh];
    const RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
    auto* vertices = static_cast<float*>(rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0,
                                                                 RTC_FORMAT_FLOAT3, 12, mesh.vertex_count));
    auto* triangles = static_cast<u32*>(rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0,
                                                                RTC_FORMAT_UINT3, 12, mesh.triangle_count));
    for (u32 i = 0; i < mesh.vertex_count; ++i) {
      const Vec3 p = transform_point(instance.world_from_object, data.positions[mesh.first_vertex + i]);
      vertices[3 * i] = p.x;
      vertices[3 * i + 1] = p.y;
      vertices[3 * i + 2] = p.z;
    }
    for (u32 i = 0; i < mesh.triangle_count; ++i) {
      for (u32 k = 0; k < 3; ++k) triangles[3 * i + k] = data.triangles[mesh.first_triangle + i].v[k];
    }
    rtcCommitGeometry(geometry);
    rtcAttachGeometry(scene_, geometry);
    rtcReleaseGeometry(geometry);
  }

  static RTCRayHit make_query(const Ray& ray) {
    RTCRayHit query{};
    query.ray = {ray.origin.x,
                 ray.origin.y,
                 ray.origin.z,
                 ray.t_min,
                 ray.direction.x,
                 ray.direction.y,
                 ray.direction.z,
                 0,
                 ray.t_max,
                 ~0u,
                 0,
                 0};
    query.hit.geomID = RTC_INVALID_GEOMETRY_ID;
    query.hit.instID[0] = RTC_INVALID_GEOMETRY_ID;
    return query;
  }

  RTCDevice device_;
  RTCScene scene_;
  double build_seconds_ = 0;
};

/// One of the things that are timed. All take turns, several times, and the best of each counts.
struct Contender {
  const char* name;
  std::function<void()> work;
  double seconds = 1e30;
};

void race(std::vector<Contender>& contenders, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders)
      contender.seconds = std::min(contender.seconds, seconds_of(contender.work));
  }
}

void print(const std::vector<Contender>& contenders, double million_rays) {
  for (const Contender& contender : contenders) {
    std::printf("  %-26s %6.3f million rays/s, %.2f of Embree\n", contender.name,
                million_rays / contender.seconds, contenders[0].seconds / contender.seconds);
  }
}

}  // namespace

int main(int argc, char** argv) {
  set_float_mode();
  const char* what = argc > 1 ? argv[1] : "1000000";
  const auto triangle_count = static_cast<u32>(std::strtoul(what, nullptr, 10));
  const u32 ray_count = argc > 2 ? static_cast<u32>(std::strtoul(argv[2], nullptr, 10)) : 500000;
  const RenderData data = triangle_count > 0 ? sphere_field(triangle_count) : scene_of_file(what);
  const std::vector<Ray> rays = incoherent_rays(world_bounds(data), ray_count);
  std::printf("%zu triangles, %u rays, one thread\n", data.triangles.size(), ray_count);

  ThreadPool one(1);
  ProgressCounter progress{0};
  BvhOptions options;
  HostBvh bvh;
  const double build = seconds_of([&] { bvh = std::move(HostBvh::build(data, one, {}, progress).value()); });
  const EmbreeScene fast(data, 1, RTC_SCENE_FLAG_NONE);
  const EmbreeScene robust(data, 1, RTC_SCENE_FLAG_ROBUST);
  std::printf("build: ours %.3f s (%.0f bytes a triangle, %zu nodes, %zu blocks), Embree %.3f s\n", build,
              static_cast<double>(bvh.byte_size()) / static_cast<double>(data.triangles.size()),
              bvh.wide_node_count(), bvh.block_count(), fast.build_seconds());
  options.wide = false;
  options.compact = true;
  const HostBvh compact = std::move(HostBvh::build(data, one, {}, progress, options).value());

  std::vector<float> t(rays.size());
  std::vector<Hit> hits(rays.size());
  std::vector<u32> masks(rays.size());
  const auto ours = [&](const HostBvh& tree, auto trace) {
    return [&, trace] { trace(tree.view(), rays.data(), rays.size(), hits.data()); };
  };
  std::vector<Contender> closest{{"Embree", [&] { fast.closest(rays, t.data()); }},
                                 {"Embree, robust", [&] { robust.closest(rays, t.data()); }},
                                 {"wide, v3", ours(bvh, kLoopsV3.closest)},
                                 {"wide, v3, batches", ours(bvh, kLoopsV3.closest_batch)},
                                 {"wide, x64, batches", ours(bvh, kLoopsX64.closest_batch)},
                                 {"wide, x64", ours(bvh, kLoopsX64.closest)},
                                 {"compact, v3", ours(compact, kLoopsV3.closest_compact)}};
  race(closest, 4);
  std::printf("closest hit\n");
  print(closest, 1e-6 * ray_count);
  const auto any_hit = [&](auto trace) {
    return [&, trace] { trace(bvh.view(), rays.data(), rays.size(), masks.data()); };
  };
  std::vector<Contender> occluded{{"Embree", [&] { fast.occluded(rays); }},
                                  {"Embree, robust", [&] { robust.occluded(rays); }},
                                  {"wide, v3", any_hit(kLoopsV3.occluded)},
                                  {"wide, v3, batches", any_hit(kLoopsV3.occluded_batch)},
                                  {"wide, x64", any_hit(kLoopsX64.occluded)}};
  race(occluded, 4);
  std::printf("any hit\n");
  print(occluded, 1e-6 * ray_count);
  std::size_t same = 0;
  for (std::size_t i = 0; i < rays.size(); ++i)
    same += std::abs(t[i] - hits[i].t) <= 1e-4f * t[i] || t[i] == hits[i].t ? 1 : 0;
  std::printf("equal distances: %.4f %%\n",
              100.0 * static_cast<double>(same) / static_cast<double>(rays.size()));
  return 0;
}
