#include "device/compact_plan.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "geometry/slab.hpp"

namespace oct {
namespace {

/// Of a ray that comes from anywhere, up to a factor.
float chance_to_pass(const Bounds3& box) {
  const Vec3 size = box.hi - box.lo;
  return size.x * size.y + size.y * size.z + size.z * size.x;
}

}  // namespace

CompactPlan::CompactPlan(const BinaryTree& tree, std::uint32_t width)
    : tree_(tree),
      width_(width),
      height_(tree.nodes.size()),
      waiting_(tree.nodes.size()),
      place_(tree.nodes.size(), kNone) {
  for (std::size_t node = tree.nodes.size(); node-- > 0;) {  // children come after their parents
    if (is_leaf(static_cast<std::uint32_t>(node))) continue;
    const std::uint32_t first = tree.nodes[node].first;
    height_[node] = static_cast<std::uint8_t>(1 + std::max(height_[first], height_[first + 1]));
    OCT_CHECK(height_[node] <= kCompactMostWaiting);
  }
  place_[0] = 0;
  binary_.push_back(0);
  std::vector<std::uint32_t> open{0};
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    place_children(node, &open);
  }
}

void CompactPlan::place_children(std::uint32_t node, std::vector<std::uint32_t>* open) {
  const CompactChildren children = children_of(node);
  const auto first = static_cast<std::ptrdiff_t>(open->size());
  for (std::uint32_t i = 0; i < children.count; ++i) {
    const std::uint32_t child = children.binary[i];
    if (is_leaf(child)) continue;
    place_[child] = static_cast<std::uint32_t>(binary_.size());
    waiting_[child] = static_cast<std::uint8_t>(waiting_[node] + children.count - 1);
    binary_.push_back(child);
    open->push_back(child);
  }
  std::reverse(open->begin() + first, open->end());
}

/// Whether all below can be walked if child `opened` makes way for its two: at worst by nodes of two, which put
/// aside one child for each level.
bool CompactPlan::has_room(const CompactChildren& children, std::uint32_t opened,
                           std::uint32_t waiting) const {
  std::uint32_t height = height_[children.binary[opened]] - 1u;
  for (std::uint32_t i = 0; i < children.count; ++i) {
    if (i != opened) height = std::max<std::uint32_t>(height, height_[children.binary[i]]);
  }
  return waiting + children.count + height <= kCompactMostWaiting;
}

CompactChildren CompactPlan::children_of(std::uint32_t binary) const {
  if (is_leaf(binary)) return {1, {binary}};
  const std::uint32_t first = tree_.nodes[binary].first;
  CompactChildren children{2, {first, first + 1}};
  const auto chance = [this](std::uint32_t node) { return chance_to_pass(tree_.nodes[node].bounds); };
  while (children.count < width_) {
    std::uint32_t best = kNone;
    for (std::uint32_t i = 0; i < children.count; ++i) {
      if (is_leaf(children.binary[i]) || !has_room(children, i, waiting_[binary])) continue;
      if (best == kNone || chance(children.binary[i]) > chance(children.binary[best])) best = i;
    }
    if (best == kNone) break;
    const std::uint32_t opened = tree_.nodes[children.binary[best]].first;
    children.binary[best] = opened;
    children.binary[children.count++] = opened + 1;
  }
  for (std::uint32_t i = 1; i < children.count; ++i) {  // equals keep their order, which is the tree's
    for (std::uint32_t k = i; k > 0 && chance(children.binary[k]) > chance(children.binary[k - 1]); --k) {
      std::swap(children.binary[k], children.binary[k - 1]);
    }
  }
  return children;
}

}  // namespace oct
