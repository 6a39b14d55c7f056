#include "shade/surface.hpp"

#include <atomic>
#include <cmath>
#include <vector>

#include "base/thread_pool.hpp"
#include "device/bvh_builder.hpp"
#include "geometry/traverse.hpp"
#include "shade/light.hpp"
#include "shade/material.hpp"
#include "shade_support.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr Transform kIdentity = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};

/// The inverse by cofactors, in double.
Transform inverse_of(const Transform& t) {
  double a[3][3], d[3];
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) a[i][j] = static_cast<double>(t.m[4 * i + j]);
    d[i] = static_cast<double>(t.m[4 * i + 3]);
  }
  const auto cofactor = [&](int i, int j) {
    const int r = (i + 1) % 3, s = (i + 2) % 3, p = (j + 1) % 3, q = (j + 2) % 3;
    return a[r][p] * a[s][q] - a[r][q] * a[s][p];
  };
  const double det = a[0][0] * cofactor(0, 0) + a[0][1] * cofactor(0, 1) + a[0][2] * cofactor(0, 2);
  Transform inverse;
  for (int i = 0; i < 3; ++i) {
    double moved = 0;
    for (int j = 0; j < 3; ++j) {
      const double value = cofactor(j, i) / det;
      inverse.m[4 * i + j] = static_cast<float>(value);
      moved -= value * d[j];
    }
    inverse.m[4 * i + 3] = static_cast<float>(moved);
  }
  return inverse;
}

/// Render data of one mesh, placed once for each transform; baked or not.
RenderData placed_mesh(const std::vector<Vec3>& positions, const std::vector<Triangle>& triangles,
                       const std::vector<Transform>& transforms, bool baked) {
  RenderData data;
  data.positions = positions;
  data.triangles = triangles;
  data.meshes.edit().push_back({0,
                                static_cast<u32>(positions.size()),
                                0,
                                static_cast<u32>(triangles.size()),
                                kNone,
                                kNone,
                                {kNone, kNone, kNone, kNone},
                                kNone});
  data.materials.edit().push_back({});
  for (const Transform& transform : transforms) {
    const u32 flags = baked ? u32{kInstanceBaked} : 0u;
    data.instances.edit().push_back({transform, inverse_of(transform), 0, 0, kNone, flags});
  }
  return data;
}

HostBvh built(const RenderData& data) {
  ThreadPool pool(1);
  ProgressCounter progress{0};
  auto bvh = HostBvh::build(data, pool, {}, progress);
  if (!bvh) FAIL(bvh.error().message);
  return *std::move(bvh);
}

/// A closed convex body: a cube whose faces are cut `cells` x `cells` times and pushed out to the unit
/// sphere, or left flat, so that neighbours lie in one plane.
struct Body {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;
};
Body a_body(u32 cells, bool round) {
  Body body;
  const auto point = [&](int face, u32 i, u32 j) {
    const float a = 2.0f * static_cast<float>(i) / static_cast<float>(cells) - 1;
    const float b = 2.0f * static_cast<float>(j) / static_cast<float>(cells) - 1;
    const float sign = face < 3 ? 1.0f : -1.0f;
    const Vec3 p[3] = {{sign, a, b * sign}, {b * sign, sign, a}, {a, b * sign, sign}};
    return round ? normalize(p[face % 3]) : p[face % 3];
  };
  for (int face = 0; face < 6; ++face)
    for (u32 i = 0; i < cells; ++i)
      for (u32 j = 0; j < cells; ++j) {
        const u32 first = static_cast<u32>(body.positions.size());
        for (const u32 corner : {0u, 1u, 3u, 2u})
          body.positions.push_back(point(face, i + (corner & 1u), j + (corner >> 1)));
        const Vec3* p = body.positions.data() + first;
        const Vec3 normal = cross(p[1] - p[0], p[2] - p[0]);
        // the diagonal that bulges
        const u32 turn = dot(normal, p[3] - p[0]) <= 0 ? 0 : 1;
        body.triangles.push_back({{first + turn, first + 1 + turn, first + 2 + turn}});
        body.triangles.push_back({{first + turn, first + 2 + turn, first + (3 + turn) % 4}});
      }
  return body;
}

Transform turned(Uniform& uniform, Vec3 scale, Vec3 at) {
  const Basis basis = basis_around(warp_sphere(uniform.pair()));
  const Vec3 t = basis.tangent, b = basis.bitangent, n = basis.normal;
  return {{t.x * scale.x, b.x * scale.y, n.x * scale.z, at.x, t.y * scale.x, b.y * scale.y, n.y * scale.z,
           at.y, t.z * scale.x, b.z * scale.y, n.z * scale.z, at.z}};
}

