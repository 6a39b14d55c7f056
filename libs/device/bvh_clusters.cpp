#include "device/bvh_clusters.hpp"

#include <algorithm>
#include <memory>

#include "base/check.hpp"
#include "device/boxes.hpp"
#include "device/cluster_search.hpp"
#include "device/curve_order.hpp"
#include "device/pool_loops.hpp"
#include "device/scratch.hpp"
#include "geometry/bvh.hpp"
#include "geometry/slab.hpp"

namespace oct {
namespace {

/// Entries of the curve that one thread joins at a time: what it works on stays in its cache.
constexpr std::uint32_t kChunk = 4096;
constexpr std::uint32_t kPlaces = kChunk + 2 * kClusterMargin;
/// How far ahead primitives are fetched, which lie anywhere.
constexpr std::uint32_t kAhead = 32;
/// Boxes of margins; their surface is finite and larger than that of any box within the limits.
constexpr float kBeyond = 4e18f;

/// One primitive or two.
struct Leaf {
  Bounds3 box;
  std::uint32_t counts;  ///< see cluster_counts()
  PrimitiveId ids[2];
};

/// Two subtrees. Numbers below kChunk are leaves, others joints.
struct Joint {
  Bounds3 box;
  std::uint32_t counts;
  std::uint32_t left, right;
};

/// What is known of one chunk when its clusters are made.
struct ChunkClusters {
  std::vector<Cluster> clusters;
  std::vector<ClusterRecord> records;  ///< parallel to clusters, which number them from 0
};

/// Where chunks put what they make.
struct Output {
  PrimitiveId* primitives;
  BinaryNode* nodes;
  std::atomic<std::uint32_t> primitive_count{0};  ///< so far
  std::atomic<std::uint32_t> node_count{0};
};

/// The clusters of one chunk after another.
class ChunkBuilder {
 public:
  ChunkClusters build(const LargeArray<BvhPrimitive>& primitives, const CurveEntry* entries,
                      std::uint32_t count, Output& output) {
    live_count_ = count;
    joint_count_ = primitive_count_ = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i + kAhead < count) fetch(primitives.data() + index_of(entries[i + kAhead]));
      load(primitives.data() + index_of(entries[i]), count_of(entries[i]), i);
    }
    const FindNearest find = find_nearest();
    const float* planes[6];
    for (std::uint32_t k = 0; k < 6; ++k) planes[k] = planes_[k] + kClusterMargin;
    for (std::uint32_t round = 0; round < kClusterRounds && live_count_ > 1; ++round) {
      fill_margins();
      find(planes, live_count_, nearest_);
      join_pairs();
    }
    return write(output);
  }

 private:
  static void fetch(const BvhPrimitive* primitives) {
    OCT_PREFETCH(primitives);
    OCT_PREFETCH(primitives + 1);
  }

  void load(const BvhPrimitive* primitives, std::uint32_t count, std::uint32_t place) {
    Leaf& leaf = leaves_[place];
    const BvhPrimitive& first = primitives[0];
    leaf.box = {first.lo, first.hi};
    leaf.counts = cluster_counts(count, 1, is_instance(first) ? 1 : 0);
    leaf.ids[0] = {first.instance, first.primitive};
    if (count == 2) {
      leaf.box = merged(leaf.box, {primitives[1].lo, primitives[1].hi});
      leaf.ids[1] = {primitives[1].instance, primitives[1].primitive};
    }
    primitive_count_ += count;
    set_box(place, leaf.box);
    live_[place] = place;
  }

  void set_box(std::uint32_t place, const Bounds3& box) {
    float* const at = planes_[0] + kClusterMargin + place;
    at[0 * kPlaces] = box.lo.x;
    at[1 * kPlaces] = box.lo.y;
    at[2 * kPlaces] = box.lo.z;
    at[3 * kPlaces] = box.hi.x;
    at[4 * kPlaces] = box.hi.y;
    at[5 * kPlaces] = box.hi.z;
  }

  Bounds3 box_at(std::uint32_t place) const {
    const float* const at = planes_[0] + kClusterMargin + place;
    return {{at[0], at[kPlaces], at[2 * kPlaces]}, {at[3 * kPlaces], at[4 * kPlaces], at[5 * kPlaces]}};
  }

  void fill_margins() {
    for (std::uint32_t k = 0; k < 6; ++k) {
      const float beyond = k < 3 ? -kBeyond : kBeyond;
      std::fill_n(planes_[k], kClusterMargin, beyond);
      std::fill_n(planes_[k] + kClusterMargin + live_count_, kClusterMargin, beyond);
    }
  }

