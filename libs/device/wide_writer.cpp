#include "device/wide_writer.hpp"

#include <algorithm>
#include <limits>

#include "base/check.hpp"
#include "device/pool_loops.hpp"
#include "geometry/bvh.hpp"
#include "geometry/slab.hpp"

namespace oct {
namespace {

/// Where no triangle is: a corner that no ray hits.
void set_empty(std::uint32_t lane, TriangleBlock* block) {
  for (std::uint32_t k = 0; k < 3; ++k) {
    for (std::uint32_t axis = 0; axis < 3; ++axis)
      block->corner[k][axis][lane] = std::numeric_limits<float>::quiet_NaN();
  }
  block->instance[lane] = block->primitive[lane] = kNone;
}

void set_triangle(const PrimitiveId& id, const MeshGeometry& mesh, std::uint32_t lane, TriangleBlock* block) {
  const Triangle& triangle = mesh.triangles[id.primitive];
  for (std::uint32_t k = 0; k < 3; ++k) {
    const Vec3 corner = mesh.vertices[triangle.v[k]];
    block->corner[k][0][lane] = corner.x;
    block->corner[k][1][lane] = corner.y;
    block->corner[k][2][lane] = corner.z;
  }
  block->instance[lane] = mesh.instance;
  block->primitive[lane] = id.primitive;
}

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

/// The way down through the wide nodes of a subtree; without a target it counts, else it writes.
class WideWriter::Subtree {
 public:
  Subtree(const WideWriter& writer, const Target* target, Places next)
      : tree_(writer.tree_), plan_(writer.plan_), target_(target), next_(next) {}

  /// Where the next node and block would go.
  Places next() const { return next_; }

  /// Subtrees from binary node `leave_from` on are left to others: their roots go to `left`.
  void go(const Pending& root, std::uint32_t leave_from, std::vector<Part>* left) {
    std::vector<Pending> waiting{root};
    while (!waiting.empty()) {
      const Pending item = waiting.back();
      waiting.pop_back();
      OCT_CHECK(item.depth <= kBvhMostDepth);
      std::uint32_t children[kBvhWidth];
      const std::uint32_t count = plan_.children_of(tree_, item.binary, children);
      const std::size_t before = waiting.size();
      std::uint32_t refs[kBvhWidth];
      for (std::uint32_t slot = 0; slot < count; ++slot) {
        refs[slot] = child_ref(children[slot]);
        if ((refs[slot] & kRefKindMask) != kRefNode) continue;
        const Pending child{children[slot], refs[slot], item.depth + 1};
        if (children[slot] < leave_from) {
          waiting.push_back(child);
        } else if (left != nullptr) {
          left->push_back({child, {}});
        }
      }
      std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(before), waiting.end());
      if (target_ != nullptr) write_node(item, children, refs, count);
    }
  }

 private:
  std::uint32_t child_ref(std::uint32_t child) {
    if (!plan_.is_leaf(child)) return kRefNode | next_.node++;
    const Primitives primitives = primitives_of(tree_, child);
    const PrimitiveId& id = tree_.primitives[primitives.first];
    if (is_instance(id)) return kRefInstance | id.instance;
    const std::uint32_t count = (primitives.count + kBlockWidth - 1) / kBlockWidth;
    OCT_CHECK(count >= 1 && count <= kMostBlocks);
    const std::uint32_t place = next_.block;
    next_.block += count;
    if (target_ != nullptr) write_blocks(primitives, target_->blocks + target_->first.block + place);
    return kRefBlocks | (count - 1) << kRefCountShift | place;
  }

  void write_blocks(const Primitives& primitives, TriangleBlock* block) const {
    const PrimitiveId* const ids = tree_.primitives.data() + primitives.first;
    for (std::uint32_t i = 0; i < primitives.count; i += kBlockWidth, ++block) {
      for (std::uint32_t lane = 0; lane < kBlockWidth; ++lane) {
        if (i + lane < primitives.count)
          set_triangle(ids[i + lane], target_->geometry[ids[i + lane].instance], lane, block);
        else
          set_empty(lane, block);
      }
    }
  }

  void write_node(const Pending& item, const std::uint32_t* children, const std::uint32_t* refs,
                  std::uint32_t count) const {
    WideNode& node = target_->nodes[target_->first.node + item.place];
    for (std::uint32_t slot = 0; slot < kBvhWidth; ++slot) {
      const Bounds3 box = slot < count ? tree_.nodes[children[slot]].bounds : empty_bounds();
      node.bounds[0][0][slot] = box.lo.x;
      node.bounds[1][0][slot] = box.lo.y;
      node.bounds[2][0][slot] = box.lo.z;
      node.bounds[0][1][slot] = box.hi.x;
      node.bounds[1][1][slot] = box.hi.y;
      node.bounds[2][1][slot] = box.hi.z;
      node.child[slot] = slot < count ? placed(refs[slot]) : kNone;
    }
  }

  /// A reference among all trees, from one within this tree.
  std::uint32_t placed(std::uint32_t ref) const {
    if ((ref & kRefKindMask) == kRefNode) return ref + target_->first.node;
    if ((ref & kRefKindMask) == kRefBlocks) return ref + target_->first.block;
    return ref;
  }

  const BinaryTree& tree_;
  const WidePlan& plan_;
  const Target* const target_;
  Places next_;  ///< from the start of this tree
};

WideWriter::WideWriter(BinaryTree tree, ThreadPool* pool) : tree_(std::move(tree)), plan_(tree_, pool) {
  const std::uint32_t top = tree_.pieces.empty() ? kNone : tree_.pieces[0];
  Subtree counter(*this, nullptr, {1, 0});
  counter.go({0, 0, 1}, top, &parts_);
  std::vector<Places> sizes(parts_.size());
  for_each(pool, parts_.size(), [&](std::size_t i) {
    Subtree part(*this, nullptr, {0, 0});
    part.go(parts_[i].root, kNone, nullptr);
    sizes[i] = part.next();
  });
  Places next = counter.next();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].first = next;
    next.node += sizes[i].node;
    next.block += sizes[i].block;
  }
  node_count_ = next.node;
  block_count_ = next.block;
}

void WideWriter::write(std::span<const MeshGeometry> geometry, std::uint32_t first_node,
                       std::uint32_t first_block, WideNode* nodes, TriangleBlock* blocks, ThreadPool* pool) {
  const Target target{geometry, {first_node, first_block}, nodes, blocks};
  const std::uint32_t top = tree_.pieces.empty() ? kNone : tree_.pieces[0];
  Subtree(*this, &target, {1, 0}).go({0, 0, 1}, top, nullptr);
  for_each(pool, parts_.size(), [&](std::size_t i) {
    Subtree(*this, &target, parts_[i].first).go(parts_[i].root, kNone, nullptr);
  });
  tree_ = {};
}

}  // namespace oct
