#include "device/compact_writer.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "device/boxes.hpp"
#include "device/compact_plan.hpp"
#include "geometry/slab.hpp"
#include "random_scenes.hpp"
#include "support/catch.hpp"
#include "trace_rays.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Triangles of one mesh, and a binary tree over them that has nothing to do with where they are: each node of the
/// first `chain` levels has a leaf of one primitive, those below are split at random.
struct StrangeTree {
  std::vector<Vec3> vertices;
  std::vector<Triangle> triangles;
  BinaryTree tree;

  StrangeTree(u32 count, u32 chain, u64 seed) {
    Random random{seed};
    std::vector<BinaryNode> nodes{{{}, 0, count}};
    for (u32 i = 0; i < count; ++i) add_triangle(random);
    for (u32 node = 0; node < nodes.size(); ++node) split(nodes, node, chain, random);
    tree.primitives = LargeArray<PrimitiveId>(count);
    for (u32 i = 0; i < count; ++i) tree.primitives[i] = {0, i};
    for (std::size_t node = nodes.size(); node-- > 0;) {
      BinaryNode& n = nodes[node];
      if (n.count == 0) n.bounds = merged(nodes[n.first].bounds, nodes[n.first + 1].bounds);
    }
    tree.nodes = LargeArray<BinaryNode>(nodes.size());
    std::copy(nodes.begin(), nodes.end(), tree.nodes.data());
  }

  CompactTree write(u32 width, ThreadPool* pool = nullptr) const {
    const MeshGeometry geometry{vertices.data(), triangles.data(), 7};
    return write_compact(tree, {&geometry, 1}, width, pool);
  }

 private:
  void add_triangle(Random& random) {
    const Vec3 at = random.point(-10, 10);
    const auto first = static_cast<u32>(vertices.size());
    for (u32 k = 0; k < 3; ++k) vertices.push_back(at + random.point(0, 1));
    triangles.push_back({{first, first + 1, first + 2}});
  }

  BvhPrimitive primitive(u32 index) const {
    const Vec3* v = vertices.data() + triangles[index].v[0];
    const Bounds3 box = triangle_box(v[0], v[1], v[2]);
    return {box.lo, 0, box.hi, index};
  }

  void split(std::vector<BinaryNode>& nodes, u32 node, u32& chain, Random& random) const {
    const BinaryNode whole = nodes[node];
    if (whole.count <= kMostInLeaf && chain == 0) {
      nodes[node].bounds = empty_bounds();
      for (u32 i = whole.first; i < whole.first + whole.count; ++i) {
        const BvhPrimitive p = primitive(i);
        nodes[node].bounds = merged(nodes[node].bounds, {p.lo, p.hi});
      }
      return;
    }
    if (whole.count == 1) {
      const BvhPrimitive p = primitive(whole.first);
      nodes[node].bounds = {p.lo, p.hi};
      return;
    }
    const u32 left = chain > 0 ? 1 : std::max(1u, whole.count / 2 - random.below(2));
    if (chain > 0) --chain;
    nodes[node].first = static_cast<u32>(nodes.size());
    nodes[node].count = 0;
    nodes.push_back({{}, whole.first, left});
    nodes.push_back({{}, whole.first + left, whole.count - left});
  }
};

Bounds3 box_of(const CompactNode<2>& node, u32 slot) {
  const auto& p = node.planes;
  return {{p[0][0][slot], p[1][0][slot], p[2][0][slot]}, {p[0][1][slot], p[1][1][slot], p[2][1][slot]}};
}
Bounds3 box_of(const CompactNode<4>& node, u32 slot) {
  return {{node.lower_x[slot], node.lower_y[slot], node.lower_z[slot]},
          {node.upper_x[slot], node.upper_y[slot], node.upper_z[slot]}};
}

/// Goes through a tree as a walk that passes every box and takes children in the worst order.
template <u32 kWidth>
struct CompactTreeCheck {
  const CompactTree& tree;
  std::multiset<u32> primitives = {};
  u32 most_waiting = 0;
  u32 nodes = 0;
  u32 narrow = 0;  ///< nodes of two children
  bool boxes_enclose = true;
  bool largest_first = true;

