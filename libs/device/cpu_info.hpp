#pragma once
#include <cstdint>
#include <string>

namespace oct {

/// The processor's own name without decoration, "AMD EPYC 7B13"; "CPU" where it has none.
std::string cpu_name();

/// Whether this CPU and its operating system run x86-64-v3 code: AVX2, FMA, BMI1, BMI2, F16C, LZCNT, MOVBE.
bool cpu_runs_v3();

/// Physical memory of this computer; 0 when it cannot be found out.
std::uint64_t physical_memory_bytes();

}  // namespace oct
