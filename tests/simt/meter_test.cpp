// What the meter makes of counts, on programs whose cost can be told by hand.
#include "simt/meter.hpp"

#include <nlohmann/json.hpp>

#include "simt/fault.hpp"
#include "simt/ptx_maker.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

/// Code that has one kernel, named k.
std::vector<simt::PtxText> texts_of(const std::string& body, u32 addresses) {
  std::vector<simt::PtxText> texts;
  texts.push_back(simt::parse_ptx(simt::test::kernel_text(body, addresses), "test.ptx"));
  return texts;
}

}  // namespace

TEST_CASE("loads count by their width, atomics and stores apart", "[simt]") {
  simt::GpuCode code(texts_of("mul.wide.u32 %rd1, %lane, 16; add.s64 %rd1, %rd1, %in0;\n"
                              "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%rd1]; ld.global.u8 %rs1, [%rd1]; "
                              "ld.global.u32 %r5, [%rd1];\n"
                              "st.global.v2.u32 [%rd1], {%r1, %r2}; red.global.add.u32 [%in0], 1;",
                              1),
                     {});
  alignas(128) static u32 memory[128] = {};
  const u32* const address = memory;
  code.run("k", {64, 1, 32, {&address}});
  code.run("k", {64, 1, 32, {&address}});
  const std::vector<simt::KernelMeter> kernels = simt::measure(code);
  REQUIRE(kernels.size() == 1);
  const simt::KernelMeter& kernel = kernels[0];
  CHECK(kernel.launches == 2);
  CHECK(kernel.items == 128);
  CHECK(kernel.warps == 2);
  CHECK(kernel.active_lanes == 1);
  CHECK(std::vector<u64>(kernel.loads, kernel.loads + simt::kWidths) == std::vector<u64>{2, 0, 2, 0, 2});
  CHECK(kernel.all_loads() == 6);
  CHECK(kernel.load_lines == 2 * 3 * 4);
  CHECK(kernel.load_sectors == 2 * 3 * 16);
  CHECK(kernel.stores == 2);
  CHECK(kernel.atomics == 2);
  CHECK(kernel.atomic_sectors == 2);
  const auto json = nlohmann::json::parse(simt::json_of(kernels, 128));
  CHECK(json["kernels"]["k"]["loads_by_bytes"]["16"] == 2);
  CHECK(simt::table_of(kernels, 128).find("0.01562 0 0.01562 0 0.01562") != std::string::npos);
  code.forget_counts();
  CHECK(simt::measure(code).empty());
}

TEST_CASE("kernels are found by the functor that they run", "[simt]") {
  CHECK(simt::kernel_name("N3oct3x6410TracePathsE") == "10TracePathsE");
  CHECK(simt::kernel_name("N3oct2v312_GLOBAL__N_19TraceRaysE") == "9TraceRaysE");
  CHECK(simt::kernel_name("N3oct3x6412TraceShadowsILb1ELb0EEE") == "12TraceShadowsILb1ELb0EEE");
  simt::GpuCode code(texts_of("", 1), {});
  CHECK_THROWS_AS(code.kernel("nobody"), simt::Fault);
}

TEST_CASE("names of template instances are readable", "[simt]") {
  const auto shown = [](const std::string& name) {
    simt::KernelMeter kernel;
    kernel.name = name;
    const std::string text = simt::json_of({kernel}, 1);
    return nlohmann::json::parse(text)["kernels"].items().begin().key();
  };
  CHECK(shown("10TracePathsE") == "TracePaths");
  CHECK(shown("12TraceShadowsILb1ELb0EEE") == "TraceShadows<1,0>");
}

TEST_CASE("lines of source come from where an instruction was inlined, math aside", "[simt]") {
  const std::string text =
      ".version 9.0\n.target sm_90\n.address_size 64\n/* a comment; with { braces */\n.visible .entry "
      "k()\n{\n.reg .b32 %r<9>;\n"
      ".loc 1 7 3\nmov.u32 %r1, 1; // one\n.loc 2 70 5, function_name $L__info_string0, inlined_at 1 8 "
      "3\nadd.s32 %r1, %r1, %r1;\n"
      "ret;\n}\n.file 1 \"/k/geometry/walk.hpp\"\n.file 2 \"/k/math/vec.hpp\"\n.section "
      ".debug_str\n{\n$L__info_string0:\n.b8 1,2\n}\n";
  std::vector<simt::PtxText> texts;
  texts.push_back(simt::parse_ptx(text, "test.ptx"));
  simt::GpuCode code(std::move(texts), {});
  code.run("k", {32, 1, 32, {}});
  std::vector<std::string> places;
  for (const simt::LineMeter& line : simt::measure_lines(code, 9)) places.push_back(line.place);
  CHECK(places == std::vector<std::string>{"walk.hpp:8", "walk.hpp:7"});
}
