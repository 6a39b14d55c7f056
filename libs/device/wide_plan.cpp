#include "device/wide_plan.hpp"

#include <algorithm>

#include "device/boxes.hpp"
#include "device/pool_loops.hpp"
#include "device/scratch.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

// Measured on the CPU: a block of four triangles against a node of eight boxes.
constexpr float kNodeCost = 1.0f;
constexpr float kBlockCost = 0.6f;
/// A cost that nothing reaches; surfaces count in those of the root.
constexpr float kNever = 1e30f;

float leaf_cost(float area, std::uint32_t count) {
  return area * kBlockCost * static_cast<float>((count + kBlockWidth - 1) / kBlockWidth);
}

__m128 with_share(__m128 cost, int share) {
  return _mm_or_ps(_mm_and_ps(cost, _mm_castsi128_ps(_mm_set1_epi32(~7))),
                   _mm_castsi128_ps(_mm_set1_epi32(share)));
}

/// The last three bits of each lane, as bytes.
void shares_of(__m128 lower, __m128 upper, std::uint8_t shares[kBvhWidth]) {
  const __m128i mask = _mm_set1_epi32(7);
  const __m128i words = _mm_packs_epi32(_mm_and_si128(_mm_castps_si128(lower), mask),
                                        _mm_and_si128(_mm_castps_si128(upper), mask));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(shares), _mm_packus_epi16(words, words));
}

}  // namespace

/// [i]: as at most i + 1 wide children of a node above.
struct alignas(16) WidePlan::Costs {
  float of[kBvhWidth];
};

/// The costs of nodes from `first` on, and of those of a piece that the nodes above it ask for.
struct WidePlan::CostTable {
  std::uint32_t first;
  Costs* costs;
  const std::vector<std::uint32_t>* pieces = nullptr;
  const Costs* of_pieces = nullptr;  ///< two a piece

  Costs& own(std::uint32_t node) const { return costs[node - first]; }
  const Costs* children(std::uint32_t left) const {
    if (pieces == nullptr || left < (*pieces)[0]) return costs + (left - first);
    // empty pieces begin where the next one does
    const auto after = std::upper_bound(pieces->begin(), pieces->end(), left);
    return of_pieces + 2 * (after - pieces->begin() - 1);
  }
};

WidePlan::WidePlan(const BinaryTree& tree, ThreadPool* pool) : choices_(tree.nodes.size()) {
  const float root_area = half_area(tree.nodes[0].bounds);
  if (root_area > 0.0f && is_finite(1.0f / root_area)) per_area_ = 1.0f / root_area;
  const auto choose_backwards = [&](std::uint32_t begin, std::uint32_t end, const CostTable& costs) {
    for (std::uint32_t node = end; node-- > begin;) choose(tree, node, costs);
  };
  const std::vector<std::uint32_t>& pieces = tree.pieces;
  const std::size_t piece_count = pieces.empty() ? 0 : pieces.size() - 1;
  std::vector<Costs> of_pieces(2 * piece_count);
  Scratch<std::vector<Costs>> scratch;
  for_each(pool, piece_count, [&](std::size_t i) {
    if (pieces[i] == pieces[i + 1]) return;
    scratch.lend([&](std::vector<Costs>& costs) {
      costs.resize(std::max<std::size_t>(costs.size(), pieces[i + 1] - pieces[i]));
      choose_backwards(pieces[i], pieces[i + 1], {pieces[i], costs.data()});
      std::copy_n(costs.data(), 2, of_pieces.data() + 2 * i);
    });
  });
  const std::uint32_t top = pieces.empty() ? static_cast<std::uint32_t>(tree.nodes.size()) : pieces[0];
  std::vector<Costs> costs(top);
  choose_backwards(0, top, {0, costs.data(), pieces.empty() ? nullptr : &pieces, of_pieces.data()});
}

void WidePlan::choose_leaf(const BinaryTree& tree, std::uint32_t node, Costs& costs) {
  const BinaryNode& binary = tree.nodes[node];
  const bool instance = is_instance(tree.primitives[binary.first]);
  const std::uint32_t count = std::min<std::uint32_t>(binary.count, kCountMask);
  choices_[node] = {0, static_cast<std::uint8_t>(count | kLeaf | (instance ? kHasInstance : 0)), {}};
  std::fill_n(costs.of, kBvhWidth, leaf_cost(half_area(binary.bounds) * per_area_, binary.count));
}