/// A point of a random triangle, often on its edges and corners, as a ray from outside sees it.
Surface random_surface(const RenderDataView& view, Uniform& uniform) {
  const u32 instance = uniform.bits() % static_cast<u32>(view.instances.size);
  const u32 primitive = uniform.bits() % static_cast<u32>(view.triangles.size);
  Vec2 corner = warp_triangle(uniform.pair());
  const float kind = uniform();
  if (kind < 0.2f) corner.x = 0;
  if (kind < 0.1f) corner.y = 1e-6f * uniform();
  if (kind > 0.8f) corner.y = 1.0f - corner.x;
  const Mesh& mesh = view.meshes[0];
  const TrianglePoints world =
      transform_points(view.instances[instance].world_from_object, object_points(view, mesh, primitive));
  const Vec3 toward = -triangle_normal(world, false);
  return surface_at(view, {{0, 0, 0}, 0, toward, kInfinity, {-1, 0, 0}, kNone, kNone},
                    {1, corner.x, corner.y, instance, primitive, 0});
}

/// A direction on the outer side, often grazing. Flatter than 1e-5 the rounding of normals decides on which
/// side it is.
Vec3 outward_direction(const Surface& surface, Uniform& uniform) {
  const Vec3 n = surface.geometric_normal;
  const Vec3 d = warp_sphere(uniform.pair());
  const float kind = uniform();
  const float lift = 2e-5f + (kind < 0.35f ? 1e-3f * uniform() : 0.05f * uniform());
  const Vec3 grazing = normalize(normalize(d - n * dot(d, n)) + n * lift);
  const Vec3 direction = kind < 0.7f ? grazing : d;
  const float cosine = dot(direction, n);
  if (std::abs(cosine) < 1e-5f) return n;
  return cosine < 0 ? -direction : direction;
}

/// How many of `rays` rays that leave a convex body outward hit anything.
int self_hits(const RenderData& data, Uniform& uniform, int rays) {
  const HostBvh bvh = built(data);
  const RenderDataView view = view_of(data);
  int hits = 0;
  for (int i = 0; i < rays; ++i) {
    const Surface surface = random_surface(view, uniform);
    const Ray ray = spawn_ray(surface, outward_direction(surface, uniform));
    if (closest_hit(bvh.view(), ray).instance != kNone) ++hits;
  }
  return hits;
}

}  // namespace

TEST_CASE("a ray that leaves a convex body never meets it again, at any scale and place", "[shade]") {
  Uniform uniform(21);
  for (const bool round : {false, true})
    for (const bool baked : {true, false})
      for (const float scale : {1e-3f, 1.0f, 1e4f})
        for (const float distance : {0.0f, 10.0f, 1e4f}) {
          const Body body = a_body(5, round);
          const Vec3 at = warp_sphere(uniform.pair()) * distance;
          // far away from the origin small bodies dissolve into the grid of floats
          if (scale < 1e-3f * distance) continue;
          const Vec3 scales = {scale, scale * (0.3f + 0.7f * uniform()), scale * (0.3f + 0.7f * uniform())};
          const RenderData data =
              placed_mesh(body.positions, body.triangles, {turned(uniform, scales, at)}, baked);
          INFO("round " << round << " baked " << baked << " scale " << scale << " distance " << distance);
          CHECK(self_hits(data, uniform, 4000) == 0);
        }
}

TEST_CASE("a ray that leaves one of two bodies in the same place meets neither", "[shade]") {
  Uniform uniform(22);
  for (const bool baked : {true, false})
    for (const float scale : {1e-3f, 1.0f, 1e4f}) {
      const Body body = a_body(3, false);
      const Transform at = turned(uniform, {scale, scale, scale}, {0.3f * scale, scale, -2 * scale});
      const RenderData data = placed_mesh(body.positions, body.triangles, {at, at}, baked);
      INFO("baked " << baked << " scale " << scale);
      CHECK(self_hits(data, uniform, 8000) == 0);
    }
}

TEST_CASE("a ray into a convex body finds the other side", "[shade]") {
  Uniform uniform(23);
  for (const bool baked : {true, false}) {
    const Body body = a_body(5, true);
    const RenderData data = placed_mesh(body.positions, body.triangles,
                                        {turned(uniform, {0.02f, 0.03f, 0.025f}, {1, 2, 3})}, baked);
    const HostBvh bvh = built(data);
    const RenderDataView view = view_of(data);
    int missed = 0;
    for (int i = 0; i < 5000; ++i) {
      const Surface surface = random_surface(view, uniform);
      Vec3 d = warp_sphere(uniform.pair());
      if (dot(d, surface.geometric_normal) > -0.3f) continue;
      if (closest_hit(bvh.view(), spawn_ray(surface, d)).instance == kNone) ++missed;
    }
    CHECK(missed == 0);
  }
}

