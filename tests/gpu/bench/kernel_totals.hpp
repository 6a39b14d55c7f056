#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace oct::bench {

/// The kernel's work in few words: "TraceShadows<0,1>" for run_stream<oct::cuda::TraceShadows<false, true>>(...), as
/// octane_simt names it; the function's own name where it is not a template.
///   name  as the compiler mangled it
std::string short_kernel_name(const std::string& name);

/// What a GPU did between two moments.
struct KernelTotals {
  struct Kernel {
    std::uint64_t launches = 0;
    double seconds = 0;
  };
  struct Copies {
    std::uint64_t count = 0, bytes = 0;
  };
  std::map<std::string, Kernel> kernels;  ///< by short name
  Copies to_device, to_host;
  std::uint64_t lost = 0;  ///< records that found no room: the totals are too small when there are any

  void add_kernel(const std::string& mangled, double seconds);
  double busy_seconds() const;  ///< of all kernels together
};

}  // namespace oct::bench
