#include "gpu/bench/ray_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/thread_pool.hpp"
#include "bench/ray_file.hpp"
#include "device/cuda_scene.hpp"
#include "device/device.hpp"
#include "gpu/bench/ray_variants.hpp"

namespace oct::bench {
namespace {

constexpr int kRounds = 5;
constexpr const char* kGpu = "the GPU";

Result<void> checked(const char* what, cudaError_t error) {
  return check_cuda(kGpu, what, error);
}

/// A scene with a tree of this width in the GPU's memory.
Result<void> load_scene(DeviceScene& scene, SceneLoader& loader, const RenderDataPtr& data, u32 width) {
  scene.data = data;
  const SceneNames names = names_of(*data);
  SceneLoader::adopt(scene, names, {});
  BvhOptions options;
  options.wide = false;
  options.compact = true;
  options.compact_width = width;
  ThreadPool pool;
  ProgressCounter progress{0};
  OCT_TRY_ASSIGN(const HostBvh tree, HostBvh::build(*data, pool, {}, progress, options));
  OCT_TRY(loader.open(kGpu));
  return loader.load(scene, names, &tree, {}, progress);
}

/// Rays of one set in the GPU's memory, with room for what is found.
struct DeviceRays {
  DeviceBuffer rays, hits, blocked, next;

  Result<void> fill(const std::vector<Ray>& from) {
    OCT_TRY(checked("rays cannot be copied", rays.fill(from.data(), from.size() * sizeof(Ray), nullptr)));
    OCT_TRY(checked("no memory for hits", hits.allocate(from.size() * sizeof(Hit))));
    OCT_TRY(checked("no memory for shadows", blocked.allocate(from.size() * sizeof(u32))));
    return checked("no memory for a counter", next.allocate(sizeof(u32)));
  }
};

Result<std::vector<Hit>> hits_of_cpu(Device& cpu, const std::vector<Ray>& rays) {
  std::vector<Hit> hits(rays.size());
  OCT_TRY(cpu.trace(0, rays, hits));
  return hits;
}

bool same_bits(const Hit& a, const Hit& b) {
  if (a.instance != b.instance || a.primitive != b.primitive) return false;
  return std::memcmp(&a.t, &b.t, 3 * sizeof(float)) == 0;  // t, u, v
}

/// Whether the GPU's hits have the bits of the CPU's.
Result<bool> are_equal(const DeviceRays& device, const std::vector<Hit>& expected) {
  std::vector<Hit> hits(expected.size());
  OCT_TRY(checked("hits cannot be read", cudaMemcpy(hits.data(), device.hits.data(),
                                                    hits.size() * sizeof(Hit), cudaMemcpyDeviceToHost)));
  return std::equal(hits.begin(), hits.end(), expected.begin(), &same_bits);
}

/// What may trace the rays of a set.
std::vector<RayVariant> variants_for(const RaySet& set, bool has_instances, u32 width) {
  std::vector<RayVariant> variants;
  for (const bool shadows : {false, true}) {
    if ((shadows && set.name != "shadow" && set.name != "random") || (!shadows && set.name == "shadow"))
      continue;
    for (const bool instances : {false, true}) {
      if (has_instances && !instances) continue;
      variants.push_back({shadows, instances, false, width});
      if (shadows) variants.push_back({shadows, instances, true, width});
    }
  }
  return variants;
}

Result<int> measure_set(Figures& figures, const std::string& scene_name, const DeviceScene& scene,
                        const RaySet& set, const std::vector<Hit>& expected, u32 width) {
  DeviceRays device;
  OCT_TRY(device.fill(set.rays));
  const RecordedRays work{scene.view,
                          scene.tree->bvh,
                          device.rays.as<const Ray>(),
                          static_cast<u32>(set.rays.size()),
                          device.hits.as<Hit>(),
                          device.blocked.as<u32>(),
                          device.next.as<u32>()};
  int faults = 0;
  for (const RayVariant& variant : variants_for(set, scene.tree->bvh.instance_count != 0, width)) {
    const double seconds = trace_seconds(variant, work, kRounds);
    if (seconds < 0) OCT_TRY(checked("recorded rays cannot be traced", cudaGetLastError()));
    figures.add(fmt::format("{}: {} recorded rays, {}", scene_name, set.rays.size(), set.name),
                name_of(variant), 1e-9 * static_cast<double>(set.rays.size()) / seconds, "Grays/s");
    if (variant.shadows) continue;
    OCT_TRY_ASSIGN(const bool equal, are_equal(device, expected));
    if (!equal) fmt::print("{}, {}: {}: OTHER HITS THAN THE CPU'S\n", scene_name, set.name, name_of(variant));
    faults += equal ? 0 : 1;
  }
  return faults;
}

}  // namespace

std::string name_of(const RayVariant& variant) {
  return fmt::format("{}{}{}, {} wide", variant.shadows ? "shadows" : "closest",
                     variant.instances ? ", instances" : "", variant.alpha ? ", alpha" : "", variant.width);
}

Result<int> measure_rays(Figures& figures, const TimeBound& bound, const CarriedScene& carried,
                         const RenderDataPtr& data) {
  OCT_TRY_ASSIGN(const std::vector<RaySet> sets, read_ray_sets(carried.rays));
  OCT_TRY_ASSIGN(const std::unique_ptr<Device> cpu, make_cpu_device({}));
  ProgressCounter progress{0};
  OCT_TRY(cpu->upload(0, data, {}, progress));
  int faults = 0;
  for (const u32 width : {4u, 2u}) {
    if (!bound.allows(5)) {
      figures.leave_out(fmt::format("{}: recorded rays, {} wide", carried.name, width), "no time");
      continue;
    }
    DeviceScene scene;
    SceneLoader loader;
    OCT_TRY(load_scene(scene, loader, data, width));
    for (const RaySet& set : sets) {
      if (set.rays.empty()) continue;
      OCT_TRY_ASSIGN(const std::vector<Hit> expected, hits_of_cpu(*cpu, set.rays));
      OCT_TRY_ASSIGN(const int others, measure_set(figures, carried.name, scene, set, expected, width));
      faults += others;
    }
  }
  return faults;
}

}  // namespace oct::bench
