#pragma once
#include "geometry/packet_leaf.hpp"
#include "geometry/packet_node.hpp"
#include "geometry/packet_setup.hpp"
#include "geometry/walk_stream.hpp"

// The walk of wide trees by rays that go much the same way, for x86-64-v3: their closest hits. A node's eight boxes
// are tested against bounds of all rays of a packet at once, and a box that passes against each ray when its turn comes.

namespace oct::inline OCT_ISA {

/// One packet between two steps, in a scene whose root is a node. Rays that meet an instance leave it.
class PacketWalk {
 public:
  /// Prepares a walk of 1 to kPacketRays rays, from the one at `index` on, which must outlive it. False if they should
  /// go one by one.
  bool start(const SceneBvh& bvh, const Ray* rays, u64 index, u32 count) {
    if (!set_packet(packet_, rays + index, count)) return false;
    rays_ = rays + index;
    index_ = index;
    count_ = count;
    for (u32 i = 0; i < count; ++i) queries_[i] = closest_query(rays_[i]);
    top_ = 0;
    ref_ = bvh.wide_root;
    together_ = visitors_ = kAllRays >> (kPacketRays - count);
    return true;
  }

  u64 index() const { return index_; }

  /// Visits what was found last.
  __attribute__((always_inline)) void visit(const SceneBvh& bvh) {
    if (ref_ <= kRefIndexMask) {
      visit_node(bvh.wide_nodes[ref_]);
      return;
    }
    if ((ref_ & kRefKindMask) == kRefInstance) return leave();
    const u32 first = ref_ & kRefIndexMask;
    const u32 last = first + ((ref_ >> kRefCountShift) & 3u);
    for (u32 i = first; i <= last; ++i) visit_block(bvh.blocks[i]);
  }

  /// Finds the nearest child that some ray passes, and fetches it. False if there is none.
  __attribute__((always_inline)) bool find_next(const SceneBvh& bvh, const WidePlaces& places) {
    while (top_ != 0) {
      --top_;
      if (near_[top_] > packet_.bounds.upper) continue;
      const WideNode& node = bvh.wide_nodes[places_[top_] / kBvhWidth];
      const u32 slot = places_[top_] % kBvhWidth;
      visitors_ = pass_child(packet_, node, slot, rays_of_[top_] & together_);
      if (visitors_ == 0) continue;
      ref_ = node.child[slot];
      fetch(ref_, places);
      return true;
    }
    return false;
  }

  /// Writes the hits of all rays. For those that left the packet they are what it found before; a bit each.
  u32 finish(Hit* hits) const {
    for (u32 i = 0; i < count_; ++i) hits[index_ + i] = queries_[i].best;
    return (kAllRays >> (kPacketRays - count_)) & ~together_;
  }

 private:
  /// Puts the children that may be passed on the stack, the nearest on top. What lies above the top is overwritten.
  __attribute__((always_inline)) void visit_node(const WideNode& node) {
    Float8 near;
    const Float8 passing = pass_bounds(packet_, node, &near);
    const Int8 order = sorted_down(order_keys(near) & bits_of(passing));
    store_unaligned(near_ + top_, permuted(near, order));
    store_unaligned(places_ + top_,
                    (order & broadcast_int8(kBvhWidth - 1)) + broadcast_int8(ref_ * kBvhWidth));
    store_unaligned(rays_of_ + top_, broadcast_int8(visitors_));
    top_ += static_cast<u32>(__builtin_popcount(sign_bits(passing)));
  }

  /// The visitors go on alone, from the start but with the hits that they have.
  __attribute__((noinline)) void leave() {
    together_ &= ~visitors_;
    for (u32 rest = visitors_; rest != 0; rest &= rest - 1) packet_.upper[__builtin_ctz(rest)] = -kInfinity;
    packet_.bounds.upper = most_of_packet(packet_.upper);
  }

  __attribute__((always_inline)) void visit_block(const TriangleBlock& block) {
    bool has_hits = false;
    for (u32 triangle = 0; triangle < kBlockWidth && block.primitive[triangle] != kNone; ++triangle) {
      for (u32 first = 0; first < kPacketRays; first += kBvhWidth) {
        const u32 lanes = visitors_ >> first & kAllLanes;
        if (lanes == 0) continue;
        const ShearedLanes sheared = shear_triangle(packet_, first, block, triangle);
        const u32 bits = agreeing_signs(sheared) & lanes;
        if (bits != 0) has_hits |= report(sheared, bits, first, block, triangle);
      }
    }
    if (has_hits) packet_.bounds.upper = most_of_packet(packet_.upper);
  }

