#include "device/wide_writer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>

#include "base/check.hpp"
#include "device/boxes.hpp"
#include "device/pool_loops.hpp"
#include "geometry/bvh.hpp"
#include "geometry/slab.hpp"

namespace oct {
namespace {

void set_corners(const Vec3 corners[3], std::uint32_t lane, TriangleBlock* block) {
  for (std::uint32_t k = 0; k < 3; ++k) {
    block->corner[k][0][lane] = corners[k].x;
    block->corner[k][1][lane] = corners[k].y;
    block->corner[k][2][lane] = corners[k].z;
  }
  block->pad[lane] = triangle_pad(corner_bounds(corners[0], corners[1], corners[2]));
}

void set_triangle(const PrimitiveId& id, const MeshGeometry& mesh, std::uint32_t lane, TriangleBlock* block) {
  const Triangle& triangle = mesh.triangles[id.primitive];
  const Vec3 corners[3] = {mesh.vertices[triangle.v[0]], mesh.vertices[triangle.v[1]],
                           mesh.vertices[triangle.v[2]]};
  set_corners(corners, lane, block);
  block->instance[lane] = mesh.instance;
  block->primitive[lane] = id.primitive;
}

/// Where no triangle is: corners that no ray hits.
void set_empty(std::uint32_t lane, TriangleBlock* block) {
  const Vec3 nowhere = splat(std::numeric_limits<float>::quiet_NaN());
  const Vec3 corners[3] = {nowhere, nowhere, nowhere};
  set_corners(corners, lane, block);
  block->instance[lane] = block->primitive[lane] = kNone;
}

/// How many nodes ahead of the writing triangles are fetched.
constexpr std::size_t kNodesAhead = 2;

/// Primitives of a binary node.
struct Primitives {
  std::uint32_t first, count;
};

Primitives primitives_of(const BinaryTree& tree, std::uint32_t node) {
  std::uint32_t first = node, last = node;
  while (tree.nodes[first].count == 0) first = tree.nodes[first].first;
  while (tree.nodes[last].count == 0) last = tree.nodes[last].first + 1;
  return {tree.nodes[first].first, tree.nodes[last].first + tree.nodes[last].count - tree.nodes[first].first};
}

}  // namespace

/// Where a tree is written.
struct WideWriter::Target {
  std::span<const MeshGeometry> geometry;
  Places first;  ///< of the whole tree
  WideNode* nodes;
  TriangleBlock* blocks;
};

/// Gives memory of the binary tree back while the wide one grows: nodes below all parts that are not yet written.
/// The top must be written by then.
class WideWriter::Discarder {
 public:
  explicit Discarder(WideWriter& writer) : writer_(writer), written_(writer.parts_.size() - 1) {}

  /// `part` counts without the top. Any thread.
  void part_is_written(std::size_t part) {
    const std::lock_guard lock(mutex_);
    written_[part] = true;
    while (first_unwritten_ < written_.size() && written_[first_unwritten_]) ++first_unwritten_;
    const std::vector<Part>& parts = writer_.parts_;
    // a piece holds nodes of all its parts, in any order
    const std::vector<std::uint32_t>& pieces = writer_.tree_.pieces;
    const std::uint32_t root =
        first_unwritten_ < written_.size() ? parts[1 + first_unwritten_].root.binary : pieces.back();
    const std::uint32_t end = *(std::upper_bound(pieces.begin(), pieces.end(), root) - 1);
    // the system takes whole pages, so leaves those that are shared with what is needed
    if (end < discarded_ + kAtATime) return;
    writer_.tree_.nodes.discard(discarded_, end);
    discarded_ = end;
  }

 private:
  static constexpr std::uint32_t kAtATime = 1u << 17;  ///< 4 MB

