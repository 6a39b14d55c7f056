#include "gpu/bench/kernel_totals.hpp"

#include "support/catch.hpp"

using namespace oct::bench;

namespace {

constexpr const char* kShade =
    "_ZN3oct4cuda57_GLOBAL__N__0a1b2c3d_14_cuda_queues_cu_4e5f6a7b_12345678910run_kernelINS0_"
    "10ShadePathsEEEvT_j";
constexpr const char* kShadows =
    "_ZN3oct4cuda12_GLOBAL__N_110run_streamINS0_12TraceShadowsILb0ELb1EEEEEvT_jPj";

}  // namespace

TEST_CASE("kernels are called by their work, as the meter calls them", "[gpu_bench]") {
  CHECK(short_kernel_name(kShadows) == "TraceShadows<0,1>");
  CHECK(short_kernel_name(kShade) == "ShadePaths");
  CHECK(short_kernel_name("_ZN3oct5bench12_GLOBAL__N_17nothingEv") == "nothing");
  CHECK(short_kernel_name("_Z3addPfj") == "add");
  CHECK(short_kernel_name("plain_c") == "plain_c");
}

TEST_CASE("launches of one kernel are added up", "[gpu_bench]") {
  KernelTotals totals;
  totals.add_kernel(kShadows, 0.5);
  totals.add_kernel(kShadows, 0.25);
  totals.add_kernel("plain_c", 1);
  REQUIRE(totals.kernels.size() == 2);
  CHECK(totals.kernels["TraceShadows<0,1>"].launches == 2);
  CHECK(totals.kernels["TraceShadows<0,1>"].seconds == 0.75);
  CHECK(totals.busy_seconds() == 1.75);
}
