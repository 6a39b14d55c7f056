#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>

#include "device/bvh_builder.hpp"
#include "device/cpu_info.hpp"
#include "geometry/query.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"
#include "trace_rays.hpp"

// The hit definition (docs/decisions/0011-hit-definition.md) against every structure that finds hits.

using namespace oct;
using namespace oct::test;

namespace {

/// The definition itself: all triangles of all instances, one after the other.
class BruteForce {
 public:
  explicit BruteForce(const RenderData& data) : data_(data) {
    for (u32 i = 0; i < data.instances.size(); ++i) prepare(i);
  }

  template <class Query>
  void run(const Ray& ray, Query& query) const {
    if (!within_limits(ray.origin, ray.direction)) return;
    const Level world = world_level(ray);
    for (const Part& part : parts_) {
      Level level = world;
      if (!part.baked && !enter_instance(ray, world.frame.slab, part.instance, &level)) continue;
      for (const Item& item : part.items) {
        const Corners& t = item.corners;
        if (report_triangle(level, t.a, t.b, t.c, part.instance.instance, item.primitive, query)) return;
      }
    }
  }

 private:
  struct Item {
    Corners corners;
    u32 primitive;
  };
  struct Part {
    bool baked;
    BvhInstance instance;
    std::vector<Item> items;
  };

  void prepare(u32 index) {
    const Instance& instance = data_.instances[index];
    const Mesh& mesh = data_.meshes[instance.mesh];
    Part part{(instance.flags & kInstanceBaked) != 0, {instance.object_from_world, {}, 0, 0, index, {}}, {}};
    Bounds3 bounds = empty_bounds();
    for (u32 primitive = 0; primitive < mesh.triangle_count; ++primitive) {
      const Triangle& triangle = data_.triangles[mesh.first_triangle + primitive];
      const auto corner = [&](u32 k) {
        const Vec3 p = data_.positions[mesh.first_vertex + triangle.v[k]];
        return part.baked ? transform_point(instance.world_from_object, p) : p;
      };
      const Corners t{corner(0), corner(1), corner(2)};
      if (!is_hittable(t.a, t.b, t.c)) continue;
      part.items.push_back({t, primitive});
      bounds = merged(bounds, triangle_box(t.a, t.b, t.c));
    }
    if (part.items.empty()) return;
    if (!part.baked) {
      part.instance.box = instance_box(instance.world_from_object, bounds);
      if (!is_hittable(part.instance.box)) return;
    }
    parts_.push_back(std::move(part));
  }

