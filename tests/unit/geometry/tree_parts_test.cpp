// The parts that trees are made of, each beside a plainer way to the same.
#include <cmath>
#include <set>

#include "device/cluster_search.hpp"
#include "device/cpu_info.hpp"
#include "device/curve_order.hpp"
#include "device/scratch.hpp"
#include "device/wide_plan.hpp"
#include "geometry/slab.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

LargeArray<BvhPrimitive> random_boxes(u32 count, float size, u64 seed) {
  Random random{seed};
  LargeArray<BvhPrimitive> primitives(count);
  for (u32 i = 0; i < count; ++i) {
    const Vec3 at = random.point(-10, 10);
    const Vec3 end = at + random.point(0, size);
    primitives[i] = {at, 0, end, i};
  }
  return primitives;
}

/// Boxes as the search reads them.
struct Planes {
  std::vector<float> values[6];
  const float* pointers[6];

  explicit Planes(const std::vector<Bounds3>& boxes) {
    for (u32 k = 0; k < 6; ++k) {
      const float beyond = k < 3 ? -4e18f : 4e18f;
      values[k].assign(boxes.size() + 2 * kClusterMargin, beyond);
      for (std::size_t i = 0; i < boxes.size(); ++i) {
        const Vec3& corner = k < 3 ? boxes[i].lo : boxes[i].hi;
        values[k][kClusterMargin + i] = k % 3 == 0 ? corner.x : k % 3 == 1 ? corner.y : corner.z;
      }
      pointers[k] = values[k].data() + kClusterMargin;
    }
  }
};

std::vector<u32> nearest_by(FindNearest find, const std::vector<Bounds3>& boxes) {
  const Planes planes(boxes);
  std::vector<u32> nearest(boxes.size() + kClusterMargin);
  find(planes.pointers, static_cast<u32>(boxes.size()), nearest.data());
  nearest.resize(boxes.size());
  return nearest;
}

double common_area(const Bounds3& a, const Bounds3& b) {
  const Bounds3 all = merged(a, b);
  const double x = all.hi.x - all.lo.x, y = all.hi.y - all.lo.y, z = all.hi.z - all.lo.z;
  return x * y + y * z + z * x;
}

/// The least cost of a binary node as at most `roots` wide children, by definition.
double least_cost(const BinaryTree& tree, u32 node, u32 roots);

double best_share(const BinaryTree& tree, u32 node, u32 roots) {
  const u32 left = tree.nodes[node].first;
  double least = 1e30;
  for (u32 share = 1; share < roots; ++share)
    least = std::min(least, least_cost(tree, left, share) + least_cost(tree, left + 1, roots - share));
  return least;
}

u32 count_below(const BinaryTree& tree, u32 node) {
  const BinaryNode& binary = tree.nodes[node];
  if (binary.count != 0) return binary.count;
  return count_below(tree, binary.first) + count_below(tree, binary.first + 1);
}

double least_cost(const BinaryTree& tree, u32 node, u32 roots) {
  const BinaryNode& binary = tree.nodes[node];
  const double area = common_area(binary.bounds, binary.bounds);
  const u32 count = count_below(tree, node);
  double least = count <= 4 ? 0.6 * area : 1e30;
  if (binary.count != 0) return least;
  if (roots > 1) least = std::min(least, best_share(tree, node, roots));
  return std::min(least, area + best_share(tree, node, 8));
}

double cost_of_plan(const BinaryTree& tree, const WidePlan& plan, u32 node) {
  const double area = common_area(tree.nodes[node].bounds, tree.nodes[node].bounds);
  if (plan.is_leaf(node)) return 0.6 * area;
  u32 children[kBvhWidth];
  const u32 count = plan.children_of(tree, node, children);
  double cost = area;
  for (u32 i = 0; i < count; ++i) cost += cost_of_plan(tree, plan, children[i]);
  return cost;
}

}  // namespace

TEST_CASE("primitives are put in the order of a curve, all of them, equal ones as they came", "[geometry]") {
  ThreadPool pool(3);
  for (const u32 count : {1u, 2u, 1000u, 4096u, 50000u}) {
    const LargeArray<BvhPrimitive> primitives = random_boxes(count, 0.1f, count);
    const LargeArray<CurveEntry> alone = curve_order(primitives, nullptr),
                                 together = curve_order(primitives, &pool);
    REQUIRE(alone.size() == count);
    std::set<u32> seen;
    bool ascending = true, same = true;
    for (u32 i = 0; i < count; ++i) {
      seen.insert(index_of(alone[i]));
      ascending = ascending && (i == 0 || alone[i - 1] < alone[i]);
      same = same && alone[i] == together[i];
    }
    CHECK(seen.size() == count);
    CHECK(ascending);
    CHECK(same);
  }
}

