#include "device/bvh_collapse.hpp"

#include "geometry/slab.hpp"

namespace oct {
namespace {

float half_area(const Bounds3& box) {
  const Vec3 size = box.hi - box.lo;
  return size.x * size.y + size.y * size.z + size.z * size.x;
}

}  // namespace

CollapsePlan::CollapsePlan(const BinaryTree& tree, const CollapseCosts& costs, ThreadPool* pool)
    : tree_(tree), costs_(costs), choices_(tree.nodes.size()) {
  const auto choose_backwards = [this](std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t node = end; node-- > begin;) choose(node);
  };
  const bool in_pieces = pool != nullptr && !tree.pieces.empty();
  if (in_pieces) {
    pool->for_each(tree.pieces.size() - 1,
                   [&](std::size_t i) { choose_backwards(tree.pieces[i], tree.pieces[i + 1]); });
  }
  choose_backwards(0, in_pieces ? tree.pieces[0] : static_cast<std::uint32_t>(tree.nodes.size()));
}

float CollapsePlan::leaf_cost(float area, std::uint32_t count) const {
  return area * costs_.leaf_group * static_cast<float>((count + costs_.group - 1) / costs_.group);
}

void CollapsePlan::choose_leaf(const BinaryNode& binary, Choice& choice) const {
  choice = {};
  choice.first = binary.first;
  choice.count = binary.count;
  choice.leaf = true;
  choice.has_instance = is_instance(tree_.primitives[binary.first]);
  for (float& cost : choice.cost) cost = leaf_cost(half_area(binary.bounds), binary.count);
}

void CollapsePlan::choose(std::uint32_t node) {
  const BinaryNode& binary = tree_.nodes[node];
  Choice& choice = choices_[node];
  if (binary.count != 0) {
    choose_leaf(binary, choice);
    return;
  }
  const Choice& left = choices_[binary.first];
  const Choice& right = choices_[binary.first + 1];
  choice.first = left.first;
  choice.count = left.count + right.count;
  choice.has_instance = left.has_instance || right.has_instance;

  float forest[kMostChildren];  // [i]: split into at least two and at most i + 1
  forest[0] = kInfinity;
  choice.shares[0] = {};
  for (std::uint32_t roots = 2; roots <= kMostChildren; ++roots) {
    forest[roots - 1] = forest[roots - 2];
    choice.shares[roots - 1] = choice.shares[roots - 2];
    for (std::uint32_t share = 1; share < roots; ++share) {
      const float cost = left.cost[share - 1] + right.cost[roots - share - 1];
      if (roots > 2 && cost >= forest[roots - 1]) continue;
      forest[roots - 1] = cost;
      choice.shares[roots - 1] = {static_cast<std::uint8_t>(share & 15),
                                  static_cast<std::uint8_t>((roots - share) & 15)};
    }
  }
  const float area = half_area(binary.bounds);
  const float as_leaf = leaf_cost(area, choice.count);
  const float as_node = area * costs_.node + forest[kMostChildren - 1];
  choice.leaf = choice.count <= costs_.most_in_leaf && !choice.has_instance && as_leaf <= as_node;
  choice.cost[0] = choice.leaf ? as_leaf : as_node;
  choice.splits = 0;
  for (std::uint32_t i = 1; i < kMostChildren - 1; ++i) {
    const bool split = forest[i] < choice.cost[i - 1];
    choice.cost[i] = split ? forest[i] : choice.cost[i - 1];
    if (split) choice.splits = static_cast<std::uint8_t>(choice.splits | 1u << i);
  }
}

void CollapsePlan::collect(std::uint32_t node, std::uint32_t roots, std::uint32_t children[kMostChildren],
                           std::uint32_t* count) const {
  const Choice& choice = choices_[node];
  while (roots > 1 && (choice.splits >> (roots - 1) & 1u) == 0) --roots;
  if (roots == 1) {
    children[(*count)++] = node;
    return;
  }
  const Shares shares = choice.shares[roots - 1];
  collect(tree_.nodes[node].first, shares.left, children, count);
  collect(tree_.nodes[node].first + 1, shares.right, children, count);
}

std::uint32_t CollapsePlan::children_of(std::uint32_t node, std::uint32_t children[kMostChildren]) const {
  std::uint32_t count = 0;
  if (is_leaf(node)) {
    children[count++] = node;
    return count;
  }
  const Shares shares = choices_[node].shares[kMostChildren - 1];
  collect(tree_.nodes[node].first, shares.left, children, &count);
  collect(tree_.nodes[node].first + 1, shares.right, children, &count);
  return count;
}

}  // namespace oct