  const RenderData& data_;
  std::vector<Part> parts_;
};

/// Picks how many of `count` primitives go left, after reordering them as it likes.
using Splitter = std::function<u32(BvhPrimitive* primitives, u32 count, u32 depth)>;

LargeArray<PrimitiveId> ids_of(const LargeArray<BvhPrimitive>& primitives) {
  LargeArray<PrimitiveId> ids(primitives.size());
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = {primitives[i].instance, primitives[i].primitive};
  return ids;
}

/// A binary tree by any rule of splitting.
TreeMaker tree_by(Splitter splitter) {
  return [splitter](LargeArray<BvhPrimitive> primitives, ThreadPool*, std::stop_token,
                    ProgressCounter&) -> Result<BinaryTree> {
    std::vector<BinaryNode> nodes(1);
    struct Item {
      u32 node, begin, end, depth;
    };
    std::vector<Item> waiting{{0, 0, static_cast<u32>(primitives.size()), 0}};
    while (!waiting.empty()) {
      const Item item = waiting.back();
      waiting.pop_back();
      Bounds3 bounds = empty_bounds();
      for (u32 i = item.begin; i < item.end; ++i)
        bounds = merged(bounds, {primitives[i].lo, primitives[i].hi});
      const u32 count = item.end - item.begin;
      nodes[item.node] = {bounds, item.begin, count};
      if (count == 1) continue;
      const u32 middle = item.begin + splitter(primitives.data() + item.begin, count, item.depth);
      const auto first = static_cast<u32>(nodes.size());
      nodes.resize(first + 2);
      nodes[item.node].first = first;
      nodes[item.node].count = 0;
      waiting.push_back({first + 1, middle, item.end, item.depth + 1});
      waiting.push_back({first, item.begin, middle, item.depth + 1});
    }
    LargeArray<BinaryNode> copy(nodes.size());
    std::copy(nodes.begin(), nodes.end(), copy.data());
    return BinaryTree{ids_of(primitives), std::move(copy)};
  };
}

void shuffle(BvhPrimitive* primitives, u32 count, Random& random) {
  for (u32 i = count; i > 1; --i) std::swap(primitives[i - 1], primitives[random.below(i)]);
}

struct NamedMaker {
  std::string name;
  TreeMaker make;
};

std::vector<NamedMaker> tree_makers(u64 seed) {
  const auto random = std::make_shared<Random>(Random{seed});
  return {
      {"our own", build_binary_tree},
      {"random halves", tree_by([random](BvhPrimitive* p, u32 count, u32) {
         shuffle(p, count, *random);
         return count / 2;
       })},
      {"random topology", tree_by([random](BvhPrimitive* p, u32 count, u32 depth) {
         if (depth < 2) shuffle(p, count, *random);
         return depth > 24 ? count / 2 : 1 + random->below(count - 1);
       })},
      {"medians of a random axis", tree_by([random](BvhPrimitive* p, u32 count, u32) {
         const u32 axis = random->below(3);
         std::sort(p, p + count, [&](const BvhPrimitive& a, const BvhPrimitive& b) {
           return component(a.lo, axis) < component(b.lo, axis);
         });
         return std::max(1u, count / 3);
       })},
      {"chain", tree_by([](BvhPrimitive*, u32 count, u32 depth) { return depth < 36 ? 1 : count / 2; })},
  };
}

HostBvh build_both(const RenderData& data, const TreeMaker& make, u32 compact_width) {
  ThreadPool pool(2);
  ProgressCounter progress{0};
  BvhOptions options;
  options.compact = true;
  options.compact_width = compact_width;
  options.make_tree = make;
  auto bvh = HostBvh::build(data, pool, {}, progress, options);
  REQUIRE(bvh.has_value());
  return std::move(bvh.value());
}

/// With wide nodes each, and compact ones of kCompactWidths.
using AllFormats = std::array<HostBvh, std::size(kCompactWidths)>;

AllFormats build_all(const RenderData& data, const TreeMaker& make) {
  return {build_both(data, make, kCompactWidths[0]), build_both(data, make, kCompactWidths[1])};
}

bool same_bits(const Hit& a, const Hit& b) {
  return std::memcmp(&a, &b, sizeof(Hit)) == 0;
}

/// What was found by brute force, per ray.
struct Truth {
  std::vector<Hit> hits;
  std::vector<u32> masks;

  Truth(const RenderData& data, const std::vector<Ray>& rays) {
    const BruteForce all(data);
    const auto filter = [](const Hit& hit) { return blocked_by(hit); };
    for (const Ray& ray : rays) {
      ClosestQuery closest = closest_query(ray);
      all.run(ray, closest);
      hits.push_back(closest.best);
      OcclusionQuery<decltype(filter)> occlusion{&ray, &filter, 0};
      all.run(ray, occlusion);
      masks.push_back(occlusion.blocked);
    }
  }

