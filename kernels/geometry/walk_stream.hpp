#pragma once
#include "geometry/stream_leaf.hpp"
#include "geometry/stream_node.hpp"

// The walk of wide trees with many rays in flight, for x86-64-v3. Rays at nodes take their steps one after the other,
// then rays at leaves: steps of different rays depend on nothing of each other and hardly branch, so that the processor
// works on several at a time, and what a ray will read next is fetched meanwhile.

namespace oct::inline OCT_ISA {

/// Rays in flight; measured: more win nothing.
inline constexpr u32 kRaysInFlight = 16;

/// 1 for a leaf, an instance or the end of a level, 0 for a node.
OCT_HD_INLINE u32 is_elsewhere(u32 ref) {
  static_assert(kRefNode >> 31 == 0 && kRefBlocks >> 31 == 1 && kRefInstance >> 31 == 1 &&
                kRefLevelDone >> 31 == 1);
  return ref >> 31;
}

/// Where what references stand for begins, and how long it is: nodes, and blocks.
struct WidePlaces {
  struct Kind {
    const char* first;
    u64 size;
  } of[2];
};

OCT_HD_INLINE WidePlaces wide_places(const SceneBvh& bvh) {
  return {{{reinterpret_cast<const char*>(bvh.wide_nodes), sizeof(WideNode)},
           {reinterpret_cast<const char*>(bvh.blocks), sizeof(TriangleBlock)}}};
}

/// Fetches what a visit to a node or a block reads; what an instance reads is not worth more. No branch: which of the
/// two comes next cannot be foretold.
OCT_HD_INLINE void fetch(u32 ref, const WidePlaces& places) {
  const WidePlaces::Kind& kind = places.of[is_elsewhere(ref)];
  const char* const data = kind.first + (ref & kRefIndexMask) * kind.size;
  for (u64 line = 0; line < 4; ++line) __builtin_prefetch(data + 64 * line);
}

template <class Query, class Make, class Finish>
class RayStream {
 public:
  RayStream(const SceneBvh& bvh, const Ray* rays, u64 count, Make& make, Finish& finish)
      : bvh_(bvh), places_(wide_places(bvh)), all_rays_(rays), count_(count), make_(make), finish_(finish) {}

  void run() {
    for (State& ray : rays_) {
      if (start_next(ray)) place(ray);
    }
    while (at_node_count_ + elsewhere_count_ != 0) {
      while (at_node_count_ > elsewhere_count_) visit_nodes();
      visit_others();
    }
  }

 private:
  using State = StreamRay<Query>;

  /// Starts the next ray that can hit anything; false if none is left.
  bool start_next(State& ray) {
    while (next_ < count_) {
      ray.index = next_++;
      ray.query = make_(all_rays_[ray.index], ray.index);
      if (start_ray(ray, all_rays_[ray.index], bvh_.wide_root)) return true;
      finish_(ray.index, ray.query);
    }
    return false;
  }

  /// Puts a ray that is neither at a node nor elsewhere among those that are where it is.
  void place(State& ray) {
    fetch(ray.ref, places_);
    at_node_[at_node_count_] = &ray;
    elsewhere_[elsewhere_count_] = &ray;
    at_node_count_ += 1 - is_elsewhere(ray.ref);
    elsewhere_count_ += is_elsewhere(ray.ref);
  }

  /// A step for each ray at a node. Local copies, because for all the compiler knows a ray's arrays overlap the members.
  void visit_nodes() {
    const WideNode* const nodes = bvh_.wide_nodes;
    const WidePlaces places = places_;
    const u32 count = at_node_count_;
    State** elsewhere = elsewhere_ + elsewhere_count_;
    u32 left = 0;  // of the rays at nodes
    for (u32 i = 0; i < count; ++i) {
      State* const ray = at_node_[i];
      visit_node(*ray, nodes);
      fetch(ray->ref, places);
      at_node_[i - left] = ray;
      elsewhere[left] = ray;
      left += is_elsewhere(ray->ref);
    }
    at_node_count_ = count - left;
    elsewhere_count_ += left;
  }

  void visit_others() {
    const u32 count = elsewhere_count_;
    elsewhere_count_ = 0;
    for (u32 i = 0; i < count; ++i) {
      State& ray = *elsewhere_[i];
      if (visit_other(ray) || start_next(ray)) place(ray);
    }
  }

  /// A step at a leaf, an instance or the end of a level. False when the ray is finished.
  __attribute__((always_inline)) bool visit_other(State& ray) {
    const u32 kind = ray.ref & kRefKindMask;
    if (kind == kRefBlocks) {
      const u32 ref = ray.ref;
      if (visit_block(ray, bvh_.blocks[ref & kRefIndexMask])) return finished(ray);
      const u32 more = (ref >> kRefCountShift) & 3u;
      if (more == 0) {
        take_highest_in_reach(ray);
      } else {
        ray.ref = ref + 1 - (1u << kRefCountShift);
      }
      return true;
    }
    if (ray.ref == kRefLevelDone) {
      if (!ray.in_instance) return finished(ray);
      enter_world(ray);
      take_highest_in_reach(ray);
      return true;
    }
    visit_instance(ray, bvh_.instances[ray.ref & kRefIndexMask]);
    return true;
  }

  void visit_instance(State& ray, const BvhInstance& instance) {
    if (enter_instance(*ray.ray, slab_ray(ray.ray->origin, ray.ray->direction), instance, &ray.object)) {
      enter_object(ray, transform_point(instance.object_from_world, ray.ray->origin),
                   transform_vector(instance.object_from_world, ray.ray->direction));
      ray.ref = instance.wide_root;
    } else {
      take_highest_in_reach(ray);
    }
  }

  bool finished(State& ray) {
    finish_(ray.index, ray.query);
    return false;
  }

  const SceneBvh& bvh_;
  WidePlaces places_;
  const Ray* all_rays_;
  u64 count_;
  u64 next_ = 0;
  Make& make_;
  Finish& finish_;
  State rays_[kRaysInFlight];
  State* at_node_[kRaysInFlight + 1];
  State* elsewhere_[kRaysInFlight + 1];
  u32 at_node_count_ = 0;
  u32 elsewhere_count_ = 0;
};

}  // namespace oct::inline OCT_ISA
