// Warps, blocks and memory: who runs when, and what it counts.
#include <numeric>

#include "simt/fault.hpp"
#include "simt/ptx_maker.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::simt::test;
using Words = std::vector<u32>;

namespace {

/// What the body leaves in %r0 of every thread.
Words run_threads(Run& run, u32 extra_words = 0, Words* extra = nullptr) {
  const std::string store =
      "\nmul.wide.u32 %rd20, %lane, 4; add.s64 %rd20, %rd20, %in0; st.global.u32 [%rd20], %r0;";
  run.body += store;
  Words result(run.blocks * run.threads, 0xdeadu);
  Words memory(extra_words, 0);
  run({result.data(), memory.data()});
  if (extra) *extra = memory;
  return result;
}
Words run_threads(const std::string& body, u32 threads = 32) {
  Run run{body, "", 1, threads, {}, 0};
  return run_threads(run);
}

Words counting(u32 count) {
  Words words(count);
  std::iota(words.begin(), words.end(), 0u);
  return words;
}

std::string fault_of(const std::string& body, u32 threads = 32, const std::string& before = "") {
  try {
    Run run{body, before, 1, threads, {}, 0};
    run_threads(run, 64);
  } catch (const simt::Fault& fault) {
    return fault.what();
  }
  return "none";
}

const simt::InstructionCount& count_of(const Run& run, std::size_t index) {
  return run.counts.functions.at(0).at(index);
}

constexpr std::size_t kBegin = 6;  ///< instructions of kernel_text before a body, with two addresses

}  // namespace

TEST_CASE("lanes that part meet again", "[simt]") {
  const std::string body =
      "and.b32 %r1, %lane, 1; setp.eq.s32 %p1, %r1, 0; @%p1 bra $even;\n"
      "add.s32 %r0, %lane, 1000; bra.uni $meet;\n"
      "$even: add.s32 %r0, %lane, 2000;\n"
      "$meet: activemask.b32 %r2; add.s32 %r0, %r0, 0;";
  Run run{body, "", 1, 32, {}, 0};
  const Words result = run_threads(run);
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == lane + (lane % 2 == 0 ? 2000 : 1000));
  CHECK(count_of(run, kBegin + 2).lanes == 32);  // the branch
  CHECK(count_of(run, kBegin + 3).lanes == 16);
  CHECK(count_of(run, kBegin + 5).lanes == 16);
  CHECK(count_of(run, kBegin + 6).warps == 1);  // all together again
  CHECK(count_of(run, kBegin + 6).lanes == 32);
}

TEST_CASE("blocks of code may stand in any order", "[simt]") {
  const Words result = run_threads(
      "bra.uni $start;\n"
      "$last: add.s32 %r0, %r0, 1; bra.uni $end;\n"
      "$middle: mul.lo.s32 %r0, %r0, 10; bra.uni $last;\n"
      "$start: mov.u32 %r0, %lane; setp.lt.u32 %p1, %lane, 8; @%p1 bra $middle; bra.uni $last;\n"
      "$end: add.s32 %r0, %r0, 0;");
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == (lane < 8 ? 10 * lane + 1 : lane + 1));
}

TEST_CASE("a loop runs until its last lane is done", "[simt]") {
  Run run{
      "mov.u32 %r0, 0; mov.u32 %r1, 0;\n"
      "$loop: setp.ge.u32 %p1, %r1, %lane; @%p1 bra $done;\n"
      "add.s32 %r0, %r0, %r1; add.s32 %r1, %r1, 1; bra.uni $loop;\n"
      "$done: add.s32 %r0, %r0, 0;",
      "",
      1,
      32,
      {},
      0};
  const Words result = run_threads(run);
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == lane * (lane - 1) / 2);
  CHECK(count_of(run, kBegin + 4).warps == 31);
  CHECK(count_of(run, kBegin + 4).lanes == 31 * 32 / 2);
  CHECK(count_of(run, kBegin + 7).warps == 1);
}

TEST_CASE("a thread that returns early is missed by nobody", "[simt]") {
  const Words result =
      run_threads("mov.u32 %r0, 1; setp.gt.u32 %p1, %lane, 9; @%p1 ret; mov.u32 %r0, %lane;");
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == (lane < 10 ? lane : 0xdeadu));
}

TEST_CASE("a branch by a table takes each lane to its own place", "[simt]") {
  const Words result = run_threads(
      "and.b32 %r1, %lane, 3;\n$table: .branchtargets $a, $b, $c, $b;\nbrx.idx %r1, $table;\n"
      "$a: mov.u32 %r0, 10; bra.uni $end;\n$b: mov.u32 %r0, 20; bra.uni $end;\n$c: mov.u32 %r0, 30; bra.uni "
      "$end;\n"
      "$end: add.s32 %r0, %r0, 1;");
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == Words{11, 21, 31, 21}[lane % 4]);
}

