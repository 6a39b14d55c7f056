// Trees whose subtrees move about: links, boxes, heights, and what a move is worth.
#include "device/bvh_links.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "device/bvh_reinsertion.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr u32 kMostDepth = 43;

Box box_at(Vec3 lo, Vec3 size) {
  const Bounds3 bounds{lo, lo + size};
  alignas(16) const float lower[4] = {bounds.lo.x, bounds.lo.y, bounds.lo.z, 0};
  alignas(16) const float upper[4] = {bounds.hi.x, bounds.hi.y, bounds.hi.z, 0};
  return {load4(lower), load4(upper)};
}

Box random_box(Random& random, float size) {
  const Vec3 at = random.point(-10, 10);
  return box_at(at, random.point(0, size));
}

/// A tree over boxes in their order, cut at `part` of each range but for one leaf on either side at least.
class TreeMakerOverBoxes {
 public:
  TreeMakerOverBoxes(const std::vector<Box>& boxes, float part)
      : boxes_(boxes), part_(part), tree_(static_cast<u32>(boxes.size()), kMostDepth) {
    make(LinkedTree::kRoot, 0, static_cast<u32>(boxes.size()));
  }
  LinkedTree take() { return std::move(tree_); }

 private:
  Box make(u32 node, u32 begin, u32 end) {
    if (end - begin == 1) {
      tree_.set_leaf(node, boxes_[begin], begin);
      return boxes_[begin];
    }
    const u32 first = next_;
    next_ += 2;
    const u32 left =
        std::clamp(static_cast<u32>(part_ * static_cast<float>(end - begin)), 1u, end - begin - 1);
    const Box box = merged(make(first, begin, begin + left), make(first + 1, begin + left, end));
    tree_.set_inner(node, box, first);
    tree_.set_height(node);
    return box;
  }

  const std::vector<Box>& boxes_;
  const float part_;
  LinkedTree tree_;
  u32 next_ = 2;
};

LinkedTree tree_over(const std::vector<Box>& boxes, float part = 0.5f) {
  return TreeMakerOverBoxes(boxes, part).take();
}

double area_sum(const LinkedTree& tree) {
  double sum = 0;
  for (u32 node = 0; node < tree.size(); ++node) {
    if (node != 1 && tree[node].is_leaf == 0) sum += half_area(box_of(tree[node]));
  }
  return sum;
}

/// What is wrong with a tree over `boxes`, in a word.
class Inspection {
 public:
  Inspection(const LinkedTree& tree, const std::vector<Box>& boxes)
      : tree_(tree), boxes_(boxes), seen_(boxes.size(), 0) {
    visit(LinkedTree::kRoot, 0);
    if (std::count(seen_.begin(), seen_.end(), 1u) != static_cast<std::ptrdiff_t>(boxes.size()))
      wrong_ = "leaves";
  }
  const std::string& wrong() const { return wrong_; }

 private:
  void visit(u32 node, u32 depth) {
    if (depth > kMostDepth) wrong_ = "depth";
    const LinkedNode& n = tree_[node];
    if (n.is_leaf != 0) {
      ++seen_[n.first];
      check_box(n, boxes_[n.first]);
      if (n.height != 0) wrong_ = "height of a leaf";
      return;
    }
    for (const u32 child : {n.first, n.first + 1}) {
      if (tree_.parent_of(child) != node) wrong_ = "parent";
      visit(child, depth + 1);
    }
    check_box(n, merged(box_of(tree_[n.first]), box_of(tree_[n.first + 1])));
    if (n.height != 1 + std::max(tree_[n.first].height, tree_[n.first + 1].height)) wrong_ = "height";
  }

  void check_box(const LinkedNode& node, const Box& box) {
    const Bounds3 own{node.lo, node.hi}, right = to_bounds(box);
    if (std::memcmp(&own, &right, sizeof own) != 0) wrong_ = "box";
  }

  const LinkedTree& tree_;
  const std::vector<Box>& boxes_;
  std::vector<u32> seen_;
  std::string wrong_;
};

bool is_below(const LinkedTree& tree, u32 node, u32 above) {
  while (node != above && node != LinkedTree::kRoot) node = tree.parent_of(node);
  return node == above;
}

/// Large boxes among many small ones, in an order that separates nothing.
std::vector<Box> walls_and_crumbs(u32 count, u64 seed) {
  Random random{seed};
  std::vector<Box> boxes;
  for (u32 i = 0; i < count; ++i) boxes.push_back(random_box(random, i % 23 == 0 ? 12.0f : 0.2f));
  return boxes;
}

bool reinsert(LinkedTree& tree, ThreadPool* pool, std::stop_token stop = {}) {
  std::atomic<std::uint64_t> progress{0};
  return reinsert_subtrees(tree, pool, stop, progress);
}

}  // namespace

TEST_CASE("a move gains what it says, and leaves a tree that is right", "[geometry]") {
  for (const u32 count : {4u, 5u, 9u, 64u, 500u}) {
    CAPTURE(count);
    const std::vector<Box> boxes = walls_and_crumbs(count, count);
    LinkedTree tree = tree_over(boxes);
    Random random{count};
    u32 moved = 0, upwards = 0;
    for (u32 i = 0; i < 3000; ++i) {
      const u32 node = random.below(tree.size()), target = random.below(tree.size());
      const float gain = tree.gain_of(node, target);
      const bool upward = is_below(tree, node, target);
      const double before = area_sum(tree);
      if (gain == LinkedTree::kImpossible) continue;  // moves at a loss are made, too
      tree.move(node, target);
      ++moved;
      upwards += upward ? 1 : 0;
      CHECK(std::abs(before - area_sum(tree) - gain) < 1e-4 * before);
    }
    CHECK(moved > 100);
    CHECK((count < 9 || upwards > 0));
    CHECK(Inspection(tree, boxes).wrong() == "");
  }
}