  std::size_t hit_count() const {
    return static_cast<std::size_t>(
        std::count_if(hits.begin(), hits.end(), [](const Hit& h) { return h.instance != kNone; }));
  }
};

u32 count_differences(const Truth& truth, const SceneBvh& bvh, const std::vector<Ray>& rays,
                      const Tracer& tracer) {
  u32 differences = 0;
  std::vector<Hit> hits(rays.size());
  std::vector<u32> masks(rays.size());
  for (const TraceClosest trace : tracer.closest) {
    trace(bvh, rays.data(), rays.size(), hits.data());
    for (std::size_t i = 0; i < rays.size(); ++i) differences += same_bits(hits[i], truth.hits[i]) ? 0 : 1;
  }
  for (const TraceOcclusion trace : tracer.occlusion) {
    trace(bvh, rays.data(), rays.size(), masks.data());
    for (std::size_t i = 0; i < rays.size(); ++i) differences += masks[i] == truth.masks[i] ? 0 : 1;
  }
  return differences;
}

/// Rays by what those of a packet must share: the signs of directions and the largest axis.
std::vector<std::size_t> order_by_class(const std::vector<Ray>& rays) {
  const auto key = [&](std::size_t i) {
    const Vec3 d = rays[i].direction;
    return std::array{largest_axis(d), u32{std::signbit(d.x)}, u32{std::signbit(d.y)},
                      u32{std::signbit(d.z)}};
  };
  std::vector<std::size_t> order(rays.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return order;
}

/// The same for all walks of an instruction set: `bvh` has wide nodes and compact ones of each width.
u32 count_differences(const Truth& truth, const AllFormats& bvh, const std::vector<Ray>& rays,
                      const Tracers& tracers) {
  u32 differences = count_differences(truth, bvh[0].view(), rays, tracers.wide);
  const std::vector<std::size_t> order = order_by_class(rays);
  std::vector<Ray> sorted;
  for (const std::size_t i : order) sorted.push_back(rays[i]);
  std::vector<Hit> hits(rays.size());
  tracers.coherent(bvh[0].view(), sorted.data(), sorted.size(), hits.data());
  for (std::size_t i = 0; i < rays.size(); ++i)
    differences += same_bits(hits[i], truth.hits[order[i]]) ? 0 : 1;
  for (std::size_t i = 0; i < std::size(kCompactWidths); ++i) {
    differences += count_differences(truth, bvh[i].view(), rays, tracers.compact[i]);
  }
  return differences;
}

/// Every shape, near and far, with and without instances: all trees, formats and instruction sets against the
/// truth.
void compare_all(u32 rays_each, u64 seed) {
  for (const Shapes shapes : kAllShapes) {
    for (const float offset : {0.0f, 1e5f}) {
      for (const bool instances : {false, true}) {
        const SceneRecipe recipe{shapes, offset, instances, instances ? 30u : 200u};
        const RenderData data = make_scene(recipe, seed);
        const std::vector<Ray> rays = make_rays(data, rays_each, seed + 1);
        const Truth truth(data, rays);
        CAPTURE(name_of(shapes), offset, instances, seed);
        CHECK(truth.hit_count() > rays.size() / 200);
        for (const NamedMaker& maker : tree_makers(seed)) {
          CAPTURE(maker.name);
          const AllFormats bvh = build_all(data, maker.make);
          CHECK(count_differences(truth, bvh, rays, kTracersX64) == 0);
          if (cpu_runs_v3()) CHECK(count_differences(truth, bvh, rays, kTracersV3) == 0);
        }
        ++seed;
      }
    }
  }
}

}  // namespace

TEST_CASE("every tree, node format and instruction set gives the hits of brute force", "[geometry]") {
  compare_all(1500, 1);
}

TEST_CASE("a million rays show not one difference from brute force", "[geometry][slow]") {
  for (u64 round = 0; round < 12; ++round) compare_all(3500, 1000 * (round + 1));
}

TEST_CASE("triangles so small that their boxes have no pad are hit as the definition says", "[geometry]") {
  RenderData data = make_scene({Shapes::axis_aligned, 0.0f, false, 60}, 5);
  for (Vec3& p : data.positions.edit()) p = p * 0x1p-133f;
  std::vector<Ray> rays = make_rays(data, 2000, 6);
  for (std::size_t i = 0; i < rays.size(); i += 2) rays[i].origin = rays[i].origin * 0x1p-133f;
  for (std::size_t i = 0; i < rays.size(); i += 4) rays[i].origin = {0.0f, -0.0f, 0.0f};
  const Truth truth(data, rays);
  CHECK(truth.hit_count() > 50);
  const AllFormats bvh = build_all(data, build_binary_tree);
  CHECK(count_differences(truth, bvh, rays, kTracersX64) == 0);
  if (cpu_runs_v3()) CHECK(count_differences(truth, bvh, rays, kTracersV3) == 0);
}

TEST_CASE("a range that is empty or holds what is not a number lets nothing count, and ends", "[geometry]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (const bool instances : {false, true}) {
    const RenderData data = make_scene({Shapes::soup, 0.0f, instances, 200}, 3);
    std::vector<Ray> rays = make_rays(data, 700, 4);
    for (std::size_t i = 0; i < rays.size(); ++i) {
      if (i % 7 == 0) rays[i].t_max = kNaN;
      if (i % 7 == 1) rays[i].t_min = kNaN;
      if (i % 7 == 2) rays[i].t_min = 2.0f, rays[i].t_max = 1.0f;
      if (i % 7 == 3) rays[i].t_min = rays[i].t_max = -kInfinity;
      if (i % 7 == 4) rays[i].after.t = kNaN;
      if (i % 7 == 5) rays[i].t_min = -kInfinity, rays[i].t_max = -0.5f;
    }
    Truth truth(data, rays);
    const AllFormats bvh = build_all(data, build_binary_tree);
    for (std::size_t i = 0; i < rays.size(); ++i) {
      if (i % 7 < 5) CHECK(truth.hits[i].instance == kNone);
    }
    CHECK(count_differences(truth, bvh, rays, kTracersX64) == 0);
    if (cpu_runs_v3()) CHECK(count_differences(truth, bvh, rays, kTracersV3) == 0);
  }
}