TEST_CASE("functions take and give structures, and reach what their caller points to", "[simt]") {
  const std::string before = R"(
.func (.param .align 4 .b8 func_retval0[8]) pair(.param .align 4 .b8 pair_param_0[8], .param .b64 pair_param_1)
{
.reg .b32 %r<9>; .reg .b64 %rd<5>; .reg .pred %p<2>;
ld.param.v2.u32 {%r1, %r2}, [pair_param_0];
ld.param.u64 %rd1, [pair_param_1];
ld.u32 %r3, [%rd1];
mov.b64 %rd2, pair_param_0; cvta.local.u64 %rd3, %rd2; ld.u32 %r5, [%rd3+4];
add.s32 %r4, %r1, %r3;
setp.lt.u32 %p1, %r1, 4; @%p1 bra $early;
st.param.b32 [func_retval0+0], %r4; st.param.b32 [func_retval0+4], %r5; ret;
$early: st.param.b32 [func_retval0+0], %r1; st.param.b32 [func_retval0+4], 7; ret;
}
)";
  Run run{R"(
.local .align 8 .b8 depot[16];
mov.u64 %rd1, depot; cvta.local.u64 %rd2, %rd1; mul.lo.s32 %r1, %lane, 100; st.local.u32 [%rd1+4], %r1;
add.s64 %rd3, %rd2, 4; add.s32 %r2, %lane, 1; mov.u32 %r0, 0;
setp.eq.s32 %p1, %lane, 30; @%p1 bra $skip;
{
.param .align 4 .b8 param0[8]; st.param.v2.b32 [param0], {%lane, %r2};
.param .b64 param1; st.param.b64 [param1], %rd3;
.param .align 4 .b8 retval0[8];
call.uni (retval0), pair, (param0, param1);
ld.param.b32 %r3, [retval0+0]; ld.param.b32 %r4, [retval0+4];
}
mad.lo.s32 %r0, %r4, 10000, %r3;
$skip: add.s32 %r0, %r0, 0;)", before, 1, 32, {}, 0};
  const Words result = run_threads(run);
  for (u32 lane = 0; lane < 32; ++lane) {
    const u32 expected = lane == 30 ? 0 : lane < 4 ? 70000 + lane : (lane + 1) * 10000 + lane * 101;
    CHECK(result[lane] == expected);
  }
}

TEST_CASE("a block's warps wait for each other and share memory", "[simt]") {
  Run run{
      "shl.b32 %r1, %lane, 2; mov.u32 %r2, table; add.s32 %r2, %r2, %r1; st.shared.u32 [%r2], %lane;\n"
      "bar.sync 0;\n"
      "sub.s32 %r3, 127, %lane; shl.b32 %r3, %r3, 2; mov.u32 %r4, table; add.s32 %r3, %r3, %r4; "
      "ld.shared.u32 %r0, [%r3];",
      ".shared .align 4 .b8 table[512];",
      1,
      128,
      {1, 3, 0},
      0};
  const Words result = run_threads(run);
  for (u32 thread = 0; thread < 128; ++thread) CHECK(result[thread] == 127 - thread);
}

TEST_CASE("dynamic shared memory follows the static one, and generic addresses reach it", "[simt]") {
  Run run{
      "mov.u32 %r1, dynamic; shl.b32 %r2, %lane, 2; add.s32 %r1, %r1, %r2; st.shared.u32 [%r1], %lane;\n"
      "mov.u32 %r3, fixed; st.shared.u32 [%r3], 77; bar.warp.sync 0xffffffff;\n"
      "mov.u64 %rd1, dynamic; cvta.shared.u64 %rd2, %rd1; ld.u32 %r0, [%rd2+124];",
      ".extern .shared .align 16 .b8 dynamic[];\n.shared .align 4 .b8 fixed[20];",
      1,
      32,
      {},
      128};
  CHECK(run_threads(run) == Words(32, 31));
}

TEST_CASE("lanes vote", "[simt]") {
  const std::string begin = "setp.lt.u32 %p1, %lane, 5; ";
  CHECK(run_threads(begin + "vote.sync.ballot.b32 %r0, %p1, 0xffffffff;") == Words(32, 31));
  CHECK(run_threads(begin + "vote.sync.ballot.b32 %r0, !%p1, -1;") == Words(32, ~31u));
  CHECK(run_threads(begin + "vote.sync.any.pred %p2, %p1, -1; selp.u32 %r0, 1, 0, %p2;") == Words(32, 1));
  CHECK(run_threads(begin + "vote.sync.all.pred %p2, %p1, -1; selp.u32 %r0, 1, 0, %p2;") == Words(32, 0));
  CHECK(run_threads(begin + "vote.sync.uni.pred %p2, %p1, -1; selp.u32 %r0, 1, 0, %p2;") == Words(32, 0));
}

