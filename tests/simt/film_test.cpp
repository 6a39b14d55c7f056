// The GPU's compiled code, run on the CPU: its film is the CPU's, bit for bit.
#include <array>

#include "base/float_mode.hpp"
#include "device/canary.hpp"
#include "launch/canary.hpp"
#include "simt/measured_scene.hpp"
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

constexpr u32 kCapacity =
    333;  ///< less than the paths: places are filled again, warps are never full at the end

/// Every tile of the picture, in two parts, so that the group has several units of the same tile.
std::vector<simt::TileSamples> all_samples(const RenderSettings& settings) {
  std::vector<simt::TileSamples> work;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    work.push_back({tile, {0, 1}});
    work.push_back({tile, {1, settings.samples_per_pixel}});
  }
  return work;
}

void check_film(const Scene& scene, const CompileOptions& options, simt::MachineOptions machine = {}) {
  set_float_mode();
  const RenderDataPtr data = compile_for_test(scene, options);
  const HostBvh bvh = simt::both_trees(*data);
  const std::vector<simt::TileSamples> work = all_samples(data->settings[0]);
  simt::GpuCode code(simt::product_ptx(), machine);
  const auto by_gpu = simt::render_by_gpu_code(code, *data, bvh.view(), work, kCapacity);
  const auto by_cpu = simt::render_by_cpu(*data, bvh.view(), work);
  bool lit = false;
  for (std::size_t i = 0; i < work.size(); ++i) {
    CHECK(by_gpu[i] == by_cpu[i]);
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