  WideWriter& writer_;
  std::mutex mutex_;
  std::vector<bool> written_;
  std::size_t first_unwritten_ = 0;
  std::uint32_t discarded_ = 0;  ///< nodes
};

WideWriter::WideWriter(BinaryTree tree, ThreadPool* pool) : tree_(std::move(tree)) {
  const WidePlan plan(tree_, pool);
  std::vector<Part> left;
  parts_.push_back({{0, 0, 1}});
  lay_out(plan, tree_.pieces.empty() ? kNone : tree_.pieces[0], &parts_[0], &left);
  std::sort(left.begin(), left.end(),
            [](const Part& a, const Part& b) { return a.root.binary < b.root.binary; });
  std::move(left.begin(), left.end(), std::back_inserter(parts_));
  for_each(pool, parts_.size() - 1, [&](std::size_t i) {
    Part& part = parts_[i + 1];
    lay_out(plan, kNone, &part, nullptr);
    order_children(std::vector<std::uint32_t>(part.size.node), &part);
  });
  std::vector<std::uint32_t> triangles(parts_[0].size.node);
  for (std::size_t i = 1; i < parts_.size(); ++i) triangles[parts_[i].root.place] = parts_[i].triangles;
  order_children(std::move(triangles), &parts_[0]);
  for (Part& part : parts_) {
    part.first = {node_count_, block_count_};
    node_count_ += part.size.node;
    block_count_ += part.size.block;
  }
}

/// Lays out nodes from the root of a part down. Subtrees from binary node `leave_from` on become parts of their
/// own, in `left`.
void WideWriter::lay_out(const WidePlan& plan, std::uint32_t leave_from, Part* part,
                         std::vector<Part>* left) const {
  Places next{part->root.binary == 0 ? 1u : 0u, 0};  // the roots of other parts have a place in the top
  std::vector<Pending> waiting{part->root};
  while (!waiting.empty()) {
    const Pending item = waiting.back();
    waiting.pop_back();
    OCT_CHECK(item.depth <= kBvhMostDepth);
    Layout& layout = part->nodes.emplace_back();
    layout.place = item.place;
    layout.child_count = plan.children_of(tree_, item.binary, layout.children);
    const std::size_t before = waiting.size();
    for (std::uint32_t slot = 0; slot < layout.child_count; ++slot) {
      const std::uint32_t child = layout.children[slot];
      lay_out_child(plan, slot, &layout, &next);
      const std::uint32_t ref = layout.refs[slot];
      if ((ref & kRefKindMask) != kRefNode) continue;
      const Pending pending{child, ref, item.depth + 1};
      if (child < leave_from)
        waiting.push_back(pending);
      else
        left->push_back({pending});
    }
    std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(before), waiting.end());
  }
  part->size = next;
}

void WideWriter::lay_out_child(const WidePlan& plan, std::uint32_t slot, Layout* layout, Places* next) const {
  const std::uint32_t child = layout->children[slot];
  std::uint32_t& ref = layout->refs[slot];
  if (!plan.is_leaf(child)) {
    ref = kRefNode | next->node++;
    return;
  }
  const Primitives primitives = primitives_of(tree_, child);
  const PrimitiveId& id = tree_.primitives[primitives.first];
  OCT_CHECK(primitives.count >= 1 && primitives.count <= kBlockWidth);
  layout->primitives[slot] = primitives.first | (primitives.count - 1) << kRefCountShift;
  ref = is_instance(id) ? kRefInstance | id.instance : kRefBlocks | next->block++;
}

/// How many triangles a child holds.
std::uint32_t WideWriter::triangles_of(const Layout& layout, std::uint32_t slot,
                                       const std::vector<std::uint32_t>& triangles) {
  const std::uint32_t ref = layout.refs[slot];
  if ((ref & kRefKindMask) == kRefNode) return triangles[ref];
  if ((ref & kRefKindMask) == kRefInstance) return kTrianglesOfInstance;
  return (layout.primitives[slot] >> kRefCountShift) + 1;
}

