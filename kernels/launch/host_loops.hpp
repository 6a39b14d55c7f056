#pragma once
#include "data/types.hpp"

// Loops over arrays that are run while a scene is compiled. Like the stages they are compiled once per instruction set,
// chosen at run time, and all of them give the same bits.

namespace oct {

/// The entry points of one instruction set. Any thread in float mode.
struct HostLoops {
  /// pack_normal() of each vector.
  void (*pack_normals)(const Vec3* normals, u32* packed, u64 count);
};

HostLoops host_loops_x64();
HostLoops host_loops_v3();  ///< needs AVX2, FMA, BMI2: x86-64-v3

}  // namespace oct
