// The GPU's compiled code, run on the CPU: its film is the CPU's, bit for bit.
#include <array>

#include "base/float_mode.hpp"
#include "device/bvh_builder.hpp"
#include "device/canary.hpp"
#include "launch/canary.hpp"
#include "simt/ptx_files.hpp"
#include "simt/queue_film.hpp"
#include "simt/simt_executor.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr u32 kCapacity = 333;  ///< less than the paths: places are filled again, warps are never full at the end

HostBvh both_trees(const RenderData& data) {
  ThreadPool pool(1);
  ProgressCounter progress{0};
  BvhOptions options;
  options.wide = true;
  options.compact = true;
  return *HostBvh::build(data, pool, {}, progress, options);
}

/// Every tile of the picture, in two ranges, so that the group has several units of the same tile.
std::vector<UnitRange> all_ranges(const RenderSettings& settings) {
  std::vector<UnitRange> ranges;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    ranges.push_back({tile, 0, 1});
    if (pass_count(settings) > 1) ranges.push_back({tile, 1, pass_count(settings)});
  }
  return ranges;
}

void check_film(const Scene& scene, const CompileOptions& options, simt::MachineOptions machine = {}) {
  set_float_mode();
  const RenderDataPtr data = compile_for_test(scene, options);
  const HostBvh bvh = both_trees(*data);
  const std::vector<UnitRange> ranges = all_ranges(data->settings[0]);
  simt::GpuCode code(simt::product_ptx(), machine);
  const auto by_gpu = simt::render_by_gpu_code(code, *data, bvh.view(), ranges, kCapacity);
  const auto by_cpu = simt::render_by_cpu(*data, bvh.view(), ranges);
  bool lit = false;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    CHECK(by_gpu[i].sums == by_cpu[i].sums);
    CHECK(by_gpu[i].non_finite_samples == by_cpu[i].non_finite_samples);
    for (const i64 sum : by_gpu[i].sums) lit |= sum != 0;
  }
  CHECK(lit);
}

}  // namespace

TEST_CASE("the GPU's code renders a room of everything as the CPU does", "[simt]") {
  check_film(small_room(), picture(18, 12, 3, 6));
}

TEST_CASE("the GPU's code renders layered materials as the CPU does", "[simt]") {
  check_film(layered_room(), picture(18, 12, 3, 6));
}

TEST_CASE("the GPU's code renders instances, lamps, textures and an environment as the CPU does", "[simt]") {
  check_film(a_scene(), picture(16, 12, 2, 5));
}

TEST_CASE("blocks of the GPU's code may run in any order and take turns", "[simt]") {
  simt::MachineOptions machine;
  machine.resident_blocks = 3;
  machine.turn = 100;
  machine.seed = 7;
  check_film(small_room(), picture(12, 8, 2, 4), machine);
}

TEST_CASE("the GPU's code computes the canary's arithmetic as the CPU does", "[simt]") {
  set_float_mode();
  const std::vector<u32> inputs = canary_inputs();
  std::vector<u32> by_gpu(std::size_t{kCanaryInputs} * kCanaryFunctions), by_cpu = by_gpu;
  simt::GpuCode code(simt::product_ptx(), {});
  simt::SimtExecutor executor(code);
  executor.run(kCanaryInputs, CanaryMaths{inputs.data(), by_gpu.data()});
  cpu_kernels_x64().canary_maths(inputs.data(), by_cpu.data());
  for (std::size_t i = 0; i < by_cpu.size(); ++i) {
    INFO("function " << i % kCanaryFunctions << " of input " << inputs[i / kCanaryFunctions]);
    CHECK(by_gpu[i] == by_cpu[i]);
  }
}
