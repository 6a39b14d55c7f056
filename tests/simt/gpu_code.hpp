#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simt/machine.hpp"

namespace oct::simt {

/// The PTX of all device code of the product, ready to run, and what its kernels cost so far.
class GpuCode {
 public:
  /// One file for each .cu. Fault for what the interpreter does not know.
  GpuCode(const std::vector<std::string>& ptx_files, MachineOptions options);
  GpuCode(std::vector<PtxText> texts, MachineOptions options);

  /// One kernel, by a part of its mangled name that no other kernel has.
  struct Kernel {
    const Program* program;
    const Function* function;
    KernelCounts* counts;
  };
  Kernel kernel(const std::string& part);
  /// Those that have run, by the part of the name that they were asked for by.
  const std::map<std::string, Kernel>& known() const { return known_; }

  /// How a kernel is started.
  struct Start {
    u32 items = 0;  ///< rays or paths, for the meter
    u32 blocks = 1, threads = 32;
    std::vector<const void*> arguments;
  };
  void run(const std::string& part, const Start& start);
  /// The same with all blocks at a time, which take turns: for kernels whose warps share out their work.
  void run_resident(const std::string& part, const Start& start);
  void forget_counts();

 private:
  void run_by(MachineOptions options, const std::string& part, const Start& start);

  MachineOptions options_;
  std::vector<std::unique_ptr<Program>> programs_;
  std::map<const Program*, Machine> machines_;
  std::map<std::string, Kernel> known_;
  std::map<std::string, KernelCounts> counts_;
};

/// How nvcc mangles the name of a functor of the kernels, from what typeid(...).name() gives here: without namespaces,
/// which differ between device and host.
std::string kernel_name(const char* mangled_type);

}  // namespace oct::simt
