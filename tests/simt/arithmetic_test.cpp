// Instructions one by one: what the PTX ISA says of them, at the edges above all.
#include <bit>
#include <cmath>
#include <limits>

#include "simt/fault.hpp"
#include "simt/ptx_maker.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::simt::test;
using Words = std::vector<u32>;
using Doubles = std::vector<u64>;

namespace {

u32 bits(float x) {
  return std::bit_cast<u32>(x);
}
u64 bits(double x) {
  return std::bit_cast<u64>(x);
}

constexpr u32 kNan = 0x7fffffffu;
constexpr u32 kInf = 0x7f800000u;

Words floats_of(const std::string& instruction, const Words& a, const Words& b = {}, const Words& c = {}) {
  return words_of("mov.b32 %f1, %r1; mov.b32 %f2, %r2; mov.b32 %f3, %r3;" + instruction + "mov.b32 %r0, %f0;",
                  a, b, c);
}

}  // namespace

TEST_CASE("whole numbers wrap around", "[simt]") {
  CHECK(words_of("add.s32 %r0, %r1, %r2;", {0xffffffffu, 5}, {1, 7}) == Words{0, 12});
  CHECK(words_of("sub.u32 %r0, %r1, %r2;", {0, 5}, {1, 7}) == Words{0xffffffffu, 0xfffffffeu});
  CHECK(words_of("mul.lo.s32 %r0, %r1, %r2;", {0x10000u, 3}, {0x10000u, 0xffffffffu}) ==
        Words{0, 0xfffffffdu});
  CHECK(words_of("mul.hi.u32 %r0, %r1, %r2;", {0xffffffffu}, {0xffffffffu}) == Words{0xfffffffeu});
  CHECK(words_of("mul.hi.s32 %r0, %r1, %r2;", {0xffffffffu, 0x80000000u}, {0xffffffffu, 2}) ==
        Words{0, 0xffffffffu});
  CHECK(words_of("mad.lo.s32 %r0, %r1, %r2, %r3;", {7}, {6}, {1}) == Words{43});
  CHECK(words_of("sad.s32 %r0, %r1, %r2, %r3;", {3, 0xfffffffeu}, {5, 2}, {10, 0}) == Words{12, 4});
  CHECK(words_of("min.s32 %r0, %r1, %r2;", {0xffffffffu}, {1}) == Words{0xffffffffu});
  CHECK(words_of("min.u32 %r0, %r1, %r2;", {0xffffffffu}, {1}) == Words{1});
  CHECK(words_of("max.s32 %r0, %r1, %r2;", {0xffffffffu}, {1}) == Words{1});
  CHECK(words_of("abs.s32 %r0, %r1;", {0xffffffffu, 0x80000000u}) == Words{1, 0x80000000u});
}

TEST_CASE("divisions without a result give what GPUs give", "[simt]") {
  CHECK(words_of("div.u32 %r0, %r1, %r2;", {7, 7}, {2, 0}) == Words{3, 0xffffffffu});
  CHECK(words_of("div.s32 %r0, %r1, %r2;", {0x80000000u, 0xfffffff9u}, {0xffffffffu, 2}) ==
        Words{0x80000000u, 0xfffffffdu});
  CHECK(words_of("rem.s32 %r0, %r1, %r2;", {0x80000000u, 0xfffffff9u}, {0xffffffffu, 2}) ==
        Words{0, 0xffffffffu});
}

TEST_CASE("wide products keep all bits", "[simt]") {
  CHECK(double_words_of("cvt.u32.u64 %r1, %rd1; cvt.u32.u64 %r2, %rd2; mul.wide.s32 %rd0, %r1, %r2;",
                        {0xffffffffu, 0x10000u}, {5, 0x10000u}) == Doubles{~u64{0} - 4, u64{1} << 32});
  CHECK(double_words_of("cvt.u32.u64 %r1, %rd1; mad.wide.u32 %rd0, %r1, 16, %rd2;", {0xffffffffu}, {3}) ==
        Doubles{u64{0xffffffffu} * 16 + 3});
  CHECK(double_words_of("mul.hi.u64 %rd0, %rd1, %rd2;", {~u64{0}}, {~u64{0}}) == Doubles{~u64{0} - 1});
  CHECK(double_words_of("mul.hi.s64 %rd0, %rd1, %rd2;", {~u64{0}}, {2}) == Doubles{~u64{0}});
}

