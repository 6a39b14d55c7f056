#pragma once
#include "geometry/bvh.hpp"
#include "geometry/triangle.hpp"

// What is asked of a traversal, apart from how a structure is walked: the order of hits, what a ray lets
// count, and how hits of instances are brought to the world.

namespace oct::inline OCT_ISA {

/// The total order of hits.
OCT_HD bool comes_before(const HitKey& a, const HitKey& b) {
  if (a.t != b.t) return a.t < b.t;
  if (a.instance != b.instance) return a.instance < b.instance;
  return a.primitive < b.primitive;
}

/// Whether a hit counts for this ray.
OCT_HD bool counts(const Ray& ray, const HitKey& key) {
  return key.t >= ray.t_min && key.t <= ray.t_max && comes_before(ray.after, key) &&
         !(key.instance == ray.exclude_instance && key.primitive == ray.exclude_primitive);
}

/// Asks for the least hit.
struct ClosestQuery {
  static constexpr bool kOrdered = true;
  const Ray* ray;
  Hit best;

  OCT_HD float limit() const { return best.t; }
  OCT_HD bool report(const Hit& hit) {
    const HitKey key{hit.t, hit.instance, hit.primitive};
    if (counts(*ray, key) && comes_before(key, {best.t, best.instance, best.primitive})) best = hit;
    return false;
  }
};

OCT_HD ClosestQuery closest_query(const Ray& ray) {
  return {&ray, {ray.t_max, 0.0f, 0.0f, kNone, kNone, 0}};
}

/// Asks which channels the surfaces on the way block.
template <class Filter>
struct OcclusionQuery {
  static constexpr bool kOrdered = false;
  const Ray* ray;
  Filter* filter;
  u32 blocked;

  OCT_HD float limit() const { return ray->t_max; }
  /// True when nothing is left to block.
  OCT_HD bool report(const Hit& hit) {
    if (counts(*ray, {hit.t, hit.instance, hit.primitive})) blocked |= (*filter)(hit);
    return (blocked & 7u) == 7u;
  }
};

/// The same for one of many rays: the filter is told which.
template <class Filter>
struct IndexedOcclusionQuery {
  static constexpr bool kOrdered = false;
  const Ray* ray;
  Filter* filter;
  u32 blocked;
  u64 index;

  OCT_HD float limit() const { return ray->t_max; }
  OCT_HD bool report(const Hit& hit) {
    if (counts(*ray, {hit.t, hit.instance, hit.primitive})) blocked |= (*filter)(hit, index);
    return (blocked & 7u) == 7u;
  }
};

/// A ray in the space of one tree.
struct Level {
  RayFrame frame;
  Interval range;  ///< t of every hit is clamped into it; {-inf, inf} in the world
  u32 instance;    ///< kNone in the world, where triangles name theirs
};

OCT_HD Level world_level(const Ray& ray) {
  return {ray_frame(ray.origin, ray.direction), {-kInfinity, kInfinity}, kNone};
}

/// The ray in an instance's object space. False if it misses the instance's canonical box or leaves the
/// limits.
OCT_HD bool enter_instance(const Ray& ray, const SlabRay& world, const BvhInstance& instance, Level* level) {
  const Interval range = slab_interval(world, instance.box);
  if (!(range.near <= range.far)) return false;
  const Vec3 origin = transform_point(instance.object_from_world, ray.origin);
  const Vec3 direction = transform_vector(instance.object_from_world, ray.direction);
  if (!within_limits(origin, direction)) return false;
  *level = {ray_frame(origin, direction), range, instance.instance};
  return true;
}

/// Nodes whose interval misses this hold no hit that counts. Hits are clamped into the level's range after
/// they were found, so a bound outside of that range does not bind before.
OCT_HD float lower_reach(const Ray& ray, const Level& level) {
  const float start = max(ray.t_min, ray.after.t);
  return start > level.range.near ? start : -kInfinity;
}
OCT_HD float upper_reach(float limit, const Level& level) {
  return limit < level.range.far ? limit : kInfinity;
}

/// The rest of an instance's rule, and the report. True to end the traversal.
template <class Query>
OCT_HD bool report_plane_hit(const Level& level, const PlaneHit& plane, u32 instance, u32 primitive,
                             Query& query) {
  const float t = clamp(plane.t, level.range.near, level.range.far);
  const u32 hit_instance = level.instance == kNone ? instance : level.instance;
  return query.report({t, plane.u, plane.v, hit_instance, primitive, plane.back ? 1u : 0u});
}

/// Tests a triangle and reports it. True to end the traversal.
template <class Query>
OCT_HD bool report_triangle(const Level& level, Vec3 a, Vec3 b, Vec3 c, u32 instance, u32 primitive,
                            Query& query) {
  PlaneHit plane;
  return intersect_triangle(level.frame, a, b, c, &plane) &&
         report_plane_hit(level, plane, instance, primitive, query);
}

}  // namespace oct::inline OCT_ISA
