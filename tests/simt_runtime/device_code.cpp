#include "simt_runtime/device_code.hpp"

#include <cstring>
#include <map>

#include "simt/fat_binary.hpp"
#include "simt/fault.hpp"

namespace oct::simt {
namespace {

/// What __cudaRegisterFatBinary is given.
struct Wrapper {
  int magic, version;
  const char* binary;
  const void* others;
};

/// Filled while the program's static objects are made, hence made at their first use.
struct Registered {
  std::mutex mutex;
  std::vector<std::unique_ptr<DeviceModule>> modules;
  std::map<const void*, std::unique_ptr<CUkern_st>> kernels;
};

Registered& registered() {
  static auto* all = new Registered;
  return *all;
}

/// The interpreter is one thread's at a time: kernels count what they do.
std::recursive_mutex& interpreter() {
  static auto* mutex = new std::recursive_mutex;
  return *mutex;
}

Extent3 extent(dim3 size) {
  return {size.x, size.y, size.z};
}

}  // namespace

const Function& DeviceModule::find(const std::string& kernel) {
  const std::lock_guard lock(interpreter());
  if (!program_) {
    const char* binary = static_cast<const Wrapper*>(wrapper_)->binary;
    const std::string_view whole(binary, fat_binary_size({binary, kFatBinaryHeader}));
    std::vector<std::string> texts = ptx_of_fat_binary(whole);
    if (texts.empty()) throw Fault("the program has machine code without PTX, which is not read");
    program_ = std::make_unique<Program>(parse_ptx(texts.back(), "the program's device code"));
    machine_ = std::make_unique<Machine>(*program_);
  }
  for (const Function& function : program_->functions()) {
    if (function.text->is_kernel && function.text->name == kernel) return function;
  }
  throw Fault("unknown kernel " + kernel);
}

void DeviceModule::run(const Launch& launch) {
  const std::lock_guard lock(interpreter());
  KernelCounts counts;
  machine_->run(launch, {}, counts);
}

DeviceModule* add_module(const void* wrapper) {
  const std::lock_guard lock(registered().mutex);
  return registered().modules.emplace_back(std::make_unique<DeviceModule>(wrapper)).get();
}

void add_kernel(DeviceModule* module, const void* host_function, std::string name) {
  const std::lock_guard lock(registered().mutex);
  registered().kernels[host_function] = std::make_unique<CUkern_st>(CUkern_st{module, std::move(name)});
}

CUkern_st* find_kernel(const void* host_function) {
  const std::lock_guard lock(registered().mutex);
  const auto found = registered().kernels.find(host_function);
  return found == registered().kernels.end() ? nullptr : found->second.get();
}

KernelCall::KernelCall(CUkern_st& kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared)
    : kernel_(kernel) {
  launch_.kernel = &kernel.module->find(kernel.name);
  launch_.grid = extent(grid);
  launch_.block = extent(block);
  launch_.dynamic_shared = static_cast<u32>(shared);
  for (const Variable& formal : launch_.kernel->text->formals) {
    const auto* bytes = static_cast<const std::byte*>(arguments[arguments_.size()]);
    arguments_.emplace_back(bytes, bytes + formal.size);
  }
}

void KernelCall::run() const {
  Launch launch = launch_;
  for (const std::vector<std::byte>& argument : arguments_) launch.arguments.push_back(argument.data());
  kernel_.module->run(launch);
}

}  // namespace oct::simt
