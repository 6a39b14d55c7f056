// No instruction of the GPU's code rounds in another way than the source says.
#include "simt/lint.hpp"

#include <algorithm>

#include "simt/ptx_files.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

/// Offences of one instruction that comes from this source line.
std::vector<std::string> offences_of(const std::string& instruction, const std::string& source) {
  const std::string text =
      ".version 9.0\n.target sm_90\n.address_size 64\n.visible .entry k()\n{\n.reg .f32 %f<9>;\n.loc 1 7 "
      "3\n" +
      instruction + ";\nret;\n}\n.file 1 \"/kernels/a.hpp\"\n";
  return simt::offences(simt::parse_ptx(text, "test.ptx"), [&](const std::string& path, u32 line) {
    return path == "/kernels/a.hpp" && line == 7 ? source : "";
  });
}

constexpr const char* kPlain = "  return a * b + c;";

}  // namespace

TEST_CASE("what the contract forbids is found, with the line that it comes from", "[simt]") {
  const auto fused = offences_of("fma.rn.f32 %f0, %f1, %f2, %f3", kPlain);
  REQUIRE(fused.size() == 1);
  CHECK(fused[0].find("test.ptx:8: fma.rn.f32 (from /kernels/a.hpp:7)") == 0);
  CHECK(offences_of("mad.rn.f32 %f0, %f1, %f2, %f3", kPlain).size() == 1);
  CHECK(offences_of("add.f32 %f0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("mul.f32 %f0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("mul.rn.ftz.f32 %f0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("div.full.f32 %f0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("div.approx.f32 %f0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("sqrt.approx.f32 %f0, %f1", kPlain).size() == 1);
  CHECK(offences_of("rsqrt.approx.ftz.f32 %f0, %f1", kPlain).size() == 1);
  CHECK(offences_of("ex2.approx.f32 %f0, %f1", kPlain).size() == 1);
  CHECK(offences_of("setp.lt.ftz.f32 %p0, %f1, %f2", kPlain).size() == 1);
  CHECK(offences_of("red.global.add.f32 [%rd0], %f1", kPlain).size() == 1);
}

TEST_CASE("what the source asks for is allowed", "[simt]") {
  CHECK(offences_of("fma.rn.f32 %f0, %f1, %f2, %f3", "  return __fmaf_rn(a, b, c);").empty());
  CHECK(offences_of("rsqrt.approx.ftz.f32 %f0, %f1", "  return __frsqrt_rn(x);").empty());
  CHECK(offences_of("fma.rn.f32 %f0, %f1, %f2, %f3", "  return __frsqrt_rn(x);").empty());
  CHECK(offences_of("add.rn.f32 %f0, %f1, %f2", kPlain).empty());
  CHECK(offences_of("div.rn.f32 %f0, %f1, %f2", kPlain).empty());
  CHECK(offences_of("min.f32 %f0, %f1, %f2", kPlain).empty());
  CHECK(offences_of("mad.lo.s32 %r0, %r1, %r2, %r3", kPlain).empty());
}

TEST_CASE("the GPU's code keeps to the contract", "[simt]") {
  std::size_t fused = 0;
  for (const std::string& file : simt::product_ptx()) {
    const simt::PtxText text = simt::read_ptx(file);
    for (const std::string& offence : simt::offences(text, simt::line_of_file)) FAIL_CHECK(offence);
    for (const simt::FunctionText& function : text.functions) {
      for (const simt::Statement& statement : function.statements) {
        fused += statement.opcode == "fma.rn.f32";
        CHECK(statement.place.file != 0);  // else nothing could be told about it
      }
    }
  }
  CHECK(fused > 100);  // that the source asks for: the lines were found
}
