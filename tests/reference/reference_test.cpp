// Real scenes, held against pictures of another renderer (Cycles). The scenes are no part of the project:
// without them (OCT_SHARED_DIR, or ../shared) these tests say so and pass.
#include <algorithm>
#include <cmath>

#include "math/transform.hpp"
#include "reference/set_up.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

bool is_registered(const Pictures& pictures, double tolerance) {
  const auto offset = registration(pictures);
  UNSCOPED_INFO("shifted by " << offset[0] << " and " << offset[1] << " pixels");
  return std::abs(offset[0]) < tolerance && std::abs(offset[1]) < tolerance;
}

/// Blocks whose deviation is beyond `bound`, and beyond four standard errors on top of it: of 400 blocks that
/// differ by noise alone at the very bound, not one in fifty pictures has such a block.
std::size_t blocks_beyond(const std::vector<BlockDifference>& blocks, double bound) {
  std::size_t count = 0;
  for (const BlockDifference& block : blocks) {
    if (std::abs(block.deviation) <= bound + 4 * block.error) continue;
    UNSCOPED_INFO("block " << block.column << "," << block.row << " of luminance " << block.reference
                           << " is off by " << 100 * block.deviation << " % +- " << 100 * block.error
                           << " %");
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("the Cornell box agrees with Cycles within 1 % in each block", "[slow][reference]") {
  if (!reference_exists("CornellBox")) return;
  const Pictures pictures = render_reference("CornellBox", 1024);
  CHECK(is_registered(pictures, 0.03));

  // 1 % beyond the noise of both pictures, which most blocks hardly have
  const auto blocks = block_differences(pictures, 16);
  CHECK(blocks.size() == 400);
  CHECK(blocks_beyond(blocks, 0.01) == 0);
  const auto errors = sorted_errors(blocks);
  CAPTURE(quantile(errors, 0.5), quantile(errors, 0.9), errors.back());
  CHECK(quantile(errors, 0.5) < 0.003);
  CHECK(quantile(errors, 0.9) < 0.008);
  // 1 % without any allowance, over areas that are large enough for the noise to vanish
  const auto areas = sorted_deviations(block_differences(pictures, 64));
  CAPTURE(areas.back());
  CHECK(areas.back() < 0.01);
  // and hardly anything but noise (1.1 was measured): a quarter percent more light throughout would show here
  CHECK(excess_over_noise(blocks) < 1.25);
}

TEST_CASE("the comparison of the Cornell box notices 2 % of albedo and a tenth of a pixel",
          "[slow][reference]") {
  if (!reference_exists("CornellBox")) return;
  for (const float factor : {0.98f, 1.02f}) {
    const Pictures pictures = render_reference("CornellBox", 128, [factor](Scene& scene, SceneCamera&) {
      for (SceneMaterial& material : scene.materials) material.base_color = material.base_color * factor;
    });
    CHECK(is_registered(pictures, 0.03));
    CHECK(blocks_beyond(block_differences(pictures, 16), 0.01) > 100);
    CHECK(quantile(sorted_deviations(block_differences(pictures, 64)), 0.5) > 0.02);
    CHECK(excess_over_noise(block_differences(pictures, 16)) > 3);
  }
  const Pictures moved = render_reference("CornellBox", 128, [](Scene&, SceneCamera& camera) {
    camera.world_from_camera.m[3] += 0.001f;  // metres: a tenth of a pixel of the back wall
  });
  CHECK_FALSE(is_registered(moved, 0.03));
}

TEST_CASE("other scenes agree with Cycles in geometry, and in light as far as the models do",
          "[slow][reference]") {
  struct Case {
    const char* name;
    std::uint32_t samples;
    double median, most;  ///< of the blocks' deviations; nine of ten are below `most`
  };
  // What differs is told and measured in docs/testing.md. ToyCar: most blocks show the environment, the
  // object is half a cloth with sheen, which we do not model. LightsPunctualLamp: the reference's point
  // lights are spheres of 0.25 m, larger than the shade. CountryKitchen: gloss adds to an undiminished base
  // there.
  const Case one = GENERATE(Case{"ToyCar", 256, 0.002, 0.6}, Case{"LightsPunctualLamp", 256, 0.08, 0.3},
                            Case{"CountryKitchen", 256, 0.3, 0.6});
  if (!reference_exists(one.name)) return;
  const Pictures pictures = render_reference(one.name, one.samples);
  CHECK(is_registered(pictures, 0.06));
  const auto deviations = sorted_deviations(block_differences(pictures, 16));
  CAPTURE(one.name, quantile(deviations, 0.5), quantile(deviations, 0.9), deviations.back());
  CHECK(quantile(deviations, 0.5) < one.median);
  CHECK(quantile(deviations, 0.9) < one.most);
}
