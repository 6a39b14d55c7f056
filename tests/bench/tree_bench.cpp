// Trees: how long they take to build, how much memory, and how good they are, beside Embree's (kHelp below).
#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

#include "base/float_mode.hpp"
#include "bench_help.hpp"
#include "bench_scenes.hpp"
#include "device/boxes.hpp"
#include "device/bvh_builder.hpp"
#include "geometry/traverse.hpp"
#include "ray_sets.hpp"
#if defined(OCT_HAVE_EMBREE)
#include "embree_scene.hpp"
#endif

using namespace oct;
using namespace oct::bench;

namespace {

constexpr const char* kHelp =
    R"(usage: octane_bench_trees [TRIANGLES | SCENE] [THREADS] [ROUNDS] [RAYS] [alone]

How long trees take to build, how much memory, and how good they are, beside Embree's.

  TRIANGLES  of a field of bumpy spheres, about so many; unless given 1000000
  SCENE      a file in its place
  THREADS    that build; unless given 2
  ROUNDS     each builds one tree of every kind in turn, medians count; unless given 5
  RAYS       random ones whose visits are counted; unless given 100000
  alone      leaves Embree out

Wall time is right on an idle machine, processor time (of all threads) on any. Embree gets all instances as world-space
triangles and copies no corners; ours writes blocks of corners. Cost is what a random long ray is expected to visit: 1
for a node and 0.6 for a block of triangles, by surface.
)";

/// Of the clock, and of the processor, all threads together.
struct Seconds {
  double wall, processor;
};

Seconds seconds_of(const std::function<void()>& work) {
  const std::clock_t processor = std::clock();
  const auto start = std::chrono::steady_clock::now();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC};
}

/// One of the things that are built in turn.
struct Contender {
  const char* name;
  std::function<Seconds()> build;
  std::vector<double> wall = {}, processor = {};