TEST_CASE("what rays of a packet may pass, its bounds let pass, and not later", "[geometry]") {
  if (!cpu_runs_v3()) return;
  BoundsCount all{};
  for (const Shapes shapes : kAllShapes) {
    for (const float offset : {0.0f, 1e5f}) {
      const RenderData data = make_scene({shapes, offset, false, 150}, 31);
      const AllFormats bvh = build_all(data, build_binary_tree);
      const std::vector<Ray> mixed = make_rays(data, 30000, 32);
      std::vector<Ray> rays;
      for (const std::size_t i : order_by_class(mixed)) rays.push_back(mixed[i]);
      const BoundsCount count = count_bounds_v3(rays.data(), rays.size(), bvh[0].view().wide_nodes,
                                                std::min<std::size_t>(bvh[0].wide_node_count(), 20));
      all = {all.passes + count.passes, all.violations + count.violations, all.kept_out + count.kept_out};
    }
  }
  CHECK(all.passes > 10000);
  CHECK(all.kept_out > 10000);
  CHECK(all.violations == 0);
}

TEST_CASE("rays at edges and corners of closed meshes do not slip through", "[geometry]") {
  for (const float offset : {0.0f, 1e5f}) {
    for (const bool instances : {false, true}) {
      const RenderData data = make_scene({Shapes::closed_mesh, offset, instances, 600}, 77);
      const AllFormats bvh = build_all(data, build_binary_tree);
      Random random{5};
      std::vector<Ray> rays;
      for (u32 i = 0; i < 20000; ++i) {
        const u32 instance = random.below(static_cast<u32>(data.instances.size()));
        const Mesh& mesh = data.meshes[data.instances[instance].mesh];
        const Corners t = corners_of(data, instance, random.below(mesh.triangle_count));
        const Vec3 object_origin =
            offset != 0.0f && !instances ? Vec3{offset, -offset, 0.5f * offset} : Vec3{0, 0, 0};
        Ray ray{};
        ray.origin = transform_point(data.instances[instance].world_from_object, object_origin);
        const float along = random.below(3) == 0 ? 0.0f : random.unit();
        ray.direction = t.a + (t.b - t.a) * along - ray.origin;
        ray.t_max = kInfinity;
        ray.after = {-1.0f, 0, 0};
        ray.exclude_instance = ray.exclude_primitive = kNone;
        rays.push_back(ray);
      }
      std::vector<Hit> hits(rays.size());
      const auto count_leaks = [&](const HostBvh& tree, const Tracer& tracer) {
        std::ptrdiff_t leaks = 0;
        for (const TraceClosest trace : tracer.closest) {
          trace(tree.view(), rays.data(), rays.size(), hits.data());
          leaks += std::count_if(hits.begin(), hits.end(), [](const Hit& h) { return h.instance == kNone; });
        }
        return leaks;
      };
      CAPTURE(offset, instances);
      CHECK(count_leaks(bvh[0], kTracersX64.wide) == 0);
      for (std::size_t i = 0; i < bvh.size(); ++i) CHECK(count_leaks(bvh[i], kTracersX64.compact[i]) == 0);
    }
  }
}
