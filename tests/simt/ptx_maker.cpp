#include "simt/ptx_maker.hpp"

#include <fmt/format.h>

#include <cstring>

namespace oct::simt::test {
namespace {

/// One 8-byte value a lane, whatever its width, in arrays of 32.
template <class T>
std::vector<T> run_lanes(const std::string& body, const std::vector<std::vector<T>>& inputs,
                         const char* store, const char* load) {
  std::string text;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    text += fmt::format("mul.wide.u32 %rd20, %lane, {0}; add.s64 %rd20, %rd20, %in{1}; {2}{1}, [%rd20];\n",
                        sizeof(T), i + 1, load);
  text += body;
  text += fmt::format("\nmul.wide.u32 %rd20, %lane, {}; add.s64 %rd20, %rd20, %in0; {};\n", sizeof(T), store);
  std::vector<T> result(kLanes, 0);
  std::vector<std::vector<T>> padded = inputs;
  std::vector<const void*> addresses = {result.data()};
  for (std::vector<T>& input : padded) {
    input.resize(kLanes, 0);
    addresses.push_back(input.data());
  }
  Run run{text, "", 1, kLanes, {}, 0};
  run(addresses);
  result.resize(inputs.front().size());
  return result;
}

}  // namespace

std::string kernel_text(const std::string& body, u32 count, const std::string& before) {
  std::string text = ".version 9.0\n.target sm_90\n.address_size 64\n" + before + "\n.visible .entry k(\n";
  for (u32 i = 0; i < count; ++i)
    text += fmt::format(".param .u64 k_param_{}{}\n", i, i + 1 < count ? "," : "");
  text +=
      ")\n{\n.reg .pred %p<10>;\n.reg .b16 %rs<10>;\n.reg .b32 %r<30>;\n.reg .b32 %lane;\n.reg .b64 "
      "%rd<30>;\n"
      ".reg .b64 %in<9>;\n.reg .f32 %f<10>;\n.reg .f64 %fd<10>;\n";
  for (u32 i = 0; i < count; ++i) text += fmt::format("ld.param.u64 %in{0}, [k_param_{0}];\n", i);
  text +=
      "mov.u32 %r29, %ctaid.x;\nmov.u32 %r28, %ntid.x;\nmov.u32 %r27, %tid.x;\nmad.lo.s32 %lane, %r29, %r28, "
      "%r27;\n";
  return text + body + "\nret;\n}\n";
}

void Run::operator()(std::vector<const void*> addresses) {
  const Program program(parse_ptx(kernel_text(body, static_cast<u32>(addresses.size()), before), "test.ptx"));
  Launch launch;
  launch.kernel = &program.kernel("k");
  launch.grid.x = blocks;
  launch.block.x = threads;
  launch.dynamic_shared = dynamic_shared;
  for (const void* const& address : addresses) launch.arguments.push_back(&address);
  Machine machine(program);
  machine.run(launch, options, counts);
}

std::vector<u32> words_of(const std::string& body, const std::vector<u32>& a, const std::vector<u32>& b,
                          const std::vector<u32>& c) {
  return run_lanes<u32>(body, {a, b, c}, "st.global.u32 [%rd20], %r0", "ld.global.u32 %r");
}

std::vector<u64> double_words_of(const std::string& body, const std::vector<u64>& a,
                                 const std::vector<u64>& b) {
  return run_lanes<u64>(body, {a, b}, "st.global.u64 [%rd20], %rd0", "ld.global.u64 %rd");
}

}  // namespace oct::simt::test
