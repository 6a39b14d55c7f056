#include "device/canary.hpp"

#include "base/float_mode.hpp"
#include "device/cpu_info.hpp"
#include "device/device.hpp"
#include "launch/canary.hpp"
#include "render_data/validate.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using namespace oct;
using namespace oct::test;

TEST_CASE("every instruction set of this CPU gives the expected canary", "[device]") {
  std::vector<CpuIsa> sets{CpuIsa::x64};
  if (cpu_runs_v3()) sets.push_back(CpuIsa::v3);
  for (const CpuIsa isa : sets) {
    CAPTURE(static_cast<int>(isa));
    const auto digest = cpu_device(2, isa)->canary({});
    REQUIRE(digest);
    CHECK(digest->hex() == expected_canary().hex());
  }
}

TEST_CASE("the scene of the canary is valid and all of its parts are seen", "[device]") {
  const RenderDataPtr scene = canary_scene();
  const auto valid = validate(*scene);
  INFO((valid ? "" : valid.error().message));
  CHECK(valid);
  const std::string film = render_picture(*cpu_device(1), scene).hash().hex();
  const auto film_without = [&](auto&& change) {
    RenderData changed = *scene;
    change(changed);
    return render_picture(*cpu_device(1), std::make_shared<const RenderData>(changed)).hash().hex();
  };
  CHECK(film_without([](RenderData&) {}) == film);
  CHECK(film_without([](RenderData& d) { d.materials.edit()[1].emission.x = 5; }) != film);
  CHECK(film_without([](RenderData& d) { d.materials.edit()[2].roughness = 0.25f; }) != film);
  CHECK(film_without([](RenderData& d) { d.texels.edit()[3] ^= 0x40; }) != film);
  CHECK(film_without([](RenderData& d) { d.environments.edit()[0].radiance.z = 0.25f; }) != film);
  CHECK(film_without([](RenderData& d) { d.normals.edit()[2] += 500; }) != film);
  const auto without_layer = [&](std::size_t record, auto change) {
    return film_without([&](RenderData& d) { change(d.material_layers.edit()[record]); });
  };
  CHECK(without_layer(0, [](MaterialLayers& l) { l.clearcoat.roughness = 0.5f; }) != film);
  CHECK(without_layer(0, [](MaterialLayers& l) { l.sheen.roughness = 0.75f; }) != film);
  CHECK(without_layer(0, [](MaterialLayers& l) { l.anisotropy.strength = 0.25f; }) != film);
  CHECK(without_layer(0, [](MaterialLayers& l) { l.iridescence.thickness_maximum_nm = 500; }) != film);
  CHECK(without_layer(0, [](MaterialLayers& l) { l.diffuse_transmission.factor = 0.5f; }) != film);
  CHECK(without_layer(1, [](MaterialLayers& l) { l.volume.absorption = {1, 1, 1}; }) != film);
  CHECK(without_layer(1, [](MaterialLayers& l) { l.volume.dispersion = 1; }) != film);
}

TEST_CASE("results of any function change the digest", "[device]") {
  const FilmContribution film{{0, 0, 1}, {1, 2, 3, 4}, 0};
  std::vector<u32> maths(std::size_t{kCanaryInputs} * kCanaryFunctions, 1);
  const Digest digest = canary_digest(maths, film);
  maths.back() ^= 1;
  CHECK(canary_digest(maths, film) != digest);
  maths.back() ^= 1;
  CHECK(canary_digest(maths, {{0, 0, 1}, {1, 2, 3, 5}, 0}) != digest);
  CHECK(canary_digest(maths, {{0, 0, 1}, {1, 2, 3, 4}, 1}) != digest);
}

#if defined(__SSE2__)
TEST_CASE("flushed denormals and other rounding change the canary of a CPU", "[device]") {
  constexpr unsigned kFlushResults = 1u << 15, kFlushInputs = 1u << 6, kRoundDown = 1u << 13;
  const CpuKernels kernels = cpu_kernels_x64();
  set_float_mode();
  CHECK(cpu_canary(kernels) == expected_canary());
  for (const unsigned bits : {kFlushResults, kFlushInputs, kRoundDown}) {
    CAPTURE(bits);
    _mm_setcsr(_mm_getcsr() | bits);
    const Digest digest = cpu_canary(kernels);
    set_float_mode();
    CHECK(digest != expected_canary());
  }
  // a device sets the mode itself
  const auto device = cpu_device(1);
  _mm_setcsr(_mm_getcsr() | kFlushResults | kFlushInputs);
  const auto digest = device->canary({});
  set_float_mode();
  REQUIRE(digest);
  CHECK(*digest == expected_canary());
}
#endif
