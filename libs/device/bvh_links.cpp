#include "device/bvh_links.hpp"

#include <algorithm>

namespace oct {
namespace {

constexpr std::uint32_t kMostDepth = 64;

/// By bits: zeros have two.
bool same_box(const Box& a, const Box& b) {
  const auto same = [](Float4 x, Float4 y) {
    return _mm_cmpeq_epi32(_mm_castps_si128(x.v), _mm_castps_si128(y.v));
  };
  constexpr int kThreeLanes = 0xfff;
  return (_mm_movemask_epi8(_mm_and_si128(same(a.lo, b.lo), same(a.hi, b.hi))) & kThreeLanes) == kThreeLanes;
}

}  // namespace

/// From the parent of a node to the root.
struct LinkedTree::Ancestors {
  std::uint32_t nodes[kMostDepth];
  std::uint32_t count = 0;

  Ancestors(const LinkedTree& tree, std::uint32_t node) {
    while (node != kRoot) nodes[count++] = node = tree.parent_of(node);
  }
  bool has(std::uint32_t node) const { return std::find(nodes, nodes + count, node) != nodes + count; }
};

void LinkedTree::set_height(std::uint32_t node) {
  LinkedNode& n = nodes_[node];
  n.height =
      n.is_leaf != 0
          ? std::uint16_t{0}
          : static_cast<std::uint16_t>(1 + std::max(nodes_[n.first].height, nodes_[n.first + 1].height));
}

float LinkedTree::gain_of(std::uint32_t moved, std::uint32_t target) const {
  if (moved <= 1 || target <= 1 || moved == target || target == sibling_of(moved)) return kImpossible;
  const Ancestors from(*this, moved), to(*this, target);
  if (from.count < 2 || target == from.nodes[0] || to.has(moved)) return kImpossible;
  const std::uint32_t height = std::max(nodes_[moved].height, nodes_[target].height);
  if (to.count + 1 + height > most_depth_) return kImpossible;

  std::uint32_t left = from.count, entered = to.count;  // without those above both, which stay as they are
  for (; left > 0 && entered > 0 && from.nodes[left - 1] == to.nodes[entered - 1]; --left) --entered;
  Box without;
  if (left > 0 &&
      from.nodes[left - 1] == target) {  // upwards: what is left of the target goes below the new parent
    const float saved = saved_below(from, left - 1, moved, &without);
    without.add(box_of(nodes_[sibling_of(from.nodes[left - 2])]));
    return saved - half_area(without);
  }
  float gain = saved_below(from, left, moved, &without);
  const Box own = box_of(nodes_[moved]);
  for (std::uint32_t i = 0; i < entered; ++i) {
    const Box box = box_of(nodes_[to.nodes[i]]);
    gain += half_area(box) - half_area(merged(box, own));
  }
  return gain - half_area(merged(box_of(nodes_[target]), own));
}

/// What goes with the parent of a subtree that leaves, and what the other ones of the first `count` ancestors lose, at
/// least the parent; and the box of what is left of the last of them.
float LinkedTree::saved_below(const Ancestors& from, std::uint32_t count, std::uint32_t moved,
                              Box* without) const {
  *without = box_of(nodes_[sibling_of(moved)]);
  float saved = half_area(box_of(nodes_[from.nodes[0]]));
  for (std::uint32_t i = 1; i < count; ++i) {
    without->add(box_of(nodes_[sibling_of(from.nodes[i - 1])]));
    saved += half_area(box_of(nodes_[from.nodes[i]])) - half_area(*without);
  }
  return saved;
}

void LinkedTree::put(const LinkedNode& node, std::uint32_t place) {
  nodes_[place] = node;
  if (node.is_leaf == 0) parents_[node.first / 2] = place;
}

void LinkedTree::move(std::uint32_t moved, std::uint32_t target) {
  const std::uint32_t former = sibling_of(moved), parent = parent_of(moved);
  put(nodes_[former], parent);
  put(nodes_[target], former);
  nodes_[target].first = std::min(moved, former);
  nodes_[target].is_leaf = 0;
  nodes_[target].height = 0;  // so that it is not taken for unchanged
  parents_[moved / 2] = target;
  refit_from(parent_of(parent));
  refit_from(target);
}

/// Makes boxes and heights right from a node up, as far as they change.
void LinkedTree::refit_from(std::uint32_t node) {
  for (;; node = parent_of(node)) {
    const LinkedNode& left = nodes_[nodes_[node].first];
    const Box box = merged(box_of(left), box_of(*(&left + 1)));
    const LinkedNode before = nodes_[node];
    set_inner(node, box, before.first);
    set_height(node);
    if (node == kRoot || (same_box(box, box_of(before)) && nodes_[node].height == before.height)) return;
  }
}

}  // namespace oct
