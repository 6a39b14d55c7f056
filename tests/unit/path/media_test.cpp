#include "path/media.hpp"

#include <cmath>

#include "path/stages.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

enum : u32 { kPaint, kWater, kGlass, kPane, kSheet };

/// A box of each: paint, water, glass that disperses and absorbs, a thin pane, and a sheet of glass.
Scene scene_of_media() {
  Scene scene;
  SceneMaterial water = glass(1.33f, 0, false);
  SceneMaterial crown = glass(1.5f, 0, false);
  crown.volume.dispersion = 0.4f;
  crown.volume.attenuation_color = {0.5f, 0.25f, 1};
  crown.volume.attenuation_distance_m = 2;
  for (const SceneMaterial& material : {matte({1, 1, 1}), water, crown, glass(1.5f, 0, true)})
    add_object(scene, make_box({-1, -1, -1}, {1, 1, 0}), material);
  SceneMaterial other = crown;
  other.base_color.x = 0.5f;
  add_object(scene, make_quad({0, 0, 0}, {1, 0, 0}, {0, 1, 0}), other);
  scene.cameras.push_back(look_at({0, 0, 5}, {0, 0, 0}, {0, 1, 0}, 10));
  return scene;
}

const RenderDataPtr& media_data() {
  static const RenderDataPtr data = compile_for_test(scene_of_media(), picture(16, 16, 1, 8));
  return data;
}

MediumBoundary boundary(const MediumStack& media, u32 material, bool front) {
  return boundary_at(view_of(*media_data()), media, material, front);  // instances are as materials
}

MediumIndices indices(const MediumBoundary& at, u32 material, bool front) {
  return indices_at(view_of(*media_data()), at, material, front, 1);
}

}  // namespace

TEST_CASE("a path is in the medium that it entered last", "[path]") {
  MediumStack media = no_media();
  CHECK(top_medium(media) == kNone);
  media = entered(media, 5);
  media = entered(media, 7);
  CHECK(top_medium(media) == 7);
  CHECK(top_medium(left(media, 7)) == 5);
  CHECK(top_medium(left(media, 5)) == 7);  // overlapping: the one below is left first
  CHECK(top_medium(left(left(media, 5), 7)) == kNone);
  CHECK(top_medium(left(media, 9)) == 7);  // never entered
  CHECK(top_medium(left(no_media(), 9)) == kNone);
}

TEST_CASE("bodies of one material are left one by one", "[path]") {
  const MediumStack media = entered(entered(no_media(), 3), 3);
  CHECK(top_medium(left(media, 3)) == 3);
  CHECK(top_medium(left(left(media, 3), 3)) == kNone);
}

TEST_CASE("a full stack forgets the lowest medium", "[path]") {
  MediumStack media = no_media();
  for (u32 i = 1; i <= 6; ++i) media = entered(media, i);
  for (u32 i = 6; i >= 3; --i) {
    CHECK(top_medium(media) == i);
    media = left(media, i);
  }
  CHECK(top_medium(media) == kNone);
}

TEST_CASE("indices at a boundary are those of the media on both sides", "[path]") {
  const MediumStack in_water = entered(no_media(), kWater);
  const MediumStack in_glass = entered(in_water, kGlass);
  const auto check = [](const MediumStack& media, u32 material, bool front, float viewer, float behind) {
    CAPTURE(material, front, viewer, behind);
    const MediumIndices found = indices(boundary(media, material, front), material, front);
    CHECK(found.viewer == viewer);
    CHECK(found.behind == behind);
  };
  check(no_media(), kGlass, true, 1, 1.5f);
  check(in_water, kGlass, true, 1.33f, 1.5f);
  check(in_glass, kGlass, false, 1.5f, 1.33f);
  check(in_glass, kWater, false, 1.5f, 1.5f);  // glass reaches out of the water: no face here
  check(in_water, kWater, false, 1.33f, 1);
  check(no_media(), kGlass, false, 1.5f, 1);  // the path began inside
  check(in_water, kPane, true, 1.33f, 1.5f);  // thin and opaque surfaces part no media
  check(in_water, kPane, false, 1.33f, 1.5f);
  check(in_water, kPaint, true, 1.33f, 1.5f);
  check(in_water, kSheet, true, 1.33f, 1.5f);  // without an inside, yet it has a front and a back
  check(in_water, kSheet, false, 1.5f, 1.33f);
  CHECK_FALSE(boundary(in_water, kSheet, true).is_body);
  CHECK(top_medium(boundary(in_water, kSheet, true).media) == kWater);
  CHECK_FALSE(boundary(in_water, kPane, true).is_body);
  CHECK(top_medium(boundary(in_water, kPaint, true).media) == kWater);
  CHECK(boundary(no_media(), kGlass, false).here == kGlass);
}