void WidePlan::choose(const BinaryTree& tree, std::uint32_t node, const CostTable& table) {
  const BinaryNode& binary = tree.nodes[node];
  Costs& costs = table.own(node);
  if (binary.count != 0) return choose_leaf(tree, node, costs);
  const Costs* const below = table.children(binary.first);
  // forest[i]: split into at least two and at most i + 1; the last bits say how many go to the left, less one
  alignas(16) float right[2 * kBvhWidth];
  std::fill_n(right, kBvhWidth, kNever);
  std::copy_n(below[1].of, kBvhWidth, right + kBvhWidth);
  __m128 lower = _mm_set1_ps(kNever), upper = lower;
  for (int share = 0; share < 7; ++share) {
    const float* const others = right + kBvhWidth - 1 - share;
    const __m128 left = _mm_set1_ps(below[0].of[share]);
    lower = _mm_min_ps(lower, with_share(_mm_add_ps(left, _mm_loadu_ps(others)), share));
    upper = _mm_min_ps(upper, with_share(_mm_add_ps(left, _mm_loadu_ps(others + 4)), share));
  }
  decide(tree, node, lower, upper, costs);
}

/// Leaf, node or forest: what is least for each number of children that a node above may allow.
void WidePlan::decide(const BinaryTree& tree, std::uint32_t node, __m128 lower, __m128 upper, Costs& costs) {
  const BinaryNode& binary = tree.nodes[node];
  std::uint8_t shares[kBvhWidth];
  shares_of(lower, upper, shares);
  const std::uint8_t left_state = choices_[binary.first].state,
                     right_state = choices_[binary.first + 1].state;
  const int count = std::min((left_state & kCountMask) + (right_state & kCountMask), int{kCountMask});
  const int instance = (left_state | right_state) & kHasInstance;
  const float area = half_area(binary.bounds) * per_area_;
  const float as_leaf = leaf_cost(area, static_cast<std::uint32_t>(count));
  const float as_node = area * kNodeCost + _mm_cvtss_f32(_mm_shuffle_ps(upper, upper, 0xff));
  const bool leaf = count <= int{kBlockWidth} && instance == 0 && as_leaf <= as_node;
  const __m128 whole = _mm_set1_ps(leaf ? as_leaf : as_node);
  const int splits = _mm_movemask_ps(_mm_cmplt_ps(lower, whole)) | _mm_movemask_ps(_mm_cmplt_ps(upper, whole))
                                                                       << 4;
  Choice& choice = choices_[node];
  choice.splits = static_cast<std::uint8_t>(splits);
  choice.state = static_cast<std::uint8_t>(count | (leaf ? kLeaf : 0) | instance);
  std::copy_n(shares + 2, 6, choice.shares);
  _mm_store_ps(costs.of, _mm_min_ps(lower, whole));
  _mm_store_ps(costs.of + 4, _mm_min_ps(upper, whole));
}

void WidePlan::collect(const BinaryTree& tree, std::uint32_t node, std::uint32_t roots,
                       std::uint32_t* children, std::uint32_t* count) const {
  const Choice& choice = choices_[node];
  while (roots > 1 && (choice.splits >> (roots - 1) & 1u) == 0) --roots;
  if (roots == 1) {
    children[(*count)++] = node;
    return;
  }
  const std::uint32_t left = roots == 2 ? 1 : choice.shares[roots - 3] + 1u;
  collect(tree, tree.nodes[node].first, left, children, count);
  collect(tree, tree.nodes[node].first + 1, roots - left, children, count);
}

std::uint32_t WidePlan::children_of(const BinaryTree& tree, std::uint32_t node,
                                    std::uint32_t children[kBvhWidth]) const {
  std::uint32_t count = 0;
  if (is_leaf(node)) {
    children[count++] = node;
    return count;
  }
  const std::uint32_t left = choices_[node].shares[kBvhWidth - 3] + 1u;
  collect(tree, tree.nodes[node].first, left, children, &count);
  collect(tree, tree.nodes[node].first + 1, kBvhWidth - left, children, &count);
  return count;
}

}  // namespace oct