TEST_CASE("the corners of a cube lie on the curve as its bits say", "[geometry]") {
  LargeArray<BvhPrimitive> primitives(8);
  for (u32 i = 0; i < 8; ++i) {
    const Vec3 at{static_cast<float>(i & 1), static_cast<float>(i >> 1 & 1), static_cast<float>(i >> 2)};
    primitives[7 - i] = {at, 0, at + splat(0.1f), i};
  }
  const LargeArray<CurveEntry> order = curve_order(primitives, nullptr);
  for (u32 i = 0; i < 8; ++i) CHECK(primitives[index_of(order[i])].primitive == i);
}

TEST_CASE("triangles that follow each other and share their box are one entry, instances never",
          "[geometry]") {
  for (const bool instances : {false, true}) {
    LargeArray<BvhPrimitive> primitives(1001);
    for (u32 i = 0; i < 1000; ++i) {
      const Vec3 at{static_cast<float>(i / 2), 0, 0};
      primitives[i] = {at, i, at + splat(1), instances ? kNone : i};
    }
    primitives[1000] = {{0, 5, 0}, 1000, {0.5f, 6, 7}, 1000};
    const LargeArray<CurveEntry> order = curve_order(primitives, nullptr);
    REQUIRE(order.size() == (instances ? 1001u : 501u));
    u32 covered = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      covered += count_of(order[i]);
      if (count_of(order[i]) == 2) CHECK(index_of(order[i]) % 2 == 0);
    }
    CHECK(covered == 1001);
  }
}

TEST_CASE("the search finds the neighbour with the least common surface, on each instruction set",
          "[geometry]") {
  for (const u32 count : {2u, 3u, 7u, 8u, 9u, 500u}) {
    const LargeArray<BvhPrimitive> primitives = random_boxes(count, 2.0f, count);
    std::vector<Bounds3> boxes;
    for (u32 i = 0; i < count; ++i) boxes.push_back({primitives[i].lo, primitives[i].hi});
    const std::vector<u32> nearest = nearest_by(kFindNearestX64, boxes);
    u32 worse = 0;
    for (u32 i = 0; i < count; ++i) {
      REQUIRE(nearest[i] < count);
      CHECK(nearest[i] != i);
      const double found = common_area(boxes[i], boxes[nearest[i]]);
      for (u32 k = i < kClusterReach ? 0 : i - kClusterReach; k <= std::min(i + kClusterReach, count - 1);
           ++k)
        worse += k != i && common_area(boxes[i], boxes[k]) < found * (1 - 1e-5) ? 1 : 0;
    }
    CHECK(worse == 0);
    if (cpu_runs_v3()) CHECK(nearest == nearest_by(kFindNearestV3, boxes));
  }
}

TEST_CASE("equal boxes pair up all at once", "[geometry]") {
  const std::vector<u32> nearest =
      nearest_by(find_nearest(), std::vector<Bounds3>(100, {{0, 0, 0}, {1, 1, 1}}));
  for (u32 i = 0; i < 100; ++i) CHECK(nearest[i] == (i ^ 1));
}

TEST_CASE("the collapse to wide nodes has the least cost that there is", "[geometry]") {
  for (const u32 count : {1u, 2u, 4u, 5u, 9u, 40u, 150u}) {
    std::atomic<std::uint64_t> progress{0};
    auto tree = build_binary_tree(random_boxes(count, 3.0f, count), nullptr, {}, progress);
    REQUIRE(tree.has_value());
    const WidePlan plan(tree.value(), nullptr);
    const double cost = cost_of_plan(tree.value(), plan, 0);
    CHECK(cost == Approx(least_cost(tree.value(), 0, 1)).epsilon(1e-4));
  }
}

TEST_CASE("what is lent comes back, after a failure too", "[geometry]") {
  Scratch<int> scratch;
  int* lent = nullptr;
  CHECK_THROWS_AS(scratch.lend([&](int& object) -> int {
    lent = &object;
    throw std::bad_alloc();
  }),
                  std::bad_alloc);
  scratch.lend([&](int& object) {
    CHECK(&object == lent);
    scratch.lend([&](int& other) { CHECK(&other != lent); });
  });
}