  Bounds3 visit(u32 index, u32 waiting) {
    ++nodes;
    const auto& node = reinterpret_cast<const CompactNode<kWidth>*>(tree.nodes.data())[index];
    u32 count = 0;
    while (count < kWidth && node.child[count] != kCompactDone) ++count;
    if (count == 2) ++narrow;
    most_waiting = std::max(most_waiting, waiting + count - 1);
    Bounds3 all = empty_bounds();
    for (u32 slot = 0; slot < kWidth; ++slot) {
      const Bounds3 box = box_of(node, slot);
      if (slot >= count) {
        CHECK(box.lo.x > box.hi.x);
        continue;
      }
      if (slot > 0) largest_first = largest_first && half_area(box) <= half_area(box_of(node, slot - 1));
      const u32 child = node.child[slot];
      const bool is_leaf = (child & kCompactLeaf) != 0;
      const Bounds3 inner = is_leaf ? visit_leaf(child) : visit(child, waiting + count - 1);
      boxes_enclose = boxes_enclose && encloses(box, inner);
      all = merged(all, box);
    }
    return all;
  }

  Bounds3 visit_leaf(u32 reference) {
    Bounds3 all = empty_bounds();
    const u32 first = reference & kCompactIndexMask;
    for (u32 i = first; i <= first + ((reference >> kCompactCountShift) & 3u); ++i) {
      const CompactTriangle& t = tree.triangles[i];
      primitives.insert(t.axis[1].number);
      CHECK(t.axis[0].number == 7);
      const auto corner = [&](u32 k) {
        return Vec3{t.axis[0].corner[k], t.axis[1].corner[k], t.axis[2].corner[k]};
      };
      all = merged(all, triangle_box(corner(0), corner(1), corner(2)));
    }
    return all;
  }
};

template <u32 kWidth>
CompactTreeCheck<kWidth> check_tree(const CompactTree& tree, u32 triangles) {
  CompactTreeCheck<kWidth> check{tree};
  check.visit(0, 0);
  CHECK(check.nodes == tree.node_count());
  CHECK(check.boxes_enclose);
  CHECK(check.largest_first);
  CHECK(check.most_waiting <= kCompactMostWaiting);
  CHECK(check.primitives.size() == triangles);
  CHECK(std::set(check.primitives.begin(), check.primitives.end()).size() == triangles);
  return check;
}

}  // namespace

TEST_CASE("compact trees hold all of a binary tree, largest children first", "[geometry]") {
  for (const u32 count : {1u, 2u, 5u, 1000u, 40000u}) {
    CAPTURE(count);
    const StrangeTree strange(count, 0, count);
    const auto two = check_tree<2>(strange.write(2), count);
    const auto four = check_tree<4>(strange.write(4), count);
    if (count >= 1000) CHECK(four.nodes * 2 < two.nodes);
  }
}

TEST_CASE("compact trees that lean to one side become narrow before a stack overflows", "[geometry]") {
  for (u32 chain = 30; chain <= 40; ++chain) {
    CAPTURE(chain);
    const StrangeTree strange(chain + 500, chain, chain);
    check_tree<2>(strange.write(2), chain + 500);
    const auto four = check_tree<4>(strange.write(4), chain + 500);
    if (chain == 40) CHECK(four.narrow > 10);  // where all could have been wide
  }
}

TEST_CASE("a compact tree does not depend on the number of threads", "[geometry]") {
  const StrangeTree strange(60000, 3, 1);
  ThreadPool pool(3);
  for (const u32 width : kCompactWidths) {
    const CompactTree one = strange.write(width);
    const CompactTree three = strange.write(width, &pool);
    REQUIRE(one.nodes.size() == three.nodes.size());
    CHECK(std::memcmp(one.nodes.data(), three.nodes.data(), one.nodes.size() * sizeof(Quad)) == 0);
    CHECK(std::memcmp(one.triangles.data(), three.triangles.data(),
                      one.triangles.size() * sizeof(CompactTriangle)) == 0);
  }
}