  void take_turn() {
    const Seconds seconds = build();
    wall.push_back(seconds.wall);
    processor.push_back(seconds.processor);
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0.0 : values[values.size() / 2];
}

/// The expected cost of what is below a reference, and its box.
struct Expected {
  double cost = 0;
  Bounds3 box = empty_bounds();
};

Expected expected_below(const SceneBvh& bvh, u32 ref) {
  Expected all;
  for (u32 slot = 0; slot < kBvhWidth; ++slot) {
    const WideNode& node = bvh.wide_nodes[ref];
    const u32 child = node.child[slot];
    if (child == kNone) continue;
    const Bounds3 box{{node.bounds[0][0][slot], node.bounds[1][0][slot], node.bounds[2][0][slot]},
                      {node.bounds[0][1][slot], node.bounds[1][1][slot], node.bounds[2][1][slot]}};
    all.box = merged(all.box, box);
    const u32 kind = child & kRefKindMask;
    if (kind == kRefBlocks) all.cost += half_area(box) * 0.6 * (1 + (child >> kRefCountShift & 3));
    if (kind == kRefInstance) all.cost += half_area(box);
    if (kind == kRefNode) all.cost += expected_below(bvh, child).cost;
  }
  all.cost += half_area(all.box);
  return all;
}

/// What rays visit.
struct Visits {
  double nodes = 0, blocks = 0, instances = 0;
};

/// As visit_nodes(), counting.
bool count_nodes(WideWalk<ClosestQuery>& walk, const SceneBvh& bvh, Visits* visits) {
  const WideSlabRay slab = wide_slab_ray(level_of(walk).frame.slab);
  do {
    ++visits->nodes;
    const WideNode& node = bvh.wide_nodes[walk.ref];
    Float8 near;
    const u32 bits = pass_boxes(node, slab, broadcast8(walk.lower), broadcast8(walk.upper), &near);
    if (bits == 0) return take_child(walk);
    walk.top = push_others<true>(node, bits, near, walk.top, &walk.ref);
  } while ((walk.ref & kRefKindMask) == kRefNode);
  return true;
}

void count_visits(const SceneBvh& bvh, const Ray& ray, Visits* visits) {
  ClosestQuery query = closest_query(ray);
  WideWalk<ClosestQuery> walk;
  start_walk(walk, bvh, ray, query);
  for (bool on = true; on;) {
    const u32 kind = walk.ref & kRefKindMask;
    if (kind == kRefBlocks) visits->blocks += 1 + (walk.ref >> kRefCountShift & 3);
    if (kind == kRefInstance) ++visits->instances;
    on = kind == kRefNode ? count_nodes(walk, bvh, visits) : step(walk, bvh);
  }
}

/// On average, of rays from anywhere to anywhere.
Visits mean_visits(const RenderData& data, const SceneBvh& bvh, u32 ray_count) {
  Visits visits;
  for (const Ray& ray : random_rays(data, ray_count).rays) count_visits(bvh, ray, &visits);
  return {visits.nodes / ray_count, visits.blocks / ray_count, visits.instances / ray_count};
}

/// Resident memory, kB: "VmRSS:" now, "VmHWM:" at most since forget_peak(). 0 where the system does not say.
long memory_line(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::strtol(line.c_str() + name.size(), nullptr, 10);
  return 0;
}

void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

HostBvh build_ours(const RenderData& data, ThreadPool& pool) {
  ProgressCounter progress{0};
  return std::move(HostBvh::build(data, pool, {}, progress).value());
}

void report_tree(const RenderData& data, ThreadPool& pool, u32 ray_count) {
  forget_peak();
  const long before = memory_line("VmRSS:");
  const HostBvh bvh = build_ours(data, pool);
  const long peak = memory_line("VmHWM:") - before;
  u64 triangles = 0;
  for (const Instance& instance : data.instances) {
    const bool baked = (instance.flags & kInstanceBaked) != 0;
    triangles += baked ? data.meshes[instance.mesh].triangle_count : 0;
  }
  const auto each = static_cast<double>(std::max<u64>(triangles, data.triangles.size()));
  const SceneBvh view = bvh.view();
  const Expected expected = expected_below(view, view.wide_root);
  const Visits visits = mean_visits(data, view, ray_count);
  std::printf("tree: %zu nodes, %zu blocks, %.1f bytes a triangle, %.1f at the peak\n", bvh.wide_node_count(),
              bvh.block_count(), static_cast<double>(bvh.byte_size()) / each,
              1024.0 * static_cast<double>(peak) / each);
  std::printf("cost %.3f; a ray visits %.2f nodes, %.2f blocks, %.2f instances\n",
              expected.cost / half_area(expected.box), visits.nodes, visits.blocks, visits.instances);
}

/// Exits with a message for what is not one.
u32 positive_number(const char* text) {
  const auto value = static_cast<u32>(std::strtoul(text, nullptr, 10));
  if (value > 0) return value;
  std::fprintf(stderr, "error: %s is not a number above zero\n%s", text, kHelp);
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  answer_help(argc, argv, kHelp);
  set_float_mode();
  const auto number = [&](int at, u32 otherwise) {
    return argc > at ? positive_number(argv[at]) : otherwise;
  };
  const RenderDataPtr scene = scene_named(argc > 1 ? argv[1] : "1000000");
  const RenderData& data = *scene;
  const u32 threads = number(2, 2), rounds = number(3, 5);
  std::printf("%zu triangles, %u threads, medians of %u rounds\n", data.triangles.size(), threads, rounds);
  ThreadPool pool(threads);
  report_tree(data, pool, number(4, 100000));

  std::vector<Contender> contenders{{"ours", [&] { return seconds_of([&] { build_ours(data, pool); }); }}};
#if defined(OCT_HAVE_EMBREE)
  const auto embree = [&](RTCBuildQuality quality) {
    return [&, quality] {
      const EmbreeScene built(data, threads, quality);
      return Seconds{built.build_seconds(), built.build_cpu_seconds()};
    };
  };
  if (argc <= 5) {
    contenders.push_back({"Embree, medium", embree(RTC_BUILD_QUALITY_MEDIUM)});
    contenders.push_back({"Embree, high", embree(RTC_BUILD_QUALITY_HIGH)});
    contenders.push_back({"Embree, low", embree(RTC_BUILD_QUALITY_LOW)});
  }
#endif
  for (u32 round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) contender.take_turn();
  for (const Contender& contender : contenders) {
    const double wall = median(contender.wall), processor = median(contender.processor);
    std::printf("%-16s %7.1f ms, ours %5.2f times as fast; processor %7.1f ms, %5.2f times\n", contender.name,
                1e3 * wall, wall / median(contenders[0].wall), 1e3 * processor,
                processor / median(contenders[0].processor));
  }
  return 0;
}