TEST_CASE("red and blue lie around the index of green as the Abbe number says", "[path]") {
  const RenderDataView view = view_of(*media_data());
  const float red = index_of(view, kGlass, 0), green = index_of(view, kGlass, 1),
              blue = index_of(view, kGlass, 2);
  CHECK(green == 1.5f);
  CHECK((green - 1) / (blue - red) == Approx(20 / 0.4));
  CHECK(blue - green == Approx(green - red));
  CHECK(index_of(view, kWater, 0) == index_of(view, kWater, 2));
  CHECK(index_of(view, kNone, 2) == 1.0f);
}

TEST_CASE("absorption follows the attenuation colour and distance", "[path]") {
  const RenderDataView view = view_of(*media_data());
  for (const float distance : {0.0f, 0.5f, 2.0f, 7.0f}) {
    const Vec3 share = absorption_along(view, kGlass, distance);
    CHECK(share.x == Approx(std::pow(0.5, distance / 2)));
    CHECK(share.y == Approx(std::pow(0.25, distance / 2)));
    CHECK(share.z == 1.0f);
    CHECK(absorption_along(view, kWater, distance).x == 1.0f);
  }
  const Vec3 lost = absorption_along(view, kGlass, kInfinity);
  CHECK((lost.x == 0 && lost.y == 0 && lost.z == 1));
}

TEST_CASE("a path goes through dispersive glass with one channel, and keeps its mean", "[path]") {
  const RenderDataView view = view_of(*media_data());
  const MediumBoundary at = boundary(no_media(), kGlass, true);
  ShadingMaterial material{};
  material.transmission = 1;
  Vec3 sum{};
  constexpr u32 kSamples = 1u << 14;
  for (u32 i = 0; i < kSamples; ++i) {
    PathState state{};
    state.sample = i;
    state.throughput = {0.5f, 0.25f, 1};
    const u32 channel = choose_channel(view, state, material, at);
    CHECK(only_channel(state.throughput) == channel);
    sum += state.throughput * (1.0f / kSamples);
    const Vec3 before = state.throughput;  // the next face draws no more
    CHECK(choose_channel(view, state, material, at) == channel);
    CHECK(max_component(oct::abs(before - state.throughput)) == 0);
  }
  CHECK(sum.x == Approx(0.5).epsilon(1e-3));
  CHECK(sum.y == Approx(0.25).epsilon(1e-3));
  CHECK(sum.z == Approx(1).epsilon(1e-3));

  PathState state{};
  state.throughput = {1, 1, 1};
  CHECK(choose_channel(view, state, material, boundary(no_media(), kWater, true)) == 1);
  CHECK(choose_channel(view, state, material, boundary(no_media(), kPane, true)) == 1);
  CHECK(state.throughput.x == 1.0f);
}

TEST_CASE("each channel is bent by its own index", "[path]") {
  const RenderDataView view = view_of(*media_data());
  int through = 0;
  for (u32 sample = 0; sample < 256; ++sample) {
    PathState state{};
    state.origin = {-0.4f, -0.8f, 1};
    state.direction = normalize(Vec3{0, 0.8f, -1});
    state.after = {-1, 0, 0};
    state.left_instance = state.left_primitive = kNone;
    state.throughput = {1, 1, 1};
    state.sample = sample;
    state.media = no_media();
    const float sine = state.direction.y;
    const ShadedPath shaded = shade_path(view, {1.28f, 0.25f, 0.25f, kGlass, 8, 0}, state);
    if (!shaded.goes_on || state.direction.z > 0) continue;
    ++through;
    const u32 channel = only_channel(state.throughput);
    REQUIRE(channel < 3);
    CHECK(state.direction.y == Approx(sine / index_of(view, kGlass, channel)).epsilon(1e-5));
    CHECK(top_medium(state.media) == kGlass);
  }
  CHECK(through > 200);
}