TEST_CASE("bits are counted, moved and picked", "[simt]") {
  CHECK(words_of("popc.b32 %r0, %r1;", {0xf00fu}) == Words{8});
  CHECK(words_of("clz.b32 %r0, %r1;", {0, 1, 0x80000000u}) == Words{32, 31, 0});
  CHECK(words_of("bfind.u32 %r0, %r1;", {0, 1, 0x80000000u}) == Words{0xffffffffu, 0, 31});
  CHECK(words_of("bfind.s32 %r0, %r1;", {0xffffffffu, 0xfffffffdu}) == Words{0xffffffffu, 1});
  CHECK(words_of("brev.b32 %r0, %r1;", {1, 0x12345678u}) == Words{0x80000000u, 0x1e6a2c48u});
  CHECK(words_of("shl.b32 %r0, %r1, %r2;", {1, 1}, {31, 32}) == Words{0x80000000u, 0});
  CHECK(words_of("shr.s32 %r0, %r1, %r2;", {0x80000000u, 0x80000000u}, {31, 99}) ==
        Words{0xffffffffu, 0xffffffffu});
  CHECK(words_of("shf.l.wrap.b32 %r0, %r1, %r2, %r3;", {0x80000000u}, {1}, {33}) == Words{3});
  CHECK(words_of("shf.r.clamp.b32 %r0, %r1, %r2, %r3;", {0x80000000u, 5}, {1, 9}, {31, 40}) == Words{3, 9});
  CHECK(words_of("bfe.u32 %r0, %r1, %r2, %r3;", {0xabcd1234u, 0xffu}, {8, 4}, {8, 0}) == Words{0x12u, 0});
  CHECK(words_of("bfe.s32 %r0, %r1, %r2, %r3;", {0x0000f000u, 0x80000000u}, {12, 28}, {4, 8}) ==
        Words{0xffffffffu, 0xfffffff8u});
  CHECK(words_of("bfi.b32 %r0, %r1, %r2, %r3, 8;", {0xffu}, {0x11111111u}, {8}) == Words{0x1111ff11u});
  CHECK(words_of("prmt.b32 %r0, %r1, %r2, %r3;", {0x33221100u, 0x80u}, {0x77665544u, 0},
                 {0x7031u, 0x8888u}) == Words{0x77003311u, 0xffffffffu});
  CHECK(words_of("fns.b32 %r0, %r1, %r2, %r3;", {0xf0u, 0xf0u, 0xf0u}, {0, 7, 0}, {2, 0xfffffffeu, 9}) ==
        Words{5, 6, 0xffffffffu});
}

TEST_CASE("a lookup table makes any function of three words", "[simt]") {
  const Words a = {0x0f0f3355u}, b = {0x33aa00ffu}, c = {0x55123456u};
  for (u32 table = 0; table < 256; table += 37) {
    const u32 x = a[0], y = b[0], z = c[0];
    u32 expected = 0;
    for (u32 bit = 0; bit < 32; ++bit) {
      const u32 index = (x >> bit & 1) << 2 | (y >> bit & 1) << 1 | (z >> bit & 1);
      expected |= (table >> index & 1) << bit;
    }
    CHECK(words_of("lop3.b32 %r0, %r1, %r2, %r3, " + std::to_string(table) + ";", a, b, c) ==
          Words{expected});
  }
}

TEST_CASE("floats are rounded once, and keep denormals", "[simt]") {
  const float tiny = std::numeric_limits<float>::denorm_min();
  CHECK(floats_of("add.rn.f32 %f0, %f1, %f2;", {bits(tiny), bits(1.0f)}, {bits(tiny), bits(0x1p-24f)}) ==
        Words{2, bits(1.0f)});
  CHECK(floats_of("mul.rn.f32 %f0, %f1, %f2;", {bits(0x1p-149f)}, {bits(0.5f)}) == Words{0});
  CHECK(floats_of("fma.rn.f32 %f0, %f1, %f2, %f3;", {bits(1 + 0x1p-12f)}, {bits(1 - 0x1p-12f)},
                  {bits(-1.0f)}) == Words{bits(-0x1p-24f)});
  CHECK(floats_of("div.rn.f32 %f0, %f1, %f2;", {bits(1.0f), bits(0.0f)}, {bits(3.0f), bits(0.0f)}) ==
        Words{bits(1.0f / 3.0f), kNan});
  CHECK(floats_of("sqrt.rn.f32 %f0, %f1;", {bits(2.0f), bits(-1.0f)}) == Words{bits(std::sqrt(2.0f)), kNan});
  CHECK(floats_of("rcp.rn.f32 %f0, %f1;", {bits(3.0f), 0x80000000u}) ==
        Words{bits(1.0f / 3.0f), 0xff800000u});
}

