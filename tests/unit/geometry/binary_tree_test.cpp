// What every writer of trees may rely on (device/bvh_tree.hpp), for inputs that are odd.
#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "device/bvh_tree.hpp"
#include "geometry/bvh.hpp"
#include "geometry/slab.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

using Primitives = std::vector<BvhPrimitive>;

BvhPrimitive box_of(Vec3 lo, Vec3 hi, u32 number) {
  return {lo, 7, hi, number};
}

/// Of `count` boxes, each made by `make` from its number.
Primitives boxes(u32 count, const std::function<Bounds3(u32)>& make) {
  Primitives primitives;
  for (u32 i = 0; i < count; ++i) {
    const Bounds3 box = make(i);
    primitives.push_back(box_of(box.lo, box.hi, i));
  }
  return primitives;
}

struct Odd {
  std::string name;
  Primitives primitives;
};

std::vector<Odd> odd_inputs() {
  Random random{3};
  const auto anywhere = [&](float size) {
    const Vec3 at = random.point(-10, 10);
    return Bounds3{at, at + random.point(0, size)};
  };
  std::vector<Odd> all;
  for (const u32 count : {1u, 2u, 3u, 5u, 64u, 4095u, 4096u, 4097u, 20000u})
    all.push_back({std::to_string(count) + " boxes", boxes(count, [&](u32) { return anywhere(0.3f); })});
  all.push_back({"one place", boxes(70000, [](u32) { return Bounds3{{1, 2, 3}, {2, 3, 4}}; })});
  all.push_back({"points in one place", boxes(5000, [](u32) { return Bounds3{{1, 2, 3}, {1, 2, 3}}; })});
  all.push_back({"equal centres", boxes(9000, [](u32 i) {
                   const float size = static_cast<float>(i + 1);
                   return Bounds3{splat(-size), splat(size)};
                 })});
  all.push_back({"a line", boxes(9000, [](u32 i) {
                   const float x = static_cast<float>(i);
                   return Bounds3{{x, 0, 0}, {x + 1, 0, 0}};
                 })});
  all.push_back(
      {"long and thin", boxes(9000, [&](u32 i) {
         const Vec3 at = random.point(-1, 1);
         const Vec3 size{i % 3 == 0 ? 1e4f : 1e-4f, i % 3 == 1 ? 1e4f : 1e-4f, i % 3 == 2 ? 1e4f : 1e-4f};
         return Bounds3{at - size, at + size};
       })});
  all.push_back({"as far as boxes may be", boxes(9000, [&](u32) {
                   const Vec3 a = random.point(-1e18f, 1e18f), b = random.point(-1e18f, 1e18f);
                   return Bounds3{min(a, b) * 1.000001f, max(a, b) * 1.000001f};
                 })});
  all.push_back({"as small as numbers are", boxes(9000, [&](u32) {
                   const Vec3 at = random.point(0, 1e-42f);
                   return Bounds3{at, at + splat(1e-44f)};
                 })});
  all.push_back({"sizes that double", boxes(30000, [](u32 i) {
                   const float size =
                       std::ldexp(1.0f + static_cast<float>(i) * 1e-6f, static_cast<int>(i % 110) - 56);
                   return Bounds3{splat(size), splat(2 * size)};
                 })});
  all.push_back({"each twice as far", boxes(120, [](u32 i) {
                   const float x = std::ldexp(1.0f, static_cast<int>(i) - 60);
                   return Bounds3{{x, 0, 0}, {x * 1.01f, 1, 1}};
                 })});
  Odd mixed{"instances among triangles", boxes(9000, [&](u32) { return anywhere(1.0f); })};
  for (u32 i = 0; i < 9000; i += 5) mixed.primitives[i].primitive = kNone;
  for (u32 i = 0; i < 9000; ++i) mixed.primitives[i].instance = i;
  all.push_back(mixed);
  return all;
}

Result<BinaryTree> build(const Primitives& from, ThreadPool* pool, std::stop_token stop = {}) {
  LargeArray<BvhPrimitive> primitives(from.size());
  std::copy(from.begin(), from.end(), primitives.data());
  std::atomic<std::uint64_t> progress{0};
  return build_binary_tree(std::move(primitives), pool, std::move(stop), progress);
}

/// Goes down a tree and notes what is wrong.
class Inspector {
 public:
  Inspector(const BinaryTree& tree, const Primitives& primitives) : tree_(tree), seen_(primitives.size(), 0) {
    for (const BvhPrimitive& primitive : primitives) boxes_.push_back({primitive.lo, primitive.hi});
    by_instance_ = primitives.size() > 1 && primitives[1].instance == 1;
    end_ = visit(0, 0, 0).second;
  }

  void check() const {
    CHECK(end_ == seen_.size());
    CHECK(std::count(seen_.begin(), seen_.end(), 1u) == static_cast<std::ptrdiff_t>(seen_.size()));
    CHECK(wrong_ == "");
    CHECK(deepest_ <= kBvhMostDepth);
    CHECK(visited_ == tree_.nodes.size());
  }

