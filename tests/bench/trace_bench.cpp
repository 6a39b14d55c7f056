// Rays per second and build time of our trees beside Embree's, in one run on one thread.
//
//   octane_bench_trace [TRIANGLES | SCENE] [RAYS]
//
// SCENE is a file; without one the scene is a field of bumpy spheres. Rays are incoherent: random origins in
// the scene's box, random directions. Embree gets all instances as world-space triangles.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "base/float_mode.hpp"
#include "device/bvh_builder.hpp"
#include "embree_scene.hpp"
#include "trace_closest.hpp"

using namespace oct;
using namespace oct::bench;

namespace {

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
  const u32 ray_count = argc > 2 ? static_cast<u32>(std::strtoul(argv[2], nullptr, 10)) : 500000;
  const RenderData data = scene_named(what);
  const std::vector<Ray> rays = incoherent_rays(world_bounds(data), ray_count);
  std::printf("%zu triangles, %u rays, one thread\n", data.triangles.size(), ray_count);

  ThreadPool one(1);
  ProgressCounter progress{0};
  BvhOptions options;
  HostBvh bvh;
  const double build = seconds_of([&] { bvh = std::move(HostBvh::build(data, one, {}, progress).value()); });
  EmbreeScene fast(data, 1, RTC_SCENE_FLAG_NONE);
  EmbreeScene robust(data, 1, RTC_SCENE_FLAG_ROBUST);
  const double embree_build = seconds_of([&] { fast.build(); });
  robust.build();
  std::printf("build: ours %.3f s (%.0f bytes a triangle, %zu nodes, %zu blocks), Embree %.3f s\n", build,
              static_cast<double>(bvh.byte_size()) / static_cast<double>(data.triangles.size()),
              bvh.wide_node_count(), bvh.block_count(), embree_build);
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
