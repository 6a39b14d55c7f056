#include "device/bvh_tree.hpp"

#include <algorithm>
#include <bit>
#include <mutex>

#include "base/check.hpp"
#include "geometry/bvh.hpp"
#include "geometry/simd.hpp"
#include "geometry/triangle.hpp"

// Binned SAH (Wald 2007). Big ranges are split one after the other, with all threads at each; what is left
// are ranges that one thread builds alone, all of them side by side.

namespace oct {
namespace {

constexpr std::uint32_t kMostBins = 32;
constexpr std::uint32_t kPrimitivesPerPiece = 8192;  ///< primitives a thread takes at a time
constexpr std::uint32_t kSerialRange = 32768;        ///< ranges up to this are built by one thread
constexpr std::uint32_t kCancelRange = 4096;         ///< how often a thread looks for a stop request
/// An instance stands for a whole tree: its weight in the heuristic, in triangles.
constexpr std::uint32_t kInstanceWeight = 16;

/// A box in two registers; the fourth lanes hold whatever is there.
struct Box {
  Float4 lo = broadcast4(kInfinity);
  Float4 hi = broadcast4(-kInfinity);

  void add(Float4 other_lo, Float4 other_hi) {
    lo = min(other_lo, lo);
    hi = max(other_hi, hi);
  }
  void add(const Box& other) { add(other.lo, other.hi); }
};

Float4 lower_of(const BvhPrimitive& p) {
  return load4(&p.lo.x);
}
Float4 upper_of(const BvhPrimitive& p) {
  return load4(&p.hi.x);
}
/// Twice the centre.
Float4 centre_of(const BvhPrimitive& p) {
  return without_last(lower_of(p)) + without_last(upper_of(p));
}

Vec3 to_vec3(Float4 a) {
  alignas(16) float lanes[4];
  store(lanes, a);
  return {lanes[0], lanes[1], lanes[2]};
}

float half_area(const Box& box) {
  const Vec3 size = to_vec3(box.hi - box.lo);
  return size.x < 0.0f ? 0.0f : size.x * size.y + size.y * size.z + size.z * size.x;
}

/// What must be known of a range before it is split.
struct RangeInfo {
  Box bounds;
  Box centres;
  std::uint32_t instance_count = 0;

  void add(const BvhPrimitive& p) {
    bounds.add(lower_of(p), upper_of(p));
    const Float4 centre = centre_of(p);
    centres.add(centre, centre);
    instance_count += is_instance(p) ? 1 : 0;
  }
  void add(const RangeInfo& other) {
    bounds.add(other.bounds);
    centres.add(other.centres);
    instance_count += other.instance_count;
  }
};

/// Maps centres to bins.
struct Binning {
  std::uint32_t count;
  Float4 first;
  Float4 scale;  ///< 0 on an axis without extent

  Binning(const RangeInfo& info, std::uint32_t size)
      : count(size >= 64 ? kMostBins : kMostBins / 2), first(info.centres.lo) {
    const Vec3 extent = to_vec3(info.centres.hi - info.centres.lo);
    const auto scale_of = [&](float x) {
      const float s = static_cast<float>(count) * 0.9999f / x;
      return x > 0.0f && is_finite(s) ? s : 0.0f;
    };
    alignas(16) const float lanes[4] = {scale_of(extent.x), scale_of(extent.y), scale_of(extent.z), 0.0f};
    scale = load4(lanes);
  }

  /// Bins on the three axes, each below count.
  void bins_of(const BvhPrimitive& p, std::uint32_t bins[4]) const {
    alignas(16) float lanes[4];
    store(lanes, (centre_of(p) - first) * scale);
    for (std::uint32_t axis = 0; axis < 3; ++axis) bins[axis] = std::min(to_u32(lanes[axis]), count - 1);
  }
};

struct Bins {
  Box boxes[3][kMostBins];
  std::uint32_t weights[3][kMostBins] = {};

  void add(const Binning& binning, const BvhPrimitive& p) {
    std::uint32_t bins[4];
    binning.bins_of(p, bins);
    const std::uint32_t weight = is_instance(p) ? kInstanceWeight : 1;
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      boxes[axis][bins[axis]].add(lower_of(p), upper_of(p));
      weights[axis][bins[axis]] += weight;
    }
  }
  void add(const Bins& other) {
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      for (std::uint32_t bin = 0; bin < kMostBins; ++bin) {
        boxes[axis][bin].add(other.boxes[axis][bin]);
        weights[axis][bin] += other.weights[axis][bin];
      }
    }
  }
};

