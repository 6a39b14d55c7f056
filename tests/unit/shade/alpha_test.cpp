#include "shade/alpha.hpp"

#include <algorithm>
#include <vector>

#include "render_data/render_data.hpp"
#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A triangle whose texture coordinates are its barycentrics, with an image of 2 x 1 texels: alpha 0 and 1.
RenderData a_cutout(AlphaMode mode) {
  RenderData data;
  data.positions = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  data.uvs = {{0, 0}, {1, 0}, {0, 1}};
  data.triangles = {{{0, 1, 2}}};
  data.meshes.edit().push_back({0, 3, 0, 1, kNone, kNone, {0, kNone, kNone, kNone}, kNone});
  data.instances.edit().push_back({});
  data.texels = {0x00ffffffu, 0xffffffffu};
  data.texture_images.edit().push_back({2, 1, TexelFormat::rgba8_srgb, 0, 0});
  data.texture_slots.edit().push_back(
      {0, 0, Wrap::clamp_to_edge, Wrap::clamp_to_edge, 0, {1, 0, 0, 0, 1, 0}});
  Material material{};
  material.alpha = 1;
  material.alpha_mode = mode;
  material.alpha_cutoff = 0.5f;
  data.materials.edit().push_back(material);
  return data;
}

/// Share of samples of a pixel that the surface blocks at (u, v).
double blocked_share(const RenderDataView& view, float u, float v) {
  int blocked = 0;
  for (u32 sample = 0; sample < 4000; ++sample) {
    const u32 mask = blocked_channels(view, {1, u, v, 0, 0, 0}, {1, 2, sample, 3});
    if (mask != 0 && mask != 7) return -1;  // alpha has no colour
    blocked += mask == 7 ? 1 : 0;
  }
  return blocked / 4000.0;
}

}  // namespace

TEST_CASE("an opaque surface blocks, whatever its alpha", "[shade]") {
  const RenderData data = a_cutout(AlphaMode::opaque);
  CHECK(blocked_share(view_of(data), 0.1f, 0.1f) == 1);
}

TEST_CASE("a blended surface blocks as often as its alpha says", "[shade]") {
  RenderData data = a_cutout(AlphaMode::blend);
  data.materials.edit()[0].base_color_texture = kNone;
  for (const float alpha : {0.0f, 0.25f, 0.9f, 1.0f}) {
    data.materials.edit()[0].alpha = alpha;
    CHECK(blocked_share(view_of(data), 0.1f, 0.1f) == Approx(alpha).margin(0.03));
  }
  data = a_cutout(AlphaMode::blend);
  // bilinear between the texel centres at 1/4 and 3/4
  CHECK(blocked_share(view_of(data), 0.1f, 0.1f) == 0);
  CHECK(blocked_share(view_of(data), 0.4f, 0.1f) == Approx(0.3).margin(0.03));
  CHECK(blocked_share(view_of(data), 0.8f, 0.1f) == 1);
}

TEST_CASE("a mask has a sharp edge where filtered alpha crosses the cutoff", "[shade]") {
  const RenderData data = a_cutout(AlphaMode::mask);
  CHECK(blocked_share(view_of(data), 0.49f, 0.1f) == 0);
  CHECK(blocked_share(view_of(data), 0.51f, 0.1f) == 1);
}

TEST_CASE("alpha is read at any set of texture coordinates", "[shade]") {
  for (const AlphaMode mode : {AlphaMode::mask, AlphaMode::blend}) {
    RenderData data = a_cutout(mode);
    Mesh& mesh = data.meshes.edit()[0];
    mesh.first_uv[0] = kNone;
    mesh.first_uv[3] = 0;
    data.texture_slots.edit()[0].uv_set = 3;
    CHECK(blocked_share(view_of(data), 0.1f, 0.1f) == 0);
    CHECK(blocked_share(view_of(data), 0.8f, 0.1f) == 1);
  }
}

TEST_CASE("vertex colours and factors multiply alpha", "[shade]") {
  RenderData data = a_cutout(AlphaMode::blend);
  data.colors = {{1, 1, 1, 0.5f}, {1, 1, 1, 0.5f}, {1, 1, 1, 0.5f}};
  data.meshes.edit()[0].first_color = 0;
  data.materials.edit()[0].alpha = 0.5f;
  CHECK(blocked_share(view_of(data), 0.9f, 0.0f) == Approx(0.25).margin(0.03));
}

TEST_CASE("decisions of alpha are independent between surfaces, pixels, samples and bounces", "[shade]") {
  RenderData data = a_cutout(AlphaMode::blend);
  data.materials.edit()[0].base_color_texture = kNone;
  data.materials.edit()[0].alpha = 0.5f;
  data.instances.edit().push_back(data.instances[0]);
  data.triangles.edit().push_back(data.triangles[0]);
  const RenderDataView view = view_of(data);
  const Hit base = {1, 0.2f, 0.2f, 0, 0, 0};
  const Hit other_instance = {1, 0.2f, 0.2f, 1, 0, 0};
  const Hit other_primitive = {1, 0.2f, 0.2f, 0, 1, 0};
  int same[5] = {};
  constexpr int kTrials = 4000;
  for (u32 i = 0; i < kTrials; ++i) {
    const u32 first = blocked_channels(view, base, {1, 2, i, 3});
    same[0] += first == blocked_channels(view, other_instance, {1, 2, i, 3});
    same[1] += first == blocked_channels(view, other_primitive, {1, 2, i, 3});
    same[2] += first == blocked_channels(view, base, {1, 3, i, 3});
    same[3] += first == blocked_channels(view, base, {1, 2, i, 4});
    same[4] += first == blocked_channels(view, base, {2, 2, i, 3});
    // and the same question has the same answer
    REQUIRE(first == blocked_channels(view, base, {1, 2, i, 3}));
    REQUIRE(passes_through(view, base, {1, 2, i, 3}) == (first == 0));
  }
  for (const int count : same) CHECK(count == Approx(kTrials / 2).margin(150));
}
