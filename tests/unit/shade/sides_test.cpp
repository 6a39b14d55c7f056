// Which surfaces are there for which rays: the side of a hit, and what single-sided materials make of it.
#include <algorithm>

#include "device/bvh_builder.hpp"
#include "geometry/traverse.hpp"
#include "math/transform.hpp"
#include "shade/alpha.hpp"
#include "shade_support.hpp"
#include "support/compiled.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A single-sided ball of radius 1, twice, so that it may be an instance: at the origin, stretched, mirrored
/// if wanted; the copy is out of the way.
RenderData a_ball(bool mirrored, bool baked) {
  SceneMaterial paint = matte({1, 1, 1});
  paint.double_sided = false;
  Scene scene;
  add_object(scene, make_sphere(1, 2), paint);
  scene.instances.push_back(scene.instances[0]);
  scene.instances[0].world_from_object = {{0, 1.5f, 0, 0, mirrored ? 1.0f : -1.0f, 0, 0, 0, 0, 0, 1, 0}};
  scene.instances[1].world_from_object.m[3] = 100;
  scene.cameras.resize(1);
  RenderData data = compiled(scene, small_film());
  for (Instance& instance : data.instances.edit()) {
    instance.flags = (instance.flags & ~u32{kInstanceBaked}) | (baked ? u32{kInstanceBaked} : 0u);
  }
  REQUIRE(((data.instances[0].flags & kInstanceFlipsWinding) != 0) == mirrored);
  return data;
}

HostBvh trees_of(const RenderData& data) {
  ThreadPool pool(1);
  ProgressCounter progress{0};
  BvhOptions options;
  options.compact = true;
  auto bvh = HostBvh::build(data, pool, {}, progress, options);
  REQUIRE(bvh.has_value());
  return std::move(bvh.value());
}

Ray ray_from(Vec3 origin, Vec3 direction) {
  return {origin, 0.0f, direction, kInfinity, {-1.0f, 0, 0}, kNone, kNone};
}

Vec3 any_direction(Uniform& uniform) {
  for (;;) {
    const Vec3 v{2 * uniform() - 1, 2 * uniform() - 1, 2 * uniform() - 1};
    const float size = length_squared(v);
    if (size > 0.01f && size < 1.0f) return normalize(v);
  }
}

/// What becomes of rays that leave the middle of the ball, or come from far away toward points near it.
struct Passing {
  int outward = 0, inward = 0, wrong = 0;
};

Passing pass_ball(const RenderData& data) {
  const HostBvh trees = trees_of(data);
  const RenderDataView view = view_of(data);
  Uniform uniform(7);
  Passing passing;
  for (int i = 0; i < 2000; ++i) {
    const Vec3 inside = any_direction(uniform) * (0.8f * uniform());
    const Vec3 direction = any_direction(uniform);
    const bool from_outside = i % 2 == 0;
    const Ray ray = ray_from(from_outside ? inside - direction * 5.0f : inside, direction);
    const Hit hit = closest_hit(trees.view(), ray);
    if (hit.instance != 0) ++passing.wrong;
    const bool passes = passes_through(view, hit, {1, 2, 3, 4});
    (from_outside ? passing.inward : passing.outward) += passes ? 1 : 0;
    // the shadow ray over the same way meets what the other ray met
    Ray shadow = ray;
    shadow.t_max = hit.t;
    const u32 blocked = occlusion(trees.view(), shadow, [&](const Hit& way) {
      return blocked_channels(view, way, AlphaKey{1, 2, 3, 4});
    });
    if ((blocked == 0) != passes) ++passing.wrong;
  }
  return passing;
}

}  // namespace

TEST_CASE("a single-sided ball is there from outside alone, however it is placed", "[shade]") {
  const bool mirrored = GENERATE(false, true);
  const bool baked = GENERATE(false, true);
  CAPTURE(mirrored, baked);
  RenderData data = a_ball(mirrored, baked);
  Passing passing = pass_ball(data);
  CHECK(passing.wrong == 0);
  CHECK(passing.inward == 0);
  CHECK(passing.outward == 1000);

  data.materials.edit()[0].flags &= ~u32{kMaterialCullsBack};
  passing = pass_ball(data);
  CHECK(passing.wrong == 0);
  CHECK(passing.inward == 0);
  CHECK(passing.outward == 0);
}

TEST_CASE("the side of a hit is the same in every tree and for edges that are met exactly", "[shade]") {
  // a plane of two triangles, met in its corners, on its edges and its diagonal, along each axis both ways
  for (u32 axis = 0; axis < 3; ++axis) {
    Vec3 u{0, 0, 0}, v{0, 0, 0}, n{0, 0, 0};
    float* const parts[] = {&u.x, &u.y, &u.z, &v.x, &v.y, &v.z, &n.x, &n.y, &n.z};
    *parts[(axis + 1) % 3] = 1;
    *parts[3 + (axis + 2) % 3] = 1;
    *parts[6 + axis] = 1;  // u x v
    Scene scene;
    add_object(scene, make_quad({0, 0, 0}, u, v), matte({1, 1, 1}));
    scene.cameras.resize(1);
    const RenderData data = compiled(scene, small_film());
    const HostBvh trees = trees_of(data);
    for (const float side : {-1.0f, 1.0f}) {
      for (int step = 0; step < 25; ++step) {
        const Vec3 at =
            u * (0.5f * static_cast<float>(step % 5) - 1) + v * (0.5f * static_cast<float>(step / 5) - 1);
        const Ray ray = ray_from(at + n * side, n * -side);
        const Hit wide = closest_hit(trees.view(), ray);
        ClosestQuery compact = closest_query(ray);
        run_compact(trees.view(), ray, compact);
        CAPTURE(axis, side, step);
        REQUIRE(wide.instance == 0);
        CHECK(wide.back == (side < 0 ? 1u : 0u));
        CHECK(compact.best.back == wide.back);
      }
    }
  }
}

TEST_CASE("what is cut out or blended has no more sides than what is opaque", "[shade]") {
  RenderData data = a_ball(false, true);
  Material& material = data.materials.edit()[0];
  material.alpha_mode = GENERATE(AlphaMode::opaque, AlphaMode::mask, AlphaMode::blend);
  material.alpha = 1;
  const RenderDataView view = view_of(data);
  CHECK(blocked_channels(view, {1, 0.2f, 0.2f, 0, 0, 0}, {1, 2, 3, 4}) == 7);
  CHECK(blocked_channels(view, {1, 0.2f, 0.2f, 0, 0, 1}, {1, 2, 3, 4}) == 0);
}
