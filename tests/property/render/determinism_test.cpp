// The picture is a function of scene and settings: nothing of how it was computed shows in a single bit.
#include <algorithm>
#include <random>

#include "device/cpu_info.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Tiles of four shapes, three whole passes and a cut one.
CompileOptions small_picture() {
  return picture(40, 20, 20, 8);
}

RenderDataPtr small_data() {
  return compile_for_test(small_room(), small_picture());
}

Digest hash_on(std::uint32_t threads, CpuIsa isa, const RenderDataPtr& data) {
  const std::unique_ptr<Device> device = cpu_device(threads, isa);
  return render_picture(*device, data).hash();
}

/// Every pass of every tile as a unit of its own.
std::vector<UnitRange> single_units(const RenderSettings& settings) {
  std::vector<UnitRange> units;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    for (u32 pass = 0; pass < pass_count(settings); ++pass) units.push_back({tile, pass, pass + 1});
  }
  return units;
}

}  // namespace

TEST_CASE("the number of threads does not change a bit", "[render]") {
  const RenderDataPtr data = small_data();
  const Digest one = hash_on(1, CpuIsa::automatic, data);
  CHECK(hash_on(2, CpuIsa::automatic, data).hex() == one.hex());
  CHECK(hash_on(7, CpuIsa::automatic, data).hex() == one.hex());
}

TEST_CASE("plain and AVX2 code give the same bits", "[render]") {
  if (!cpu_runs_v3()) {
    WARN("this CPU has no AVX2");
    return;
  }
  const RenderDataPtr data = small_data();
  CHECK(hash_on(2, CpuIsa::x64, data).hex() == hash_on(2, CpuIsa::v3, data).hex());
}

TEST_CASE("the cut and order of leases do not change a bit", "[render]") {
  const RenderDataPtr data = small_data();
  const std::unique_ptr<Device> device = cpu_device(2);
  const Digest whole = render_picture(*device, data).hash();
  const unsigned seed = GENERATE(1u, 2u, 3u);
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::vector<UnitRange> units = single_units(data->settings[0]);
  std::shuffle(units.begin(), units.end(), random);
  std::vector<Lease> leases;
  for (std::size_t next = 0; next < units.size();) {
    const std::size_t count = std::min<std::size_t>(1 + random() % 5, units.size() - next);
    const auto first = units.begin() + static_cast<std::ptrdiff_t>(next);
    leases.push_back({leases.size(), {first, first + static_cast<std::ptrdiff_t>(count)}});
    next += count;
  }
  CHECK(render_leases(*device, data, leases).hash().hex() == whole.hex());
}

TEST_CASE("several passes as one sum add up to the passes one by one", "[render]") {
  const RenderDataPtr data = small_data();
  const std::unique_ptr<Device> device = cpu_device(2);
  Lease lease{1, {}};
  for (u32 tile = 0; tile < tile_count(data->settings[0]); ++tile) {
    const u32 cut = 1 + tile % (pass_count(data->settings[0]) - 1);
    lease.units.push_back({tile, 0, cut});
    lease.units.push_back({tile, cut, pass_count(data->settings[0])});
  }
  CHECK(render_leases(*device, data, {lease}).hash().hex() == render_picture(*device, data).hash().hex());
}

TEST_CASE("seeds and picture frames differ in their noise", "[render]") {
  CompileOptions options = small_picture();
  const Digest first = hash_on(2, CpuIsa::automatic, compile_for_test(small_room(), options));
  options.seed = 1;
  const Digest other_seed = hash_on(2, CpuIsa::automatic, compile_for_test(small_room(), options));
  options.seed = 0;
  options.frame = 1;
  const Digest other_frame = hash_on(2, CpuIsa::automatic, compile_for_test(small_room(), options));
  CHECK(first.hex() != other_seed.hex());
  CHECK(first.hex() != other_frame.hex());
  CHECK(other_seed.hex() != other_frame.hex());
}