TEST_CASE("offsets stay small: a few millionths of the coordinates at hand", "[shade]") {
  Uniform uniform(24);
  for (const float scale : {1e-3f, 1.0f, 1e4f})
    for (const bool baked : {true, false}) {
      const Body body = a_body(2, true);
      const RenderData data = placed_mesh(body.positions, body.triangles,
                                          {turned(uniform, {scale, scale, scale}, {0, 0, 0})}, baked);
      const Surface surface = random_surface(view_of(data), uniform);
      CHECK(surface.offset > 0);
      CHECK(surface.offset < 4e-6f * scale);
    }
}

TEST_CASE("an area light does not shadow its own samples, nor a copy of it", "[shade]") {
  Uniform uniform(25);
  for (const bool baked : {true, false})
    for (const float scale : {1e-3f, 1.0f, 1e4f}) {
      const Body body = a_body(3, false);
      const Vec3 size = {scale, scale, scale};
      const Transform place = turned(uniform, size, {4 * scale, 0, 0});
      RenderData data = placed_mesh(body.positions, body.triangles,
                                    {turned(uniform, size, {0, 0, 0}), place, place}, baked);
      data.materials.edit()[0].emission = {1, 1, 1};
      data.materials.edit()[0].emission_texture = kNone;
      const HostBvh bvh = built(data);
      const RenderDataView view = view_of(data);
      int shadowed = 0, tried = 0;
      for (int i = 0; i < 20000; ++i) {
        Surface surface = random_surface(view, uniform);
        if (surface.instance != 0) continue;
        Light light{};
        light.instance = 1;
        light.primitive = uniform.bits() % static_cast<u32>(data.triangles.size());
        light.area = 1;
        light.select_probability = 1;
        const LightSample sample =
            sample_area_light(view, light, surface.position, uniform.pair(), {0.5f, 0.5f});
        if (!(sample.pdf > 0) || !(dot(sample.direction, surface.geometric_normal) > 0)) continue;
        // only from its front: else the body itself is in the way
        const TrianglePoints points = transform_points(data.instances[1].world_from_object,
                                                       object_points(view, data.meshes[0], light.primitive));
        if (dot(sample.direction, triangle_normal(points, false)) > -1e-3f) continue;
        ++tried;
        const Ray ray = spawn_shadow_ray(surface, sample);
        if (occlusion(bvh.view(), ray, [](const Hit&) { return 7u; }) != 0) ++shadowed;
      }
      INFO("baked " << baked << " scale " << scale);
      CHECK(tried > 200);
      CHECK(shadowed == 0);
    }
}

namespace {

/// One triangle with all attributes in the plane z = 0: u grows with x, v falls with y.
RenderData a_textured_triangle(const Transform& transform, bool flips) {
  RenderData data = placed_mesh({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}, {{{0, 1, 2}}}, {transform}, true);
  data.uvs = {{0, 1}, {1, 1}, {0, 0}};
  data.normals = {pack_normal({0, 0, 1}), pack_normal({0.6f, 0, 0.8f}), pack_normal({0, 0.6f, 0.8f})};
  data.colors = {{1, 0, 0, 1}, {0, 1, 0, 1}, {0, 0, 1, 0}};
  data.tangents = {{1, 0, 0, 1}, {1, 0, 0, 1}, {1, 0, 0, 1}};
  Mesh& mesh = data.meshes.edit()[0];
  mesh.first_uv[0] = mesh.first_normal = mesh.first_color = 0;
  if (flips) data.instances.edit()[0].flags |= kInstanceFlipsWinding;
  return data;
}

Surface seen(const RenderData& data, Vec3 direction, float u = 0.25f, float v = 0.5f) {
  return surface_at(view_of(data), {{0, 0, 0}, 0, direction, kInfinity, {-1, 0, 0}, kNone, kNone},
                    {1, u, v, 0, 0, 0});
}

}  // namespace

TEST_CASE("attributes are interpolated, and both normals face the viewer", "[shade]") {
  const RenderData data = a_textured_triangle(kIdentity, false);
  const Surface front = seen(data, {0, 0, -1});
  CHECK(front.front);
  CHECK(length(front.position - Vec3{0.25f, 0.5f, 0}) < 1e-7f);
  CHECK(front.geometric_normal.z == 1);
  CHECK(length(front.normal - normalize(Vec3{0.15f, 0.3f, 0.25f + 0.2f + 0.4f})) < 1e-4f);
  CHECK(front.uv0.x == Approx(0.25));
  CHECK(front.uv0.y == Approx(0.5));
  CHECK(front.uv1.x == 0);
  CHECK(front.color.z == Approx(0.5));
  CHECK(front.color.w == Approx(0.5));
  const Surface back = seen(data, {0, 0, 1});
  CHECK(!back.front);
  CHECK(length(back.normal + front.normal) == 0);
  CHECK(back.geometric_normal.z == -1);
}