TEST_CASE("moves that make no tree are refused", "[geometry]") {
  const std::vector<Box> boxes = walls_and_crumbs(64, 1);
  const LinkedTree tree = tree_over(boxes);
  const auto refused = [&](u32 node, u32 target) {
    return tree.gain_of(node, target) == LinkedTree::kImpossible;
  };
  u32 open = 0;
  for (u32 node = 0; node < tree.size(); ++node) {
    for (u32 target = 0; target < tree.size(); ++target) {
      const bool nonsense = node <= 1 || target <= 1 || is_below(tree, target, node) ||
                            target == LinkedTree::sibling_of(node) || target == tree.parent_of(node) ||
                            tree.parent_of(node) == LinkedTree::kRoot;
      if (nonsense) CHECK(refused(node, target));
      open += !nonsense && !refused(node, target) ? 1 : 0;
    }
  }
  CHECK(open > 10000);
}

TEST_CASE("no move makes a leaf too deep", "[geometry]") {
  // a chain that is as deep as may be, each box around the next
  std::vector<Box> boxes;
  for (u32 i = 0; i <= kMostDepth; ++i)
    boxes.push_back(box_at(splat(-std::ldexp(1.0f, -static_cast<int>(i))), splat(1.0f)));
  LinkedTree tree = tree_over(boxes, 0.0f);
  REQUIRE(tree[LinkedTree::kRoot].height == kMostDepth);
  for (u32 round = 0; round < 20000; ++round) {
    Random random{round};
    const u32 node = random.below(tree.size()), target = random.below(tree.size());
    if (tree.gain_of(node, target) == LinkedTree::kImpossible) continue;
    tree.move(node, target);
    REQUIRE(tree[LinkedTree::kRoot].height <= kMostDepth);
  }
  CHECK(Inspection(tree, boxes).wrong() == "");
}

TEST_CASE("reinsertion stops where no single move gains anything", "[geometry]") {
  for (const u64 seed : {1u, 2u, 3u}) {
    const std::vector<Box> boxes = walls_and_crumbs(300, seed);
    LinkedTree tree = tree_over(boxes);
    const double before = area_sum(tree);
    double last = before;
    for (u32 times = 0; times < 20; ++times) {
      REQUIRE(reinsert(tree, nullptr));
      CHECK(area_sum(tree) <= last);
      last = area_sum(tree);
    }
    CHECK(Inspection(tree, boxes).wrong() == "");
    CHECK(last < 0.5 * before);  // the order of the boxes meant nothing
    float best = 0;
    for (u32 node = 2; node < tree.size(); ++node)
      for (u32 target = 2; target < tree.size(); ++target) best = std::max(best, tree.gain_of(node, target));
    CHECK(best < 1e-5 * last);
  }
}

TEST_CASE("reinsertion gives one tree with any number of threads", "[geometry]") {
  const std::vector<Box> boxes = walls_and_crumbs(20000, 5);
  LinkedTree alone = tree_over(boxes), shared = tree_over(boxes);
  ThreadPool three(3);
  REQUIRE(reinsert(alone, nullptr));
  REQUIRE(reinsert(shared, &three));
  CHECK(Inspection(alone, boxes).wrong() == "");
  bool same = true;
  for (u32 node = 0; node < alone.size(); ++node)
    same = same && std::memcmp(&alone[node], &shared[node], sizeof(LinkedNode)) == 0;
  CHECK(same);
  CHECK(area_sum(alone) < 0.95 * area_sum(tree_over(boxes)));  // large subtrees alone are tried
}

TEST_CASE("surfaces that overflow or vanish make no nonsense", "[geometry]") {
  Random random{9};
  for (const float scale : {1e18f, 1e-30f, 0.0f}) {
    CAPTURE(scale);
    std::vector<Box> boxes;
    for (u32 i = 0; i < 500; ++i)
      boxes.push_back(box_at(random.point(-1, 1) * scale, random.point(0, 1) * scale));
    LinkedTree tree = tree_over(boxes);
    REQUIRE(reinsert(tree, nullptr));
    CHECK(Inspection(tree, boxes).wrong() == "");
  }
}

TEST_CASE("reinsertion that is to stop leaves a tree", "[geometry]") {
  const std::vector<Box> boxes = walls_and_crumbs(5000, 6);
  LinkedTree tree = tree_over(boxes);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(reinsert(tree, nullptr, stop.get_token()));
  CHECK(Inspection(tree, boxes).wrong() == "");
}

TEST_CASE("each node is visited after its children, with and without threads", "[geometry]") {
  const std::vector<Box> boxes = walls_and_crumbs(30000, 7);
  const LinkedTree tree = tree_over(boxes, 0.3f);
  ThreadPool three(3);
  for (ThreadPool* const pool : {static_cast<ThreadPool*>(nullptr), &three}) {
    std::vector<std::atomic<u32>> visits(tree.size());
    std::atomic<u32> early{0};
    tree.visit_from_leaves(pool, [&](u32 node) {
      const LinkedNode& n = tree[node];
      if (n.is_leaf == 0 && (visits[n.first] != 1 || visits[n.first + 1] != 1)) ++early;
      ++visits[node];
    });
    CHECK(early == 0);
    u32 once = 0;
    for (u32 node = 0; node < tree.size(); ++node) once += visits[node] == 1 ? 1 : 0;
    CHECK(once == tree.size() - 1);  // node 1 is nothing
  }
}
