#include "device/bvh_builder.hpp"

#include <cstring>
#include <limits>
#include <set>

#include "device/boxes.hpp"
#include "device/cpu_info.hpp"
#include "geometry/slab.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"
#include "trace_rays.hpp"

using namespace oct;
using namespace oct::test;

namespace {

HostBvh build(const RenderData& data, unsigned threads = 2) {
  ThreadPool pool(threads);
  ProgressCounter progress{0};
  BvhOptions options;
  options.compact = true;
  auto bvh = HostBvh::build(data, pool, {}, progress, options);
  REQUIRE(bvh.has_value());
  CHECK(progress > 0);
  return std::move(bvh.value());
}

RenderData scene_of(const std::vector<Vec3>& positions, const std::vector<Triangle>& triangles,
                    bool baked = true) {
  RenderData data;
  data.positions = positions;
  data.triangles = triangles;
  Mesh mesh{};
  mesh.vertex_count = static_cast<u32>(positions.size());
  mesh.triangle_count = static_cast<u32>(triangles.size());
  data.meshes.edit().push_back(mesh);
  Instance instance{};
  instance.world_from_object = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  instance.object_from_world = instance.world_from_object;
  instance.flags = baked ? kInstanceBaked : 0u;
  data.instances.edit().push_back(instance);
  return data;
}

Ray ray_along(Vec3 origin, Vec3 direction) {
  return {origin, 0.0f, direction, kInfinity, {-1.0f, 0, 0}, kNone, kNone};
}

Hit first_hit(const HostBvh& bvh, const Ray& ray) {
  Hit wide;
  kTracersX64.wide.closest[0](bvh.view(), &ray, 1, &wide);
  for (const TraceClosest trace : {kTracersX64.wide.closest[1], compact_tracer(kTracersX64).closest[0],
                                   compact_tracer(kTracersX64).closest[1]}) {
    Hit hit;
    trace(bvh.view(), &ray, 1, &hit);
    CHECK(std::memcmp(&wide, &hit, sizeof wide) == 0);
  }
  return wide;
}

/// Every primitive of a wide tree, by (instance, primitive), with its depth checked on the way.
struct WideTreeCheck {
  const SceneBvh& bvh;
  std::multiset<std::pair<u32, u32>> triangles = {};
  u32 depth = 0;
  bool boxes_enclose = true;
  bool blockers_last = true;  ///< children of a node by their surface for each triangle

  Bounds3 visit(u32 ref, u32 level) {
    if ((ref & kRefKindMask) == kRefBlocks) return visit_leaf(ref);
    depth = std::max(depth, level);
    Bounds3 all = empty_bounds();
    std::size_t before = triangles.size();
    float worth_before = 0;
    for (u32 slot = 0; slot < kBvhWidth; ++slot) {
      const WideNode& node = bvh.wide_nodes[ref];
      if (node.child[slot] == kNone) continue;
      const Bounds3 box{{node.bounds[0][0][slot], node.bounds[1][0][slot], node.bounds[2][0][slot]},
                        {node.bounds[0][1][slot], node.bounds[1][1][slot], node.bounds[2][1][slot]}};
      boxes_enclose = boxes_enclose && encloses(box, visit(node.child[slot], level + 1));
      all = merged(all, box);
      const float worth = half_area(box) / static_cast<float>(triangles.size() - before);
      blockers_last = blockers_last && worth >= worth_before;
      worth_before = worth;
      before = triangles.size();
    }
    return all;
  }