TEST_CASE("every NaN that a float operation makes is the canonical one", "[simt]") {
  CHECK(floats_of("add.rn.f32 %f0, %f1, %f2;", {0xffc00001u, kInf}, {0, 0xff800000u}) == Words{kNan, kNan});
  CHECK(floats_of("min.f32 %f0, %f1, %f2;", {kNan, bits(1.0f), 0x7fc00000u},
                  {bits(1.0f), kNan, 0xffc00000u}) == Words{bits(1.0f), bits(1.0f), kNan});
  CHECK(floats_of("max.f32 %f0, %f1, %f2;", {0x80000000u, 0}, {0, 0x80000000u}) == Words{0, 0});
  CHECK(floats_of("min.f32 %f0, %f1, %f2;", {0x80000000u, 0}, {0, 0x80000000u}) ==
        Words{0x80000000u, 0x80000000u});
}

TEST_CASE("the approximate root is off by an ulp at most, and now and then is", "[simt]") {
  u32 off = 0;
  for (u32 i = 0; i < 16; ++i) {
    Words inputs;
    for (u32 k = 0; k < 32; ++k) inputs.push_back(bits(1.0f + 0.01f * static_cast<float>(32 * i + k)));
    const Words result = floats_of("rsqrt.approx.ftz.f32 %f0, %f1;", inputs);
    for (u32 k = 0; k < 32; ++k) {
      const float exact =
          static_cast<float>(1 / std::sqrt(static_cast<double>(std::bit_cast<float>(inputs[k]))));
      const i32 ulps = static_cast<i32>(result[k] - bits(exact));
      CHECK(std::abs(ulps) <= 1);
      off += ulps != 0;
    }
  }
  CHECK(off > 100);
  CHECK(off < 500);
}

TEST_CASE("conversions saturate, and round as they say", "[simt]") {
  const auto converted = [](const std::string& to, const Words& a) {
    return words_of("mov.b32 %f1, %r1; " + to + " %r0, %f1;", a);
  };
  CHECK(converted("cvt.rzi.s32.f32", {bits(-1.9f), bits(3e9f), bits(-3e9f), kNan}) ==
        Words{0xffffffffu, 0x7fffffffu, 0x80000000u, 0});
  CHECK(converted("cvt.rzi.u32.f32", {bits(-1.9f), bits(3e9f), bits(5e9f)}) ==
        Words{0, 3000000000u, 0xffffffffu});
  CHECK(converted("cvt.rni.s32.f32", {bits(0.5f), bits(1.5f)}) == Words{0, 2});
  CHECK(converted("cvt.rmi.s32.f32", {bits(-0.5f)}) == Words{0xffffffffu});
  CHECK(converted("cvt.rpi.s32.f32", {bits(0.5f)}) == Words{1});
  CHECK(words_of("cvt.rn.f32.u32 %f0, %r1; mov.b32 %r0, %f0;", {0xffffffffu, 16777217u}) ==
        Words{bits(4294967296.0f), bits(16777216.0f)});
  CHECK(words_of("cvt.u16.u32 %rs1, %r1; cvt.s32.s16 %r0, %rs1;", {0x18000u}) == Words{0xffff8000u});
  CHECK(words_of("cvt.u32.u8 %r0, %r1;", {0x1ffu}) == Words{0xffu});
  CHECK(double_words_of("cvt.u32.u64 %r1, %rd1; cvt.s64.s32 %rd0, %r1;", {0x80000000u}) ==
        Doubles{0xffffffff80000000u});
  CHECK(double_words_of(
            "mov.b64 %fd1, %rd1; cvt.rn.f32.f64 %f1, %fd1; cvt.f64.f32 %fd1, %f1; mov.b64 %rd0, %fd1;",
            {bits(0.1)}) == Doubles{bits(static_cast<double>(0.1f))});
  CHECK(double_words_of("mov.b64 %fd1, %rd1; cvt.rzi.s64.f64 %rd0, %fd1;",
                        {bits(std::nan("")), bits(1e300)}) == Doubles{u64{1} << 63, ~u64{0} >> 1});
}

