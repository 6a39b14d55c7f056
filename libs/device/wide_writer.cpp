#include "device/wide_writer.hpp"

#include <limits>

#include "base/check.hpp"
#include "geometry/slab.hpp"
#include "geometry/triangle.hpp"

namespace oct {
namespace {

static_assert(kBvhWidth == kMostChildren);
/// Measured on the CPU: a block of four triangles against a node of eight boxes.
constexpr CollapseCosts kWideCosts{1.0f, 0.6f, kBlockWidth, kBlockWidth};

struct WideFormat {
  using Part = WidePart;
  Source source;

  WideNode write_node(std::uint32_t, const std::uint32_t* children, std::uint32_t count, std::uint32_t depth,
                      Part* part, std::vector<Pending>* waiting) const {
    WideNode node{};
    for (std::uint32_t slot = 0; slot < kBvhWidth; ++slot) {
      const Bounds3 box = slot < count ? source.tree.nodes[children[slot]].bounds : empty_bounds();
      for (std::uint32_t axis = 0; axis < 3; ++axis) {
        node.bounds[axis][0][slot] = component(box.lo, axis);
        node.bounds[axis][1][slot] = component(box.hi, axis);
      }
      node.child[slot] = slot < count ? write_child(children[slot], depth, part, waiting) : kNone;
    }
    return node;
  }

  std::uint32_t write_child(std::uint32_t child, std::uint32_t depth, Part* part,
                            std::vector<Pending>* waiting) const {
    if (!source.plan.is_leaf(child)) {
      const auto place = static_cast<std::uint32_t>(part->nodes.size());
      part->nodes.emplace_back();
      waiting->push_back({child, place, depth + 1});
      return kRefNode | place;
    }
    const BvhPrimitive* first = source.tree.primitives.data() + source.plan.first_of(child);
    if (is_instance(*first)) return kRefInstance | first->instance;
    const std::uint32_t count = source.plan.count_of(child);
    const std::uint32_t blocks = (count + kBlockWidth - 1) / kBlockWidth;
    OCT_CHECK(blocks >= 1 && blocks <= kMostBlocks);
    const auto place = static_cast<std::uint32_t>(part->leaves.size());
    for (std::uint32_t i = 0; i < count; i += kBlockWidth) {
      part->leaves.push_back(make_block(first + i, std::min(kBlockWidth, count - i)));
    }
    return kRefBlocks | (blocks - 1) << kRefCountShift | place;
  }

  TriangleBlock make_block(const BvhPrimitive* primitives, std::uint32_t count) const {
    constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
    TriangleBlock block;
    for (std::uint32_t lane = 0; lane < kBlockWidth; ++lane) {
      Vec3 corner[3];
      for (std::uint32_t k = 0; k < 3; ++k) {
        corner[k] = lane < count ? source.corner(primitives[lane], k) : splat(kNoNumber);
        for (std::uint32_t axis = 0; axis < 3; ++axis)
          block.corner[k][axis][lane] = component(corner[k], axis);
      }
      block.pad[lane] = triangle_pad(corner_bounds(corner[0], corner[1], corner[2]));
      block.instance[lane] = lane < count ? source.geometry[primitives[lane].instance].instance : kNone;
      block.primitive[lane] = lane < count ? primitives[lane].primitive : kNone;
    }
    return block;
  }
};

}  // namespace

std::vector<WidePart> write_wide(const BinaryTree& tree, std::span<const MeshGeometry> geometry,
                                 ThreadPool* pool) {
  const CollapsePlan plan(tree, kWideCosts, pool);
  return write_tree(WideFormat{{tree, plan, geometry}}, plan, pool);
}

void relocate(WideNode& node, std::uint32_t node_delta, std::uint32_t leaf_delta) {
  for (std::uint32_t& child : node.child) {
    if (child == kNone) continue;
    if ((child & kRefKindMask) == kRefNode) child += node_delta;
    if ((child & kRefKindMask) == kRefBlocks) child += leaf_delta;
  }
}

}  // namespace oct