  Bounds3 visit_leaf(u32 ref) {
    Bounds3 all = empty_bounds();
    const u32 first = ref & kRefIndexMask;
    for (u32 index = first; index <= first + ((ref >> kRefCountShift) & 3u); ++index) {
      const TriangleBlock& block = bvh.blocks[index];
      for (u32 lane = 0; lane < kBlockWidth; ++lane) {
        if (block.primitive[lane] == kNone) continue;
        triangles.insert({block.instance[lane], block.primitive[lane]});
        const auto corner = [&](u32 k) {
          return Vec3{block.corner[k][0][lane], block.corner[k][1][lane], block.corner[k][2][lane]};
        };
        all = merged(all, triangle_box(corner(0), corner(1), corner(2)));
      }
    }
    return all;
  }
};

void check_wide_tree(const HostBvh& bvh, std::size_t triangle_count) {
  const SceneBvh view = bvh.view();
  WideTreeCheck check{view};
  check.visit(view.wide_root, 1);
  CHECK(check.boxes_enclose);
  CHECK(check.blockers_last);
  CHECK(check.depth <= kBvhMostDepth);
  CHECK(check.triangles.size() == triangle_count);
  CHECK(std::set(check.triangles.begin(), check.triangles.end()).size() == triangle_count);
}

}  // namespace

TEST_CASE("an empty scene is built and never hit", "[geometry]") {
  const HostBvh empty = build({});
  CHECK(first_hit(empty, ray_along({0, 0, 0}, {0, 0, 1})).instance == kNone);
  const HostBvh no_triangles = build(scene_of({{0, 0, 0}}, {}));
  CHECK(first_hit(no_triangles, ray_along({0, 0, -1}, {0, 0, 1})).instance == kNone);
  const HostBvh empty_instance = build(scene_of({{0, 0, 0}}, {}, false));
  CHECK(first_hit(empty_instance, ray_along({0, 0, -1}, {0, 0, 1})).instance == kNone);
}

TEST_CASE("triangles without area and beyond the limits are dropped, the others are found", "[geometry]") {
  const float far = 3e18f;
  const std::vector<Vec3> positions{{0, 0, 1}, {1, 0, 1}, {0, 1, 1}, {far, 0, 0}, {1e38f, 3e38f, -3e38f}};
  const std::vector<Triangle> triangles{{{0, 0, 1}}, {{1, 1, 1}}, {{0, 1, 3}}, {{2, 1, 4}}, {{0, 1, 2}}};
  for (const bool baked : {true, false}) {
    const HostBvh bvh = build(scene_of(positions, triangles, baked));
    CHECK(bvh.compact_triangle_count() == (baked ? 1u : 2u));  // an instance takes one entry
    const Hit hit = first_hit(bvh, ray_along({0.25f, 0.25f, 0}, {0, 0, 1}));
    CHECK(hit.primitive == 4);
    CHECK(hit.t == 1.0f);
    CHECK(hit.u == 0.25f);
    CHECK(hit.v == 0.25f);
  }
}