  /// Those that are each other's nearest become one, in place of the first.
  void join_pairs() {
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < live_count_; ++i) {
      const std::uint32_t other = nearest_[i];
      const bool mutual = other < live_count_ && nearest_[other] == i;
      if (mutual && other < i) continue;
      const Bounds3 box = mutual ? merged(box_at(i), box_at(other)) : box_at(i);
      live_[kept] = mutual ? join(live_[i], live_[other], box) : live_[i];
      set_box(kept++, box);
    }
    live_count_ = kept;
  }

  std::uint32_t join(std::uint32_t left, std::uint32_t right, const Bounds3& box) {
    const std::uint32_t sum = counts_of(left) + counts_of(right);
    const bool leaf = (sum & 0xff) == 2 && sum >> 16 == 0;
    joints_[joint_count_] = {box, leaf ? cluster_counts(2, 1, 0) : sum, left, right};
    return kChunk + joint_count_++;
  }

  std::uint32_t counts_of(std::uint32_t tree) const {
    return tree < kChunk ? leaves_[tree].counts : joints_[tree - kChunk].counts;
  }

  const Bounds3& bounds_of(std::uint32_t tree) const {
    return tree < kChunk ? leaves_[tree].box : joints_[tree - kChunk].box;
  }

  ChunkClusters write(Output& output) {
    std::uint32_t node_count = 0;
    for (std::uint32_t i = 0; i < live_count_; ++i) node_count += 2 * (counts_of(live_[i]) >> 8 & 0xff) - 2;
    std::uint32_t next_node = output.node_count.fetch_add(node_count, std::memory_order_relaxed);
    const std::uint32_t first = output.primitive_count.fetch_add(primitive_count_, std::memory_order_relaxed);
    std::uint32_t next_primitive = first;
    ChunkClusters result;
    result.clusters.reserve(live_count_);
    result.records.reserve(live_count_);
    for (std::uint32_t i = 0; i < live_count_; ++i) {
      const Bounds3 box = bounds_of(live_[i]);
      result.clusters.push_back({box.lo, i, box.hi, counts_of(live_[i])});
      result.records.push_back({next_node, next_primitive});
      write_below(live_[i], output, &next_node, &next_primitive);
    }
    OCT_CHECK(next_primitive == first + primitive_count_);
    return result;
  }

  /// Writes all nodes below a root, parents first, and all primitives, left to right.
  void write_below(std::uint32_t root, Output& output, std::uint32_t* next_node,
                   std::uint32_t* next_primitive) const {
    struct Item {
      std::uint32_t tree, place;
    };
    Item waiting[kClusterRounds + 2];
    std::uint32_t waiting_count = 0;
    BinaryNode unused;
    Item item{root, kNone};
    for (;;) {
      BinaryNode& node = item.place == kNone ? unused : output.nodes[item.place];
      node.bounds = bounds_of(item.tree);
      const std::uint32_t counts = counts_of(item.tree);
      if ((counts >> 8 & 0xff) == 1) {
        node.first = *next_primitive;
        node.count = counts & 0xff;
        write_leaf(item.tree, output, next_primitive);
        if (waiting_count == 0) return;
        item = waiting[--waiting_count];
        continue;
      }
      const Joint& joint = joints_[item.tree - kChunk];
      node.first = *next_node;
      node.count = 0;
      waiting[waiting_count++] = {joint.right, *next_node + 1};
      item = {joint.left, *next_node};
      *next_node += 2;
    }
  }

  void write_leaf(std::uint32_t tree, Output& output, std::uint32_t* next_primitive) const {
    const auto put = [&](std::uint32_t leaf) {
      for (std::uint32_t i = 0; i < (leaves_[leaf].counts & 0xff); ++i)
        output.primitives[(*next_primitive)++] = leaves_[leaf].ids[i];
    };
    if (tree < kChunk) return put(tree);
    put(joints_[tree - kChunk].left);
    put(joints_[tree - kChunk].right);
  }

  std::uint32_t primitive_count_;
  std::uint32_t live_count_;    ///< clusters so far
  std::uint32_t joint_count_;   ///< below kChunk
  std::uint32_t live_[kChunk];  ///< trees of the clusters
  std::uint32_t nearest_[kPlaces];
  float planes_[6][kPlaces];  ///< their boxes
  Leaf leaves_[kChunk];
  Joint joints_[kChunk];
};

/// Chunks' clusters become one array.
void gather(const std::vector<ChunkClusters>& chunks, ThreadPool* pool, ClusterForest* forest) {
  std::vector<std::size_t> first(chunks.size() + 1, 0);
  for (std::size_t i = 0; i < chunks.size(); ++i) first[i + 1] = first[i] + chunks[i].clusters.size();
  forest->clusters = LargeArray<Cluster>(first.back());
  forest->records = LargeArray<ClusterRecord>(first.back());
  for_each(pool, chunks.size(), [&](std::size_t i) {
    const ChunkClusters& chunk = chunks[i];
    std::copy(chunk.records.begin(), chunk.records.end(), forest->records.data() + first[i]);
    for (std::size_t k = 0; k < chunk.clusters.size(); ++k) {
      Cluster cluster = chunk.clusters[k];
      cluster.record += static_cast<std::uint32_t>(first[i]);
      forest->clusters[first[i] + k] = cluster;
    }
  });
}

}  // namespace

Result<ClusterForest> make_clusters(LargeArray<BvhPrimitive> primitives, ThreadPool* pool,
                                    const std::stop_token& stop, std::atomic<std::uint64_t>& progress) {
  const auto count = static_cast<std::uint32_t>(primitives.size());
  OCT_CHECK(count > 0 && count <= kRefIndexMask);
  const LargeArray<CurveEntry> entries = curve_order(primitives, pool);
  ++progress;
  ClusterForest forest;
  forest.primitives = LargeArray<PrimitiveId>(count);
  forest.nodes = LargeArray<BinaryNode>(2 * std::size_t{count});
  Output output{forest.primitives.data(), forest.nodes.data()};
  Scratch<ChunkBuilder> builders;
  const auto entry_count = static_cast<std::uint32_t>(entries.size());
  std::vector<ChunkClusters> chunks((entry_count + kChunk - 1) / kChunk);
  for_each(pool, chunks.size(), [&](std::size_t i) {
    if (stop.stop_requested()) return;
    const auto first = static_cast<std::uint32_t>(i) * kChunk;
    chunks[i] = builders.lend([&](ChunkBuilder& builder) {
      return builder.build(primitives, entries.data() + first, std::min(kChunk, entry_count - first), output);
    });
    ++progress;
  });
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "build cancelled");
  gather(chunks, pool, &forest);
  forest.spare = std::move(primitives);
  return forest;
}

}  // namespace oct
