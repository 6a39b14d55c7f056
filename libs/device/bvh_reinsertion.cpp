#include "device/bvh_reinsertion.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "device/pool_loops.hpp"
#include "geometry/bvh.hpp"

// In each round all threads look for the best place of each subtree while nothing changes; then one thread carries
// out what they found, the best first, as far as it is still worth something.

namespace oct {
namespace {

constexpr std::uint32_t kRounds = 4;
/// One subtree in so many is tried, those with the largest boxes: rays meet them first. Of small trees all are.
constexpr std::uint32_t kShare = 20;
constexpr std::uint32_t kAllUpTo = 2048;  ///< nodes
/// Nodes whose boxes are looked at to know which are large.
constexpr std::uint32_t kSamples = 4096;
constexpr std::size_t kSearchesPerPiece = 256;

/// To put a subtree beside a node, and by how much the sum of all half surfaces falls.
struct Move {
  std::uint32_t node;
  std::uint32_t target;
  float gain;
};

/// Looks for the best place of one subtree.
class PlaceSearch {
 public:
  PlaceSearch(const LinkedTree& tree, std::uint32_t node)
      : tree_(tree), own_(box_of(tree[node])), own_area_(half_area(own_)), best_{node, node, 0.0f} {}

  /// A gain of 0: where it is.
  Move find() {
    std::uint32_t below = tree_.parent_of(best_.node);
    std::uint32_t other = LinkedTree::sibling_of(best_.node);
    Box without = box_of(tree_[other]);  // what is left of `below`
    saved_ = half_area(box_of(tree_[below]));
    look_below(other);
    while (below != LinkedTree::kRoot) {
      other = LinkedTree::sibling_of(below);
      look_below(other);
      without.add(box_of(tree_[other]));
      below = tree_.parent_of(below);
      const float area = half_area(box_of(tree_[below]));
      const float left = half_area(without);
      if (below != LinkedTree::kRoot) offer(below, saved_ - left);
      saved_ += area - left;
    }
    return best_;
  }

 private:
  struct Pending {
    std::uint32_t node;
    float most;  ///< to be gained there
  };

  void offer(std::uint32_t target, float gain) {
    if (gain > best_.gain) best_ = {best_.node, target, gain};
  }

  /// Tries all places in a subtree beside the way up. saved_ is what goes when ours leaves its place for there.
  void look_below(std::uint32_t top) {
    std::uint32_t count = 0;
    waiting_[count++] = {top, saved_ - own_area_};
    while (count > 0) {
      const Pending item = waiting_[--count];
      if (!(item.most > best_.gain)) continue;
      const LinkedNode& node = tree_[item.node];
      const Box box = box_of(node);
      const float both = half_area(merged(box, own_));  // of the new parent, at least our own
      offer(item.node, item.most + own_area_ - both);
      const float most = item.most - (both - half_area(box));  // further down this node grows
      if (node.is_leaf != 0 || !(most > best_.gain)) continue;
      waiting_[count++] = {node.first + 1, most};
      waiting_[count++] = {node.first, most};
    }
  }

  const LinkedTree& tree_;
  const Box own_;
  const float own_area_;
  Move best_;
  float saved_ = 0.0f;
  Pending waiting_[kBvhMostDepth + 2];
};

class Reinsertion {
 public:
  Reinsertion(LinkedTree& tree, ThreadPool* pool, const std::stop_token& stop)
      : tree_(tree), pool_(pool), stop_(stop), renumbered_in_(tree.size(), 0) {}

  bool run(std::atomic<std::uint64_t>& progress) {
    choose();
    for (std::uint8_t round = 1; round <= kRounds; ++round) {
      search();
      if (stop_.stop_requested()) return false;
      carry_out(round);
      ++progress;
    }
    return true;
  }

 private:
  float area_of(std::uint32_t node) const { return half_area(box_of(tree_[node])); }

  /// Such that about one node in kShare is larger.
  float large_area() const {
    if (tree_.size() <= kAllUpTo) return -1.0f;
    const std::uint32_t step = std::max(1u, tree_.size() / kSamples) | 1u;  // odd: first and second children
    std::vector<float> areas;
    for (std::uint32_t node = 2; node < tree_.size(); node += step) areas.push_back(area_of(node));
    const auto limit = areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / kShare);
    std::nth_element(areas.begin(), limit, areas.end(), std::greater<>());
    return *limit;
  }

  void choose() {
    const float large = large_area();
    std::vector<std::vector<std::uint32_t>> pieces((tree_.size() + kItemsPerPiece - 1) / kItemsPerPiece);
    for_each(pool_, pieces.size(), [&](std::size_t piece) {
      const auto begin = static_cast<std::uint32_t>(piece * kItemsPerPiece);
      const auto end = std::min(begin + static_cast<std::uint32_t>(kItemsPerPiece), tree_.size());
      for (std::uint32_t node = std::max(begin, 2u); node < end; ++node) {
        if (area_of(node) > large) pieces[piece].push_back(node);
      }
    });
    for (const auto& piece : pieces) chosen_.insert(chosen_.end(), piece.begin(), piece.end());
  }

  void search() {
    moves_.resize(chosen_.size());
    for_each(pool_, (chosen_.size() + kSearchesPerPiece - 1) / kSearchesPerPiece, [&](std::size_t piece) {
      const std::size_t begin = piece * kSearchesPerPiece;
      const std::size_t end = std::min(begin + kSearchesPerPiece, chosen_.size());
      if (stop_.stop_requested()) return;
      for (std::size_t i = begin; i < end; ++i) moves_[i] = PlaceSearch(tree_, chosen_[i]).find();
    });
    std::erase_if(moves_, [](const Move& move) { return move.gain == 0.0f; });
    std::sort(moves_.begin(), moves_.end(), [](const Move& a, const Move& b) {
      return a.gain > b.gain || (a.gain == b.gain && a.node < b.node);
    });
  }

  /// Gains are worked out again: former moves may have changed boxes, and made some moves impossible.
  void carry_out(std::uint8_t round) {
    for (const Move& move : moves_) {
      // what has another number by now is left to the next round
      if (renumbered_in_[move.node] == round || renumbered_in_[move.target] == round) continue;
      if (!(tree_.gain_of(move.node, move.target) > 0.0f)) continue;
      for (const std::uint32_t node :
           {LinkedTree::sibling_of(move.node), tree_.parent_of(move.node), move.target})
        renumbered_in_[node] = round;
      tree_.move(move.node, move.target);
    }
  }

  LinkedTree& tree_;
  ThreadPool* const pool_;
  const std::stop_token& stop_;
  std::vector<std::uint32_t> chosen_;
  std::vector<Move> moves_;
  std::vector<std::uint8_t> renumbered_in_;  ///< rounds, by node
};

}  // namespace

bool reinsert_subtrees(LinkedTree& tree, ThreadPool* pool, const std::stop_token& stop,
                       std::atomic<std::uint64_t>& progress) {
  return Reinsertion(tree, pool, stop).run(progress);
}

}  // namespace oct
