#pragma once
#include <string>
#include <vector>

#include "simt/gpu_code.hpp"

namespace oct::simt {

/// Loads by the bytes that each lane gets: 1, 2, 4, 8, 16 and more.
inline constexpr std::size_t kWidths = 5;

/// What one kernel cost, over all its launches.
struct KernelMeter {
  std::string name;  ///< mangled part by which it was asked for
  u64 launches = 0, warps = 0;
  u64 items = 0;            ///< rays or paths
  double instructions = 0;  ///< of warps, as machine code would have them (sass_cost)
  u64 ptx_instructions = 0;
  double active_lanes = 0;  ///< part of all lanes that the instructions have
  u64 loads[kWidths] = {};  ///< of global memory, by width
  u64 load_lanes = 0, load_lines = 0, load_sectors = 0;
  u64 stores = 0, store_sectors = 0;
  u64 atomics = 0, atomic_sectors = 0;
  u64 local = 0, local_lines = 0;
  u64 shared = 0, shared_passes = 0;

  u64 all_loads() const;
};

/// Cost of one line of the kernels' sources. What comes from math/ counts for the line that it was inlined into.
struct LineMeter {
  std::string place;  ///< "walk_compact.hpp:120"
  double instructions = 0;
  double active_lanes = 0;
};

/// Of all kernels that ran, the most expensive first.
std::vector<KernelMeter> measure(const GpuCode& code);
/// The most expensive lines of them.
std::vector<LineMeter> measure_lines(const GpuCode& code, std::size_t count);

/// A table for people, per sample.
std::string table_of(const std::vector<KernelMeter>& kernels, u64 samples);
/// The same numbers and more, as JSON.
std::string json_of(const std::vector<KernelMeter>& kernels, u64 samples);

}  // namespace oct::simt