TEST_CASE("comparisons know NaN, and combine with predicates", "[simt]") {
  const auto compared = [](const std::string& comparison, u32 a, u32 b) {
    return floats_of("setp." + comparison + ".f32 %p1, %f1, %f2; selp.f32 %f0, 0f00000001, 0f00000000, %p1;",
                     {a}, {b})[0];
  };
  const u32 one = bits(1.0f), two = bits(2.0f);
  for (const auto& [name, less, equal, greater, unordered] : {std::tuple{"lt", 1u, 0u, 0u, 0u},
                                                              {"le", 1u, 1u, 0u, 0u},
                                                              {"gt", 0u, 0u, 1u, 0u},
                                                              {"ge", 0u, 1u, 1u, 0u},
                                                              {"eq", 0u, 1u, 0u, 0u},
                                                              {"ne", 1u, 0u, 1u, 0u},
                                                              {"ltu", 1u, 0u, 0u, 1u},
                                                              {"leu", 1u, 1u, 0u, 1u},
                                                              {"gtu", 0u, 0u, 1u, 1u},
                                                              {"geu", 0u, 1u, 1u, 1u},
                                                              {"equ", 0u, 1u, 0u, 1u},
                                                              {"neu", 1u, 0u, 1u, 1u},
                                                              {"num", 1u, 1u, 1u, 0u},
                                                              {"nan", 0u, 0u, 0u, 1u}}) {
    INFO(name);
    CHECK(compared(name, one, two) == less);
    CHECK(compared(name, two, two) == equal);
    CHECK(compared(name, two, one) == greater);
    CHECK(compared(name, two, kNan) == unordered);
  }
  CHECK(words_of("setp.ne.s32 %p1, %r1, 0; setp.lt.and.s32 %p2|%p3, %r2, %r3, !%p1;"
                 "selp.u32 %r0, 1, 0, %p2; selp.u32 %r4, 2, 0, %p3; or.b32 %r0, %r0, %r4;",
                 {0, 0, 1}, {1, 9, 1}, {5, 5, 5}) == Words{1, 2, 0});
  CHECK(words_of("setp.hi.u32 %p1, %r1, %r2; selp.u32 %r0, 1, 0, %p1;", {0xffffffffu}, {1}) == Words{1});
}

TEST_CASE("moves pack, unpack and choose", "[simt]") {
  CHECK(double_words_of("mov.b64 {%r1, %r2}, %rd1; mov.b64 %rd0, {%r2, %r1};", {0x1111222233334444u}) ==
        Doubles{0x3333444411112222u});
  CHECK(words_of("mov.b32 {%rs1, %rs2}, %r1; mov.b32 %r0, {%rs2, %rs1};", {0x12345678u}) ==
        Words{0x56781234u});
  CHECK(words_of("slct.u32.s32 %r0, %r1, %r2, %r3;", {1, 1}, {2, 2}, {0, 0xffffffffu}) == Words{1, 2});
}

TEST_CASE("what the interpreter does not know is named with its line", "[simt]") {
  const auto fault_of = [](const std::string& body) -> std::string {
    try {
      words_of(body, {1});
    } catch (const simt::Fault& fault) {
      return fault.what();
    }
    return "none";
  };
  const std::string unknown = fault_of("frobnicate.b32 %r0, %r1;");
  CHECK(unknown.find("test.ptx:") == 0);
  CHECK(unknown.find("frobnicate.b32 %r0, %r1") != std::string::npos);
  CHECK(fault_of("add.sat.s32 %r0, %r1, %r2;").find("\".sat\"") != std::string::npos);
  CHECK(fault_of("add.f32 %f0, %f1, %f2;").find("rounded to nearest") != std::string::npos);
  CHECK(fault_of("add.rn.ftz.f32 %f0, %f1, %f2;").find("\".ftz\"") != std::string::npos);
  CHECK(fault_of("add.s32 %rd0, %r1, %r2;").find("another width") != std::string::npos);
  CHECK(fault_of("mov.u32 %r0, %clock;").find("%clock") != std::string::npos);
  CHECK(fault_of("bra $nowhere;").find("$nowhere") != std::string::npos);
  CHECK(fault_of("red.global.add.f32 [%rd1], %f1;").find("order") != std::string::npos);
}
