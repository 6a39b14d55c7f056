#include "device/compact_writer.hpp"

#include "base/check.hpp"
#include "geometry/walk_compact.hpp"

namespace oct {
namespace {

constexpr CollapseCosts kCompactCosts{1.0f, 0.3f, 1, kCompactMostTriangles};

/// The grid of a compact node on one axis: the finest on which all of [lo, hi] lies.
std::uint8_t grid_exponent(float lo, float hi) {
  std::uint32_t exponent = 1;
  const float extent = hi - lo;
  if (extent > 0.0f) {
    const std::uint32_t biased = bits_of(extent / 255.0f) >> 23;
    exponent = std::max(biased, 1u);
  }
  while (lo + 255.0f * grid_step(static_cast<std::uint8_t>(exponent)) < hi) ++exponent;
  OCT_CHECK(exponent < 255);
  return static_cast<std::uint8_t>(exponent);
}

/// The largest grid line not above x, and the smallest not below it, by the arithmetic of compact_box. The
/// quotient may be off by rounding, so neighbours are tried.
std::uint8_t grid_floor(float x, float origin, float step) {
  float q = std::min(floor((x - origin) / step), 255.0f);
  while (q < 255.0f && origin + (q + 1.0f) * step <= x) q += 1.0f;
  while (q > 0.0f && origin + q * step > x) q -= 1.0f;
  return static_cast<std::uint8_t>(q);
}
std::uint8_t grid_ceil(float x, float origin, float step) {
  float q = std::min(floor((x - origin) / step), 255.0f);
  while (q > 0.0f && origin + (q - 1.0f) * step >= x) q -= 1.0f;
  while (q < 255.0f && origin + q * step < x) q += 1.0f;
  return static_cast<std::uint8_t>(q);
}

/// Gives each child a slot such that slot ^ octant is about front to back for each octant of directions:
/// repeatedly the pair of child and free slot that fits best.
void assign_slots(const Bounds3* boxes, std::uint32_t count, const Bounds3& all, std::uint32_t slots[8]) {
  bool placed[8] = {}, used[8] = {};
  for (std::uint32_t round = 0; round < count; ++round) {
    float best = -kInfinity;
    std::uint32_t best_child = 0, best_slot = 0;
    bool found = false;
    for (std::uint32_t child = 0; child < count; ++child) {
      if (placed[child]) continue;
      const Vec3 offset = (boxes[child].lo - all.lo) + (boxes[child].hi - all.hi);
      for (std::uint32_t slot = 0; slot < kBvhWidth; ++slot) {
        if (used[slot]) continue;
        const float fit = ((slot & 1) != 0 ? offset.x : -offset.x) +
                          ((slot & 2) != 0 ? offset.y : -offset.y) + ((slot & 4) != 0 ? offset.z : -offset.z);
        if (found && !(fit > best)) continue;
        found = true;
        best = fit;
        best_child = child;
        best_slot = slot;
      }
    }
    placed[best_child] = used[best_slot] = true;
    slots[best_child] = best_slot;
  }
}

struct CompactFormat {
  using Part = CompactPart;
  Source source;

  CompactNode write_node(std::uint32_t binary, const std::uint32_t* children, std::uint32_t count,
                         std::uint32_t depth, Part* part, std::vector<Pending>* waiting) const {
    const Bounds3 all = source.tree.nodes[binary].bounds;
    Bounds3 boxes[kBvhWidth];
    for (std::uint32_t i = 0; i < count; ++i) boxes[i] = source.tree.nodes[children[i]].bounds;
    std::uint32_t slots[kBvhWidth];
    assign_slots(boxes, count, all, slots);

    CompactNode node{};
    node.origin = all.lo;
    node.exponent[0] = grid_exponent(all.lo.x, all.hi.x);
    node.exponent[1] = grid_exponent(all.lo.y, all.hi.y);
    node.exponent[2] = grid_exponent(all.lo.z, all.hi.z);
    node.child_count = static_cast<u8>(count);
    node.first_node = static_cast<u32>(part->nodes.size());
    node.first_triangle = static_cast<u32>(part->leaves.size());
    for (std::uint32_t slot = 0; slot < kBvhWidth; ++slot) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (slots[i] != slot) continue;
        quantise(boxes[i], slot, &node);
        node.meta[slot] = write_child(children[i], node, depth, part, waiting);
      }
    }
    return node;
  }

  void quantise(const Bounds3& box, std::uint32_t slot, CompactNode* node) const {
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      const float step = grid_step(node->exponent[axis]);
      const float origin = component(node->origin, axis);
      node->lo[axis][slot] = grid_floor(component(box.lo, axis), origin, step);
      node->hi[axis][slot] = grid_ceil(component(box.hi, axis), origin, step);
    }
    OCT_CHECK(encloses(compact_box(*node, slot), box));
  }

  std::uint8_t write_child(std::uint32_t child, const CompactNode& node, std::uint32_t depth, Part* part,
                           std::vector<Pending>* waiting) const {
    const auto meta = [](std::uint32_t kind, std::size_t offset) {
      return static_cast<std::uint8_t>(kind << kCompactKindShift | static_cast<std::uint32_t>(offset));
    };
    if (!source.plan.is_leaf(child)) {
      const auto place = static_cast<std::uint32_t>(part->nodes.size());
      part->nodes.emplace_back();
      waiting->push_back({child, place, depth + 1});
      return meta(kCompactNode, place - node.first_node);
    }
    const PrimitiveId* first = source.tree.primitives.data() + source.plan.first_of(child);
    const std::uint32_t count = source.plan.count_of(child);
    const std::size_t offset = part->leaves.size() - node.first_triangle;
    if (is_instance(*first)) {
      part->leaves.push_back({{}, first->instance, kNone, 0});
      return meta(kCompactInstance, offset);
    }
    OCT_CHECK(count >= 1 && count <= kCompactMostTriangles);
    for (std::uint32_t i = 0; i < count; ++i) {
      part->leaves.push_back(
          {{source.corner(first[i], 0), source.corner(first[i], 1), source.corner(first[i], 2)},
           source.geometry[first[i].instance].instance,
           first[i].primitive,
           0});
    }
    return meta(count, offset);
  }
};

}  // namespace

std::vector<CompactPart> write_compact(const BinaryTree& tree, std::span<const MeshGeometry> geometry,
                                       ThreadPool* pool) {
  const CollapsePlan plan(tree, kCompactCosts, pool);
  return write_tree(CompactFormat{{tree, plan, geometry}}, plan, pool);
}

void relocate(CompactNode& node, std::uint32_t node_delta, std::uint32_t leaf_delta) {
  node.first_node += node_delta;
  node.first_triangle += leaf_delta;
}

}  // namespace oct