struct Split {
  std::uint32_t axis = 0;
  std::uint32_t bin = 0;  ///< first bin of the right side; 0 = no split
  float cost = kInfinity;
};

Split best_split(const Bins& bins, const Binning& binning) {
  Split best;
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    float right_cost[kMostBins];
    std::uint32_t weight = 0;
    Box box;
    for (std::uint32_t bin = binning.count - 1; bin > 0; --bin) {
      box.add(bins.boxes[axis][bin]);
      weight += bins.weights[axis][bin];
      right_cost[bin] = weight == 0 ? kInfinity : half_area(box) * static_cast<float>(weight);
    }
    weight = 0;
    box = {};
    for (std::uint32_t bin = 1; bin < binning.count; ++bin) {
      box.add(bins.boxes[axis][bin - 1]);
      weight += bins.weights[axis][bin - 1];
      const float cost = half_area(box) * static_cast<float>(weight) + right_cost[bin];
      if (weight != 0 && cost < best.cost) best = {axis, bin, cost};
    }
  }
  return best;
}

/// Consecutive primitives that become the subtree at a node.
struct Range {
  std::uint32_t begin, end;
  std::uint32_t node;
  std::uint32_t depth;
  RangeInfo info;

  std::uint32_t size() const { return end - begin; }
  bool is_leaf() const { return size() == 1 || (size() <= kSplitAbove && info.instance_count == 0); }
  /// Halving from here on just keeps the depth bound.
  bool must_halve() const {
    return depth + static_cast<std::uint32_t>(std::bit_width(size() - 1)) >= kBvhMostDepth;
  }

  static constexpr std::uint32_t kSplitAbove = 2;
};

BinaryNode make_node(const Range& range) {
  const Bounds3 bounds{to_vec3(range.info.bounds.lo), to_vec3(range.info.bounds.hi)};
  return {bounds, range.begin, range.size()};
}

/// Halves by count along the longest axis of the centres.
std::uint32_t halve(BvhPrimitive* primitives, const Range& range) {
  const Vec3 extent = to_vec3(range.info.centres.hi - range.info.centres.lo);
  const std::uint32_t axis = extent.x >= extent.y && extent.x >= extent.z ? 0 : extent.y >= extent.z ? 1 : 2;
  const std::uint32_t middle = range.begin + range.size() / 2;
  const auto centre = [axis](const BvhPrimitive& p) { return component(p.lo, axis) + component(p.hi, axis); };
  std::nth_element(primitives + range.begin, primitives + middle, primitives + range.end,
                   [&](const BvhPrimitive& a, const BvhPrimitive& b) { return centre(a) < centre(b); });
  return middle;
}

/// Left and right of a split range; nodes are numbered by the caller.
struct Children {
  Range left, right;
};

Children children_of(const BvhPrimitive* primitives, const Range& range, std::uint32_t middle) {
  Children children{{range.begin, middle, 0, range.depth + 1, {}},
                    {middle, range.end, 0, range.depth + 1, {}}};
  for (std::uint32_t i = range.begin; i < middle; ++i) children.left.info.add(primitives[i]);
  for (std::uint32_t i = middle; i < range.end; ++i) children.right.info.add(primitives[i]);
  return children;
}

Children split_serially(BvhPrimitive* primitives, const Range& range) {
  if (range.must_halve()) return children_of(primitives, range, halve(primitives, range));
  const Binning binning(range.info, range.size());
  Bins bins;
  for (std::uint32_t i = range.begin; i < range.end; ++i) bins.add(binning, primitives[i]);
  const Split split = best_split(bins, binning);
  if (split.bin == 0) return children_of(primitives, range, halve(primitives, range));

  Children children{{range.begin, 0, 0, range.depth + 1, {}}, {0, range.end, 0, range.depth + 1, {}}};
  std::uint32_t left = range.begin;
  std::uint32_t right = range.end;
  while (left < right) {
    std::uint32_t at[4];
    binning.bins_of(primitives[left], at);
    if (at[split.axis] < split.bin) {
      children.left.info.add(primitives[left++]);
    } else {
      children.right.info.add(primitives[left]);
      std::swap(primitives[left], primitives[--right]);
    }
  }
  children.left.end = children.right.begin = left;
  return children;
}

