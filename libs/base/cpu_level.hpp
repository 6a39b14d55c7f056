#pragma once

namespace oct {

/// Whether this CPU and its operating system run x86-64-v3 code: AVX2, FMA, BMI1, BMI2, F16C, LZCNT, MOVBE.
bool cpu_runs_v3();

}  // namespace oct