TEST_CASE("rays that are not finite, too long or without direction hit nothing", "[geometry]") {
  const HostBvh bvh = build(scene_of({{0, 0, 1}, {1, 0, 1}, {0, 1, 1}}, {{{0, 1, 2}}}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Vec3 inside{0.25f, 0.25f, 0};
  for (const float bad : {nan, kInfinity, -kInfinity, 1e30f}) {
    CHECK(first_hit(bvh, ray_along({bad, 0.25f, 0}, {0, 0, 1})).instance == kNone);
    CHECK(first_hit(bvh, ray_along(inside, {0, 0, bad})).instance == kNone);
    CHECK(first_hit(bvh, ray_along(inside, {bad, 0, 1})).instance == kNone);
  }
  CHECK(first_hit(bvh, ray_along(inside, {0, 0, 0})).instance == kNone);
  CHECK(first_hit(bvh, ray_along(inside, {0, 0, 1e-12f})).instance == 0);
}

TEST_CASE("fifty thousand triangles in one place: the same one wins in every structure", "[geometry]") {
  const std::vector<Triangle> copies(50000, Triangle{{0, 1, 2}});
  const HostBvh bvh = build(scene_of({{0, 0, 1}, {1, 0, 1}, {0, 1, 1}}, copies));
  check_wide_tree(bvh, copies.size());
  CHECK(first_hit(bvh, ray_along({0.25f, 0.25f, 0}, {0, 0, 1})).primitive == 0);
  Ray behind = ray_along({0.25f, 0.25f, 0}, {0, 0, 1});
  behind.after = {1.0f, 0, 776};
  behind.exclude_instance = 0;
  behind.exclude_primitive = 777;
  CHECK(first_hit(bvh, behind).primitive == 778);
}

TEST_CASE("sizes that double again and again do not make the tree deep", "[geometry]") {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;
  for (u32 i = 0; i < 3000; ++i) {
    const float size = __builtin_ldexpf(1.0f + static_cast<float>(i) * 1e-5f, static_cast<int>(i % 110) - 56);
    const auto first = static_cast<u32>(positions.size());
    positions.insert(positions.end(), {{size, 0, size}, {size, size, 0}, {0, size, size}});
    triangles.push_back({{first, first + 1, first + 2}});
  }
  check_wide_tree(build(scene_of(positions, triangles)), triangles.size());
}

TEST_CASE("a tree does not depend on the number of threads", "[geometry]") {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;
  add_bumpy_sphere({0, 0, 0}, 1.0f, 150000, 3, &positions, &triangles);
  const RenderData data = scene_of(positions, triangles);
  const HostBvh one = build(data, 1);
  const HostBvh three = build(data, 3);
  check_wide_tree(one, triangles.size());
  REQUIRE(one.wide_node_count() == three.wide_node_count());
  REQUIRE(one.block_count() == three.block_count());
  CHECK(std::memcmp(one.view().wide_nodes, three.view().wide_nodes,
                    one.wide_node_count() * sizeof(WideNode)) == 0);
  CHECK(std::memcmp(one.view().compact_nodes, three.view().compact_nodes,
                    one.compact_node_quads() * sizeof(Quad)) == 0);
}

TEST_CASE("a stop request ends a build", "[geometry]") {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;
  add_bumpy_sphere({0, 0, 0}, 1.0f, 40000, 3, &positions, &triangles);
  std::stop_source stop;
  stop.request_stop();
  ThreadPool pool(2);
  ProgressCounter progress{0};
  for (const bool baked : {true, false}) {
    const auto bvh = HostBvh::build(scene_of(positions, triangles, baked), pool, stop.get_token(), progress);
    REQUIRE(!bvh.has_value());
    CHECK(bvh.error().kind == ErrorKind::cancelled);
  }
}

TEST_CASE("a big mesh: both instruction sets and formats agree bit by bit", "[geometry]") {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;
  for (u32 i = 0; i < 20; ++i) {
    add_bumpy_sphere({static_cast<float>(i % 5), static_cast<float>(i / 5), 0.3f * static_cast<float>(i)},
                     0.7f, 5000, i, &positions, &triangles);
  }
  const RenderData data = scene_of(positions, triangles);
  const HostBvh bvh = build(data);
  check_wide_tree(bvh, triangles.size());
  const std::vector<Ray> rays = make_rays(data, 50000, 9);
  const auto hits_by = [&](TraceClosest trace) {
    std::vector<Hit> hits(rays.size());
    trace(bvh.view(), rays.data(), rays.size(), hits.data());
    return hits;
  };
  const std::vector<Hit> wide = hits_by(kTracersX64.wide.closest[0]);
  const auto same = [&](const std::vector<Hit>& hits) {
    return std::memcmp(hits.data(), wide.data(), hits.size() * sizeof(Hit)) == 0;
  };
  for (const Tracers* tracers : {&kTracersX64, &kTracersV3}) {
    if (tracers == &kTracersV3 && !cpu_runs_v3()) continue;
    for (const TraceClosest trace : tracers->wide.closest) CHECK(same(hits_by(trace)));
    for (const TraceClosest trace : compact_tracer(*tracers).closest) CHECK(same(hits_by(trace)));
  }
}
