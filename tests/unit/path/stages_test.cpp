#include "path/stages.hpp"

#include <vector>

#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("the weights of two techniques sum to one and survive extremes", "[path]") {
  for (const float a : {1e-30f, 1e-3f, 1.0f, 7.0f, 1e20f}) {
    for (const float b : {1e-30f, 1e-3f, 1.0f, 7.0f, 1e20f}) {
      CAPTURE(a, b);
      CHECK(mis_weight(a, b) + mis_weight(b, a) == Approx(1.0f));
    }
    CHECK(mis_weight(a, 0.0f) == 1.0f);
  }
}

TEST_CASE("the dimensions of a path do not overlap and pairs begin at even ones", "[path]") {
  std::vector<int> used(kCameraDimensions + 3 * kBounceDimensions);
  const auto use = [&used](u32 dimension, u32 count) {
    if (count == 2) CHECK(dimension % 2 == 0);
    for (u32 i = 0; i < count; ++i) ++used.at(dimension + i);
  };
  use(kDimensionPixel, 2);
  use(kDimensionLens, 2);
  for (u32 depth = 0; depth < 3; ++depth) {
    const u32 first = bounce_dimension(depth);
    use(first + kDimensionTexture, 2);
    use(first + kDimensionLightPoint, 2);
    use(first + kDimensionBsdf, 2);
    use(first + kDimensionLightChoice, 1);
    use(first + kDimensionLobe, 1);
    use(first + kDimensionRoulette, 1);
    use(first + kDimensionChannel, 1);
    use(first + kDimensionLightTexture, 2);
  }
  for (const int count : used) CHECK(count <= 1);
}

TEST_CASE("roulette begins late and keeps the mean of what survives", "[path]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(16, 16, 1, 8));
  const RenderDataView view = view_of(*data);
  PathState state{};
  state.throughput = {0.2f, 0.1f, 0.05f};
  state.depth = kRouletteDepth - 1;
  CHECK(survives_roulette(view, state));
  CHECK(state.throughput.x == 0.2f);

  double sum = 0;
  const u32 count = 1u << 14;
  for (u32 sample = 0; sample < count; ++sample) {
    PathState roulette{};
    roulette.throughput = {0.2f, 0.1f, 0.05f};
    roulette.depth = kRouletteDepth;
    roulette.sample = sample;
    if (survives_roulette(view, roulette)) sum += roulette.throughput.x;
  }
  CHECK(sum / count == Approx(0.2).epsilon(0.01));
}

TEST_CASE("a shadow ray's light passes channel by channel", "[path]") {
  ShadowRequest request{};
  request.radiance = {1, 2, 3};
  const Vec3 open = resolve_shadow(request, 0);
  CHECK((open.x == 1 && open.y == 2 && open.z == 3));
  const Vec3 some = resolve_shadow(request, 5);
  CHECK((some.x == 0 && some.y == 2 && some.z == 0));
  CHECK(is_black(resolve_shadow(request, 7)));
}

TEST_CASE("at depth 0 a path takes the emission it sees and asks for nothing more", "[path]") {
  Scene scene;
  SceneMaterial glowing = matte({0.5f, 0.5f, 0.5f});
  glowing.emission = {3, 2, 1};
  add_object(scene, make_quad({0, 0, 0}, {1, 0, 0}, {0, 1, 0}), glowing);
  scene.cameras.push_back(look_at({0, 0, 5}, {0, 0, 0}, {0, 1, 0}, 10));
  for (const u32 max_depth : {0u, 1u}) {
    const RenderDataPtr data = compile_for_test(scene, picture(16, 16, 1, max_depth));
    const RenderDataView view = view_of(*data);
    PathState state = generate_path(view, 16 * 8 + 8, 0);
    const ShadedPath shaded = shade_path(view, {5, 0.25f, 0.25f, 0, 0, 0}, state);
    CHECK(shaded.emitted.x == 3.0f);
    CHECK(shaded.goes_on == (max_depth > 0));
    if (max_depth == 0) CHECK_FALSE(shaded.has_shadow_ray);
  }
}