  /// Reports the hits of rays between whose edges a triangle is. False if it has none.
  __attribute__((noinline)) bool report(const ShearedLanes& sheared, u32 bits, u32 first,
                                        const TriangleBlock& block, u32 triangle) {
    bits &= ~excluding(packet_, first, block, triangle);
    if (bits == 0) return false;
    const u32 zero = bits & zero_edges(sheared);
    for (u32 rest = zero; rest != 0; rest &= rest - 1)
      report_zero_edge(first + static_cast<u32>(__builtin_ctz(rest)), block, triangle);
    LaneHits hits;
    find_hits(packet_, first, block, triangle, sheared, bits & ~zero, &hits);
    for (u32 rest = hits.bits; rest != 0; rest &= rest - 1) {
      const u32 lane = static_cast<u32>(__builtin_ctz(rest));
      ClosestQuery& query = queries_[first + lane];
      query.report({hits.t[lane], hits.u[lane], hits.v[lane], block.instance[triangle],
                    block.primitive[triangle], hits.clockwise >> lane & 1u});
      packet_.upper[first + lane] = query.limit();
    }
    return (zero | hits.bits) != 0;
  }

  /// By exact products.
  __attribute__((noinline)) void report_zero_edge(u32 ray, const TriangleBlock& block, u32 triangle) {
    report_triangle(world_level(rays_[ray]), corner_of(block, 0, triangle), corner_of(block, 1, triangle),
                    corner_of(block, 2, triangle), block.instance[triangle], block.primitive[triangle],
                    queries_[ray]);
    packet_.upper[ray] = queries_[ray].limit();
  }

  static constexpr u32 kStackSize = kBvhMostDepth * (kBvhWidth - 1) + 1 + kBvhWidth;

  PacketRays packet_;
  ClosestQuery queries_[kPacketRays];
  const Ray* rays_;
  u64 index_;
  u32 count_;
  u32 ref_;       ///< what is visited next
  u32 visitors_;  ///< by which rays
  u32 together_;  ///< rays that did not leave
  u32 top_;       ///< of the stack of children that wait:
  float near_[kStackSize];
  u32 places_[kStackSize];   ///< which child of which node
  u32 rays_of_[kStackSize];  ///< those that passed the node
};

/// Packets in flight: while one waits for memory or a branch, others go on.
inline constexpr u32 kPacketsInFlight = 4;

/// Walks with packets, several at a time.
class PacketStream {
 public:
  /// hits[i] is for rays[i]; `alone` has room for `count` numbers.
  PacketStream(const SceneBvh& bvh, const Ray* rays, u64 count, Hit* hits, u32* alone)
      : bvh_(bvh), places_(wide_places(bvh)), rays_(rays), count_(count), hits_(hits), alone_(alone) {}

  /// Finds the closest hits of all rays but those that should go on one by one, whose indices are written to `alone`.
  /// For them hits[i] is the closest one so far. Returns how many these are.
  u32 run() {
    PacketWalk* live[kPacketsInFlight];
    u32 live_count = 0;
    for (PacketWalk& walk : walks_) {
      if (start_next(walk)) live[live_count++] = &walk;
    }
    while (live_count != 0) {
      for (u32 i = 0; i < live_count; ++i) live[i]->visit(bvh_);
      u32 kept = 0;
      for (u32 i = 0; i < live_count; ++i) {
        live[kept] = live[i];
        kept += goes_on(*live[i]) ? 1 : 0;
      }
      live_count = kept;
    }
    return alone_count_;
  }

 private:
  /// Starts a packet of the next rays that can make one.
  bool start_next(PacketWalk& walk) {
    while (next_ < count_) {
      const u64 first = next_;
      const u32 count = static_cast<u32>(count_ - first < kPacketRays ? count_ - first : kPacketRays);
      next_ += count;
      if (walk.start(bvh_, rays_, first, count)) return true;
      for (u32 i = 0; i < count; ++i) {
        hits_[first + i] = closest_query(rays_[first + i]).best;
        alone_[alone_count_++] = static_cast<u32>(first + i);
      }
    }
    return false;
  }

  __attribute__((always_inline)) bool goes_on(PacketWalk& walk) {
    if (walk.find_next(bvh_, places_)) return true;
    for (u32 left = walk.finish(hits_); left != 0; left &= left - 1)
      alone_[alone_count_++] = static_cast<u32>(walk.index()) + static_cast<u32>(__builtin_ctz(left));
    return start_next(walk);
  }

  const SceneBvh& bvh_;
  WidePlaces places_;
  const Ray* rays_;
  u64 count_;
  u64 next_ = 0;
  Hit* hits_;
  u32* alone_;
  u32 alone_count_ = 0;
  PacketWalk walks_[kPacketsInFlight];
};

}  // namespace oct::inline OCT_ISA
