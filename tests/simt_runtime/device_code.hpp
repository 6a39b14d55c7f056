#pragma once
#include <cuda_runtime_api.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "simt/machine.hpp"

namespace oct::simt {

/// The device code of one .cu file, as it is linked into the program. Its PTX is read when the first kernel is wanted.
class DeviceModule {
 public:
  /// `wrapper` is what nvcc's host code registers.
  explicit DeviceModule(const void* wrapper) : wrapper_(wrapper) {}

  /// Fault for device code that the interpreter does not know, or without PTX.
  const Function& find(const std::string& kernel);
  /// Runs a kernel to its end. One at a time, whoever calls.
  void run(const Launch& launch);

 private:
  const void* const wrapper_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace oct::simt

/// A kernel of the program. CUDA's own type, which its headers leave open.
struct CUkern_st {
  oct::simt::DeviceModule* module;
  std::string name;  ///< mangled
};

namespace oct::simt {

DeviceModule* add_module(const void* wrapper);
void add_kernel(DeviceModule* module, const void* host_function, std::string name);
/// By the address that the host's code knows it by; null when nobody registered it.
CUkern_st* find_kernel(const void* host_function);

/// A launch whose arguments are copied: what the caller gave is gone when it runs.
class KernelCall {
 public:
  KernelCall(CUkern_st& kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared);
  void run() const;

 private:
  CUkern_st& kernel_;
  Launch launch_;
  std::vector<std::vector<std::byte>> arguments_;
};

}  // namespace oct::simt
