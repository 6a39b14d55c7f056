#pragma once
#include <string>
#include <vector>

#include "simt/machine.hpp"

namespace oct::simt::test {

/// A program of one kernel named k, whose parameters are `count` addresses: %in0, %in1, ... are loaded already, %lane is the
/// index of the thread. Registers: %p0..9, %rs0..9, %r0..29, %rd0..29, %f0..9, %fd0..9.
std::string kernel_text(const std::string& body, u32 count, const std::string& before = "");

/// Runs such a kernel by blocks of threads.
struct Run {
  std::string body;
  std::string before;  ///< functions and variables of the module
  u32 blocks = 1, threads = 32;
  MachineOptions options;
  u32 dynamic_shared = 0;
  KernelCounts counts = {};

  void operator()(std::vector<const void*> addresses);
};

/// What a body leaves in %r0 of each lane, given words in %r1, %r2, %r3.
std::vector<u32> words_of(const std::string& body, const std::vector<u32>& a, const std::vector<u32>& b = {},
                          const std::vector<u32>& c = {});

/// The same in %rd0 of double words in %rd1, %rd2.
std::vector<u64> double_words_of(const std::string& body, const std::vector<u64>& a,
                                 const std::vector<u64>& b = {});

}  // namespace oct::simt::test