TEST_CASE("a mirrored instance keeps its front, and normals go through its inverse", "[shade]") {
  const RenderData data = a_textured_triangle({{-2, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0}}, true);
  const Surface surface = seen(data, {0, 0, -1});
  CHECK(surface.front);
  CHECK(surface.position.x == Approx(4.5));
  // normals shrink where positions stretch: n.x / -2
  CHECK(length(surface.normal - normalize(Vec3{-0.075f, 0.3f, 0.85f})) < 1e-4f);
}

TEST_CASE("a triangle without area still gives finite unit normals", "[shade]") {
  for (const Vec3 third : {Vec3{2, 0, 0}, Vec3{0, 0, 0}, Vec3{1, 1e-30f, 0}}) {
    const RenderData data = placed_mesh({{0, 0, 0}, {1, 0, 0}, third}, {{{0, 1, 2}}}, {kIdentity}, false);
    const Surface surface = seen(data, {0.3f, 0.2f, -1});
    CHECK(length(surface.normal) == Approx(1));
    CHECK(length(surface.geometric_normal) == Approx(1));
    CHECK(is_finite(surface.position));
    CHECK(is_finite(surface.offset));
  }
}

namespace {

/// Normal that a map with this colour everywhere gives.
Vec3 mapped(RenderData data, u32 rgb, Vec3 view_direction, bool given_tangents) {
  data.normals = {pack_normal({0, 0, 1}), pack_normal({0, 0, 1}), pack_normal({0, 0, 1})};
  if (given_tangents) data.meshes.edit()[0].first_tangent = 0;
  data.texels = {rgb};
  data.texture_images = {{1, 1, TexelFormat::rgba8_linear, 0, 0}};
  data.texture_slots = {{0, 0, Wrap::repeat, Wrap::repeat, 0, {1, 0, 0, 0, 1, 0}}};
  const Surface surface = seen(data, view_direction);
  return mapped_normal(view_of(data), surface, 0, 1.0f, {0.5f, 0.5f});
}

}  // namespace

TEST_CASE("a normal map finds its directions in any set of texture coordinates", "[shade]") {
  const u32 toward_u = 0xff8080ffu;
  for (const u32 set : {0u, 1u, 2u, 3u}) {
    INFO("set " << set);
    RenderData data = a_textured_triangle(kIdentity, false);
    Mesh& mesh = data.meshes.edit()[0];
    for (u32& first : mesh.first_uv) first = 0;  // u grows with x
    data.uvs = {{0, 1}, {1, 1}, {0, 0}, {0, 0}, {0, 1}, {1, 0}};
    mesh.first_uv[set] = 3;  // u grows with y
    data.normals = {pack_normal({0, 0, 1}), pack_normal({0, 0, 1}), pack_normal({0, 0, 1})};
    data.texels = {toward_u};
    data.texture_images = {{1, 1, TexelFormat::rgba8_linear, 0, 0}};
    data.texture_slots = {{0, set, Wrap::repeat, Wrap::repeat, 0, {1, 0, 0, 0, 1, 0}}};
    const Vec3 normal = mapped_normal(view_of(data), seen(data, {0, 0, -1}), 0, 1.0f, {0.5f, 0.5f});
    CHECK(normal.y > 0.7f);
    CHECK(std::abs(normal.x) < 0.1f);
  }
}

TEST_CASE("in a normal map red leans to where u grows and green to where v falls", "[shade]") {
  // bytes from the low end: red, green, blue; blue 0.5 = no height, so that only the direction is left
  const u32 toward_u = 0xff8080ffu, toward_top = 0xff80ff80u;
  for (const bool given : {false, true}) {
    INFO("given tangents " << given);
    const RenderData data = a_textured_triangle(kIdentity, false);
    CHECK(mapped(data, toward_u, {0, 0, -1}, given).x > 0.7f);
    CHECK(mapped(data, toward_top, {0, 0, -1}, given).y > 0.7f);
    // seen from behind, the same bump: its normals are turned over
    CHECK(mapped(data, toward_u, {0, 0, 1}, given).x < -0.7f);
    // mirrored in x: u grows toward -x, the image's top stays at +y
    const RenderData mirror = a_textured_triangle({{-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}}, true);
    CHECK(mapped(mirror, toward_u, {0, 0, -1}, given).x < -0.7f);
    CHECK(mapped(mirror, toward_top, {0, 0, -1}, given).y > 0.7f);
  }
}