TEST_CASE("lanes shuffle", "[simt]") {
  const auto shuffled = [](const std::string& mode, const std::string& b, const std::string& c) {
    return run_threads("mul.lo.s32 %r1, %lane, 10; mov.u32 %r5, 0; shfl.sync." + mode +
                       ".b32 %r0|%p1, %r1, " + b + ", " + c + ", 0xffffffff; @!%p1 add.s32 %r0, %r0, 1;");
  };
  const Words down = shuffled("down", "1", "31"), up = shuffled("up", "2", "0");
  const Words across = shuffled("bfly", "16", "31"), index = shuffled("idx", "3", "31");
  const Words segments = shuffled("idx", "1", "0x181f");  // in segments of 8
  for (u32 lane = 0; lane < 32; ++lane) {
    CHECK(down[lane] == (lane < 31 ? 10 * (lane + 1) : 10 * lane + 1));
    CHECK(up[lane] == (lane >= 2 ? 10 * (lane - 2) : 10 * lane + 1));
    CHECK(across[lane] == 10 * (lane ^ 16));
    CHECK(index[lane] == 30);
    CHECK(segments[lane] == 10 * (lane / 8 * 8 + 1));
  }
}

TEST_CASE("lanes match, reduce and elect", "[simt]") {
  const Words matched = run_threads("and.b32 %r1, %lane, 3; match.any.sync.b32 %r0, %r1, -1;");
  for (u32 lane = 0; lane < 32; ++lane) CHECK(matched[lane] == 0x11111111u << lane % 4);
  CHECK(run_threads("mov.u32 %r1, 5; match.all.sync.b32 %r0|%p1, %r1, -1; @!%p1 mov.u32 %r0, 0;") ==
        Words(32, ~0u));
  CHECK(run_threads("redux.sync.add.u32 %r0, %lane, -1;") == Words(32, 31 * 32 / 2));
  CHECK(run_threads("sub.s32 %r1, 5, %lane; redux.sync.min.s32 %r0, %r1, -1;") ==
        Words(32, static_cast<u32>(5 - 31)));
  CHECK(run_threads("mov.u32 %r0, 0; elect.sync _|%p1, -1; @%p1 mov.u32 %r0, 1;")[0] == 1);
}

TEST_CASE("a mask that names lanes which stand elsewhere is a fault", "[simt]") {
  const std::string fault = fault_of(
      "setp.lt.u32 %p1, %lane, 16; @%p1 bra $low; bra.uni $end;\n"
      "$low: vote.sync.ballot.b32 %r0, %p1, 0xffffffff;\n$end: mov.u32 %r0, 0;");
  CHECK(fault.find("stand elsewhere") != std::string::npos);
  CHECK(fault.find("vote.sync.ballot.b32") != std::string::npos);
  CHECK(fault_of("setp.lt.u32 %p1, %lane, 16; @%p1 bra $low; bra.uni $end;\n$low: bar.sync 0;\n$end: mov.u32 "
                 "%r0, 0;")
            .find("only some") != std::string::npos);
}

TEST_CASE("special registers tell each lane its place", "[simt]") {
  CHECK(run_threads("mov.u32 %r0, %laneid;") == counting(32));
  const Words lower = run_threads("mov.u32 %r0, %lanemask_lt;"),
              upper = run_threads("mov.u32 %r0, %lanemask_ge;");
  for (u32 lane = 0; lane < 32; ++lane) {
    CHECK(lower[lane] == (1u << lane) - 1);
    CHECK(upper[lane] == ~((1u << lane) - 1));
  }
  const Words warps = run_threads("mov.u32 %r0, %warpid;", 96);
  for (u32 thread = 0; thread < 96; ++thread) CHECK(warps[thread] == thread / 32);
}

TEST_CASE("atomics take lanes in order and give what was there", "[simt]") {
  Words memory;
  Run run{
      "atom.global.add.u32 %r0, [%in1], 2; red.global.max.u32 [%in1+4], %lane; atom.global.cas.b32 %r1, "
      "[%in1+8], 0, "
      "%lane; atom.global.exch.b32 %r1, [%in1+12], %lane; atom.global.inc.u32 %r1, [%in1+16], 4;",
      "",
      1,
      32,
      {},
      0};
  const Words result = run_threads(run, 8, &memory);
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == 2 * lane);
  CHECK(memory == Words{64, 31, 1, 31, 2, 0, 0,
                        0});  // lane 0 put 0 in the place of 0, lane 1 a 1, and no other found a 0
}