/// Builds the subtree of `root` into nodes of its own, children numbered from 0; nodes[0] is the root.
bool build_serially(BvhPrimitive* primitives, const Range& root, std::vector<BinaryNode>* nodes,
                    std::stop_token stop) {
  std::vector<Range> waiting{root};
  waiting.back().node = 0;
  nodes->reserve(2 * root.size());
  nodes->resize(1);
  while (!waiting.empty()) {
    const Range range = waiting.back();
    waiting.pop_back();
    (*nodes)[range.node] = make_node(range);
    if (range.is_leaf()) continue;
    if (range.size() > kCancelRange && stop.stop_requested()) return false;
    Children children = split_serially(primitives, range);
    const auto first = static_cast<std::uint32_t>(nodes->size());
    nodes->resize(first + 2);
    (*nodes)[range.node].first = first;
    (*nodes)[range.node].count = 0;
    children.left.node = first;
    children.right.node = first + 1;
    waiting.push_back(children.right);
    waiting.push_back(children.left);
  }
  return true;
}

/// Splits big ranges with all threads.
class ParallelSplitter {
 public:
  ParallelSplitter(BvhPrimitive* primitives, std::size_t count, ThreadPool& pool)
      : primitives_(primitives), scratch_(count), pool_(pool) {}

  RangeInfo info_of(std::uint32_t begin, std::uint32_t end) {
    return reduce<RangeInfo>(begin, end, [&](RangeInfo& info, std::uint32_t i) { info.add(primitives_[i]); });
  }

  Children split(const Range& range) {
    const Binning binning(range.info, range.size());
    const Bins bins = reduce<Bins>(range.begin, range.end,
                                   [&](Bins& sum, std::uint32_t i) { sum.add(binning, primitives_[i]); });
    const Split split = best_split(bins, binning);
    const std::uint32_t middle =
        range.must_halve() || split.bin == 0 ? halve(primitives_, range) : partition(range, binning, split);
    return {{range.begin, middle, 0, range.depth + 1, info_of(range.begin, middle)},
            {middle, range.end, 0, range.depth + 1, info_of(middle, range.end)}};
  }

 private:
  /// Sums are of minima, maxima and integers, so the order of pieces makes no difference.
  template <class Sum, class Add>
  Sum reduce(std::uint32_t begin, std::uint32_t end, const Add& add) {
    Sum total;
    std::mutex mutex;
    pool_.for_ranges(end - begin, kPrimitivesPerPiece, [&](std::size_t first, std::size_t last) {
      Sum sum;
      for (auto i = static_cast<std::uint32_t>(first); i < last; ++i) add(sum, begin + i);
      const std::lock_guard lock(mutex);
      total.add(sum);
    });
    return total;
  }

  /// Stable, through the scratch array: pieces first count, then know where they write.
  std::uint32_t partition(const Range& range, const Binning& binning, const Split& split) {
    const auto goes_left = [&](const BvhPrimitive& p) {
      std::uint32_t at[4];
      binning.bins_of(p, at);
      return at[split.axis] < split.bin;
    };
    const std::uint32_t piece_count = (range.size() + kPrimitivesPerPiece - 1) / kPrimitivesPerPiece;
    std::vector<std::uint32_t> left_before(piece_count + 1, 0);
    pool_.for_each(piece_count, [&](std::size_t piece) {
      const auto [begin, end] = piece_of(range, piece);
      for (std::uint32_t i = begin; i < end; ++i) left_before[piece + 1] += goes_left(primitives_[i]) ? 1 : 0;
    });
    for (std::uint32_t piece = 0; piece < piece_count; ++piece) left_before[piece + 1] += left_before[piece];
    const std::uint32_t middle = range.begin + left_before[piece_count];
    pool_.for_each(piece_count, [&](std::size_t piece) {
      const auto [begin, end] = piece_of(range, piece);
      std::uint32_t left = range.begin + left_before[piece];
      std::uint32_t right = middle + (begin - range.begin) - left_before[piece];
      for (std::uint32_t i = begin; i < end; ++i)
        scratch_[goes_left(primitives_[i]) ? left++ : right++] = primitives_[i];
    });
    pool_.for_ranges(range.size(), kPrimitivesPerPiece, [&](std::size_t first, std::size_t last) {
      std::copy(scratch_.data() + range.begin + first, scratch_.data() + range.begin + last,
                primitives_ + range.begin + first);
    });
    return middle;
  }

  static std::pair<std::uint32_t, std::uint32_t> piece_of(const Range& range, std::size_t piece) {
    const std::uint32_t begin = range.begin + static_cast<std::uint32_t>(piece) * kPrimitivesPerPiece;
    return {begin, std::min(begin + kPrimitivesPerPiece, range.end)};
  }