/// Orders the children of each node by their surface for each of their triangles, the most last: rays that ask for any
/// hit look there first, where little work is likely to find what blocks them. `triangles` has an element for each place
/// of the part and knows the roots of other parts.
void WideWriter::order_children(std::vector<std::uint32_t> triangles, Part* part) const {
  for (std::size_t i = part->nodes.size(); i-- > 0;) {
    Layout& layout = part->nodes[i];
    std::uint32_t slots[kBvhWidth], total = 0;
    float worth[kBvhWidth];
    for (std::uint32_t slot = 0; slot < layout.child_count; ++slot) {
      slots[slot] = slot;
      const std::uint32_t count = triangles_of(layout, slot, triangles);
      worth[slot] = half_area(tree_.nodes[layout.children[slot]].bounds) / static_cast<float>(count);
      total += count;
    }
    std::sort(slots, slots + layout.child_count, [&](std::uint32_t left, std::uint32_t right) {
      return worth[left] != worth[right] ? worth[left] < worth[right] : left < right;
    });
    const Layout before = layout;
    for (std::uint32_t to = 0; to < layout.child_count; ++to) layout.copy_child(before, slots[to], to);
    if (i == 0)
      part->triangles = total;  // its place is one of the top
    else
      triangles[layout.place] = total;
  }
}

void WideWriter::write(std::span<const MeshGeometry> geometry, std::uint32_t first_node,
                       std::uint32_t first_block, WideNode* nodes, TriangleBlock* blocks, ThreadPool* pool) {
  const Target target{geometry, {first_node, first_block}, nodes, blocks};
  write_part(parts_[0], target);
  Discarder discarder(*this);
  for_each(pool, parts_.size() - 1, [&](std::size_t i) {
    write_part(parts_[i + 1], target);
    discarder.part_is_written(i);
  });
  tree_ = {};
  parts_ = {};
}

void WideWriter::write_part(const Part& part, const Target& target) const {
  const bool is_top = part.root.binary == 0;
  for (std::size_t i = 0; i < part.nodes.size(); ++i) {
    if (i + kNodesAhead < part.nodes.size()) fetch_triangles(part.nodes[i + kNodesAhead], target);
    Layout layout = part.nodes[i];
    // the root of a part was placed by the top, what is below it by the part
    layout.place += target.first.node + (is_top || i == 0 ? 0 : part.first.node);
    write_node(layout, part, target);
  }
}

void WideWriter::write_node(const Layout& layout, const Part& part, const Target& target) const {
  WideNode& node = target.nodes[layout.place];
  for (std::uint32_t slot = 0; slot < kBvhWidth; ++slot) {
    const bool used = slot < layout.child_count;
    const Bounds3 box = used ? tree_.nodes[layout.children[slot]].bounds : empty_bounds();
    node.bounds[0][0][slot] = box.lo.x;
    node.bounds[1][0][slot] = box.lo.y;
    node.bounds[2][0][slot] = box.lo.z;
    node.bounds[0][1][slot] = box.hi.x;
    node.bounds[1][1][slot] = box.hi.y;
    node.bounds[2][1][slot] = box.hi.z;
    std::uint32_t ref = used ? layout.refs[slot] : kNone;
    if (used && (ref & kRefKindMask) == kRefNode) ref += target.first.node + part.first.node;
    if (used && (ref & kRefKindMask) == kRefBlocks) {
      ref += target.first.block + part.first.block;
      write_block(layout.primitives[slot], target, target.blocks + (ref & kRefIndexMask));
    }
    node.child[slot] = ref;
    node.unused[slot] = 0;
  }
}

/// Triangles lie anywhere: asks for those of a node to come.
void WideWriter::fetch_triangles(const Layout& layout, const Target& target) const {
  for (std::uint32_t slot = 0; slot < layout.child_count; ++slot) {
    if ((layout.refs[slot] & kRefKindMask) != kRefBlocks) continue;
    const PrimitiveId* const ids = tree_.primitives.data() + (layout.primitives[slot] & kRefIndexMask);
    for (std::uint32_t i = 0; i <= layout.primitives[slot] >> kRefCountShift; ++i)
      __builtin_prefetch(target.geometry[ids[i].instance].triangles + ids[i].primitive);
  }
}

void WideWriter::write_block(std::uint32_t primitives, const Target& target, TriangleBlock* block) const {
  const PrimitiveId* const ids = tree_.primitives.data() + (primitives & kRefIndexMask);
  const std::uint32_t count = (primitives >> kRefCountShift) + 1;
  for (std::uint32_t lane = 0; lane < kBlockWidth; ++lane) {
    if (lane < count)
      set_triangle(ids[lane], target.geometry[ids[lane].instance], lane, block);
    else
      set_empty(lane, block);
  }
}

}  // namespace oct
