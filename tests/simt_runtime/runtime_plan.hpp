#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oct::simt {

/// A GPU that the stand-in pretends to be.
struct GpuModel {
  std::string name = "Simulated GPU";
  std::uint64_t memory_bytes = std::uint64_t{8} << 30;
  std::uint64_t used_bytes = 0;  ///< by other programs
  int multiprocessors = 2;
};

/// What can go wrong, by the kind of the call.
enum class RuntimeCall { count, open, allocate, pin, copy, launch, wait, info };

/// The nth call of a kind on one GPU, and what happens to it.
struct FaultRule {
  enum class Effect { error, hang, slow };
  int gpu = 0;
  RuntimeCall call = RuntimeCall::launch;
  std::uint64_t nth = 1;  ///< the first is 1
  bool onwards = false;   ///< and all after it
  Effect effect = Effect::error;
  int error = 0;         ///< cudaError_t
  std::uint32_t ms = 0;  ///< of Effect::slow
};

/// The computer that the stand-in pretends to run on.
struct RuntimePlan {
  std::vector<GpuModel> gpus{GpuModel{}};
  std::vector<FaultRule> rules;
};

/// Reads a plan as words between blanks:
///   gpus=2            so many GPUs, with 8 GB each
///   memory=1:2e9      of GPU 1, in bytes
///   used=0:1.5e9      what other programs have of GPU 0's
///   fault=1:allocate:3:memory   the third allocation on GPU 1 fails for lack of memory
///   fault=0:launch:2+:slow300   the second kernel of GPU 0 and all after it take 300 ms more
/// Calls are those of RuntimeCall; effects are `hang`, `slowMS` and the errors of fault_names(). Throws Fault for anything
/// else.
RuntimePlan parse_runtime_plan(std::string_view text);

/// The errors that a plan can name: "memory", "illegal_address" ...
std::vector<std::string> fault_names();

}  // namespace oct::simt