 private:
  /// The box and the end of the primitives below a node, which must begin at `first`.
  std::pair<Bounds3, std::size_t> visit(u32 index, std::size_t first, u32 depth) {
    const BinaryNode& node = tree_.nodes[index];
    ++visited_;
    deepest_ = std::max(deepest_, depth);
    const auto [box, end] = node.count == 0 ? visit_children(index, first, depth) : visit_leaf(node, first);
    if (std::memcmp(&box, &node.bounds, sizeof box) != 0) wrong_ = "box";
    return {node.bounds, end};
  }

  std::pair<Bounds3, std::size_t> visit_children(u32 index, std::size_t first, u32 depth) {
    const u32 child = tree_.nodes[index].first;
    if (child <= index || child + 1 >= tree_.nodes.size()) {
      wrong_ = "link";
      return {empty_bounds(), first};
    }
    if (!in_its_piece(index, child)) wrong_ = "piece";
    const auto [left, middle] = visit(child, first, depth + 1);
    const auto [right, end] = visit(child + 1, middle, depth + 1);
    return {merged(left, right), end};
  }

  bool in_its_piece(u32 node, u32 child) const {
    const std::vector<u32>& pieces = tree_.pieces;
    if (pieces.empty() || node >= pieces.back()) return pieces.empty();
    if (node < pieces[0])
      return child < pieces[0] || std::find(pieces.begin(), pieces.end(), child) != pieces.end();
    const auto piece_of = [&](u32 n) { return std::upper_bound(pieces.begin(), pieces.end(), n); };
    return piece_of(node) == piece_of(child) && piece_of(node) == piece_of(child + 1);
  }

  std::pair<Bounds3, std::size_t> visit_leaf(const BinaryNode& node, std::size_t first) {
    if (node.first != first || node.count > kMostInLeaf) wrong_ = "leaf";
    Bounds3 box = empty_bounds();
    for (u32 i = node.first; i < node.first + node.count; ++i) {
      const PrimitiveId& id = tree_.primitives[i];
      if (is_instance(id) && node.count != 1) wrong_ = "instance beside others";
      const u32 number = by_instance_ ? id.instance : id.primitive;
      ++seen_[number];
      box = merged(box, boxes_[number]);
    }
    return {box, first + node.count};
  }

  const BinaryTree& tree_;
  std::vector<Bounds3> boxes_;
  std::vector<u32> seen_;
  bool by_instance_;
  std::size_t end_ = 0, visited_ = 0;
  u32 deepest_ = 0;
  std::string wrong_;
};

template <class T>
bool same(const LargeArray<T>& a, const LargeArray<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

}  // namespace

TEST_CASE("trees over odd boxes keep what writers rely on, with and without threads", "[geometry]") {
  ThreadPool two(2);
  for (const Odd& odd : odd_inputs()) {
    CAPTURE(odd.name);
    for (ThreadPool* const pool : {static_cast<ThreadPool*>(nullptr), &two}) {
      const auto tree = build(odd.primitives, pool);
      REQUIRE(tree.has_value());
      Inspector(tree.value(), odd.primitives).check();
    }
  }
}

TEST_CASE("a million boxes in one place become a shallow tree", "[geometry]") {
  const Primitives primitives = boxes(1u << 20, [](u32) { return Bounds3{{1, 2, 3}, {2, 3, 4}}; });
  ThreadPool pool(2);
  const auto tree = build(primitives, &pool);
  REQUIRE(tree.has_value());
  Inspector(tree.value(), primitives).check();
}

TEST_CASE("a binary tree is the same with any number of threads", "[geometry]") {
  Random random{8};
  const Primitives primitives = boxes(100000, [&](u32 i) {
    const Vec3 at = random.point(-10, 10);
    const float size = std::exp2(random.within(-10, i % 100 == 0 ? 3.0f : -3.0f));
    return Bounds3{at, at + splat(size)};
  });
  ThreadPool one(1), three(3);
  const auto a = build(primitives, &one), b = build(primitives, &three);
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  CHECK(same(a.value().nodes, b.value().nodes));
  CHECK(same(a.value().primitives, b.value().primitives));
  CHECK(a.value().pieces == b.value().pieces);
  CHECK(a.value().pieces.size() > 2);
}

TEST_CASE("a stop request in the middle of a build ends it", "[geometry]") {
  Random random{8};
  const Primitives primitives = boxes(300000, [&](u32) {
    const Vec3 at = random.point(-10, 10);
    return Bounds3{at, at + splat(0.1f)};
  });
  ThreadPool pool(2);
  for (const u64 steps : {1, 10, 50, 80}) {
    LargeArray<BvhPrimitive> copy(primitives.size());
    std::copy(primitives.begin(), primitives.end(), copy.data());
    std::atomic<std::uint64_t> progress{0};
    std::stop_source stop;
    std::atomic<bool> over{false};
    std::thread watcher([&] {
      while (progress < steps && !over) std::this_thread::yield();
      stop.request_stop();
    });
    const auto tree = build_binary_tree(std::move(copy), &pool, stop.get_token(), progress);
    over = true;
    watcher.join();
    if (tree.has_value()) {  // it was too late
      CHECK(progress > steps);
    } else {
      CHECK(tree.error().kind == ErrorKind::cancelled);
    }
  }
}