TEST_CASE("blocks that fetch work by a counter end, one after the other or in turns", "[simt]") {
  const std::string body =
      "mov.u32 %r0, 0;\n"
      "$more: mov.u32 %r1, 0; setp.ne.s32 %p1, %r27, 0; and.b32 %r3, %r27, 31; setp.ne.s32 %p1, %r3, 0; @%p1 "
      "bra $have;\n"
      "atom.global.add.u32 %r1, [%in1], 32;\n"
      "$have: shfl.sync.idx.b32 %r1, %r1, 0, 31, 0xffffffff;\n"
      "setp.ge.u32 %p2, %r1, 4096; @%p2 bra $end; add.s32 %r0, %r0, 1; bra.uni $more;\n"
      "$end: add.s32 %r0, %r0, 0;";
  for (const simt::MachineOptions options :
       {simt::MachineOptions{1, ~u64{0}, 0}, simt::MachineOptions{4, 20, 0}, simt::MachineOptions{2, 7, 3}}) {
    Words memory;
    Run run{body, "", 4, 64, options, 0};
    const Words result = run_threads(run, 4, &memory);
    CHECK(std::accumulate(result.begin(), result.end(), 0u) == 4096);
    if (options.resident_blocks == 4) {
      for (const u32 fetched : result) CHECK(fetched == 16);  // turns share the work out
    }
    CHECK(memory[0] == 4096 + 8 * 32);
  }
}

TEST_CASE("vectors of 16 bytes are loaded and stored, narrow values extended", "[simt]") {
  Words memory;
  Run run{
      "mul.wide.u32 %rd1, %lane, 16; add.s64 %rd1, %rd1, %in1; add.s32 %r1, %lane, 1; mov.u32 %r2, "
      "0xfffffffe;\n"
      "st.global.v4.u32 [%rd1], {%lane, %r1, %r2, 9}; ld.global.nc.v4.u32 {%r3, %r4, %r5, %r6}, [%rd1];\n"
      "ld.global.s8 %r7, [%rd1+8]; ld.global.u8 %rs1, [%rd1+8]; cvt.u32.u16 %r8, %rs1; ld.global.v2.u64 "
      "{%rd2, %rd3}, [%rd1];\n"
      "cvt.u32.u64 %r9, %rd3; setp.eq.s32 %p1, %r9, %r5; selp.u32 %r0, %r4, 0, %p1; add.s32 %r0, %r0, %r7; "
      "add.s32 %r0, %r0, "
      "%r8;",
      "",
      1,
      32,
      {},
      0};
  const Words result = run_threads(run, 128, &memory);
  for (u32 lane = 0; lane < 32; ++lane) CHECK(result[lane] == lane + 1 - 2 + 254);
  CHECK(memory[4 * 31 + 3] == 9);
}

TEST_CASE("lines and sectors of an access are counted", "[simt]") {
  alignas(128) static u8 memory[32 * 128 + 128];
  const auto counted = [&](const std::string& stride) {
    Run run{"mul.wide.u32 %rd1, %lane, " + stride + "; add.s64 %rd1, %rd1, %in1; ld.global.u32 %r0, [%rd1];",
            "",
            1,
            32,
            {},
            0};
    std::vector<u32> result(32);
    run({result.data(), memory});
    return count_of(run, kBegin + 2);
  };
  const auto together = counted("4"), apart = counted("128"), same = counted("0");
  CHECK(together.lines == 1);
  CHECK(together.sectors == 4);
  CHECK(apart.lines == 32);
  CHECK(apart.sectors == 32);
  CHECK(same.lines == 1);
  CHECK(same.sectors == 1);
}

TEST_CASE("shared memory's banks are counted in passes", "[simt]") {
  const auto passes = [](u32 stride) {
    Run run{
        "mul.lo.s32 %r1, %lane, " + std::to_string(stride) + "; st.shared.u32 [%r1], %lane; mov.u32 %r0, 0;",
        ".shared .align 4 .b8 table[8192];",
        1,
        32,
        {},
        0};
    run_threads(run);
    return count_of(run, kBegin + 1).lines;
  };
  CHECK(passes(4) == 1);
  CHECK(passes(8) == 2);
  CHECK(passes(128) == 32);
  CHECK(passes(0) == 1);
}

TEST_CASE("memory that a lane or block does not have is a fault", "[simt]") {
  CHECK(fault_of(".local .align 4 .b8 depot[16]; mov.u64 %rd1, depot; ld.local.u32 %r0, [%rd1+16];")
            .find("which it does not have") != std::string::npos);
  CHECK(fault_of("mov.u32 %r1, 64; ld.shared.u32 %r0, [%r1];", 32, ".shared .align 4 .b8 table[64];")
            .find("shared memory at 0x40") != std::string::npos);
  CHECK(fault_of("trap; mov.u32 %r0, 0;").find("gave up") != std::string::npos);
}