  BvhPrimitive* primitives_;
  LargeArray<BvhPrimitive> scratch_;
  ThreadPool& pool_;
};

/// A range for one thread and the nodes it became.
struct Subtree {
  Range range;
  std::vector<BinaryNode> nodes;
};

/// Copies a subtree's nodes behind those before it; its root takes the place that was kept for it.
void place_subtree(const Subtree& subtree, std::uint32_t first, BinaryNode* nodes) {
  for (std::size_t i = 0; i < subtree.nodes.size(); ++i) {
    BinaryNode node = subtree.nodes[i];
    if (node.count == 0) node.first += first - 1;
    nodes[i == 0 ? subtree.range.node : first + i - 1] = node;
  }
}

/// Splits until all ranges are small enough for one thread; the nodes above them go to `nodes`.
bool split_top(ParallelSplitter& splitter, Range root, std::vector<BinaryNode>* nodes,
               std::vector<Subtree>* subtrees, std::stop_token stop, std::atomic<std::uint64_t>& progress) {
  std::vector<Range> waiting{root};
  nodes->resize(1);
  while (!waiting.empty()) {
    const Range range = waiting.back();
    waiting.pop_back();
    if (range.size() <= kSerialRange) {
      subtrees->push_back({range, {}});
      continue;
    }
    if (stop.stop_requested()) return false;
    ++progress;
    Children children = splitter.split(range);
    const auto first = static_cast<std::uint32_t>(nodes->size());
    nodes->resize(first + 2);
    (*nodes)[range.node] = make_node(range);
    (*nodes)[range.node].first = first;
    (*nodes)[range.node].count = 0;
    children.left.node = first;
    children.right.node = first + 1;
    waiting.push_back(children.right);
    waiting.push_back(children.left);
  }
  return true;
}

Result<BinaryTree> build_alone(LargeArray<BvhPrimitive> primitives, std::stop_token stop,
                               std::atomic<std::uint64_t>& progress) {
  Range root{0, static_cast<std::uint32_t>(primitives.size()), 0, 0, {}};
  for (std::uint32_t i = 0; i < root.end; ++i) root.info.add(primitives[i]);
  std::vector<BinaryNode> built;
  if (!build_serially(primitives.data(), root, &built, stop))
    return fail(ErrorKind::cancelled, "build cancelled");
  LargeArray<BinaryNode> nodes(built.size());
  std::copy(built.begin(), built.end(), nodes.data());
  ++progress;
  return BinaryTree{std::move(primitives), std::move(nodes)};
}

}  // namespace

Result<BinaryTree> build_binary_tree(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                     std::stop_token stop, std::atomic<std::uint64_t>& progress) {
  OCT_CHECK(primitives.size() > 0 && primitives.size() <= kRefIndexMask);
  if (pool == nullptr || primitives.size() <= kSerialRange)
    return build_alone(std::move(primitives), stop, progress);

  ParallelSplitter splitter(primitives.data(), primitives.size(), *pool);
  const auto count = static_cast<std::uint32_t>(primitives.size());
  std::vector<BinaryNode> top;
  std::vector<Subtree> subtrees;
  const bool split =
      split_top(splitter, {0, count, 0, 0, splitter.info_of(0, count)}, &top, &subtrees, stop, progress);
  if (!split) return fail(ErrorKind::cancelled, "build cancelled");

  std::atomic<bool> cancelled{false};
  pool->for_each(subtrees.size(), [&](std::size_t i) {
    if (stop.stop_requested() ||
        !build_serially(primitives.data(), subtrees[i].range, &subtrees[i].nodes, stop)) {
      cancelled = true;
    }
    ++progress;
  });
  if (cancelled) return fail(ErrorKind::cancelled, "build cancelled");

  std::vector<std::uint32_t> first(subtrees.size() + 1, static_cast<std::uint32_t>(top.size()));
  for (std::size_t i = 0; i < subtrees.size(); ++i) {
    first[i + 1] = first[i] + static_cast<std::uint32_t>(subtrees[i].nodes.size()) - 1;
  }
  LargeArray<BinaryNode> nodes(first.back());
  std::copy(top.begin(), top.end(), nodes.data());
  pool->for_each(subtrees.size(), [&](std::size_t i) { place_subtree(subtrees[i], first[i], nodes.data()); });
  return BinaryTree{std::move(primitives), std::move(nodes), std::move(first)};
}

}  // namespace oct
