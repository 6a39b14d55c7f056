#pragma once
#include "data/types.hpp"

// The functions of kernels/math as compiled for one instruction set. Plain data: the table's own source is
// compiled once for each, so nothing here may leave a symbol behind.

namespace oct {

struct UnaryFunction {
  const char* name;
  float (*call)(float);
};

struct BinaryFunction {
  const char* name;
  float (*call)(float, float);
};

struct MathTable {
  const UnaryFunction* unary;
  u32 unary_count;
  const BinaryFunction* binary;
  u32 binary_count;
  float (*fma)(float, float, float);
  float (*fma_by_odd_rounding)(float, float, float);
};

const MathTable& math_table_x64();
const MathTable& math_table_v3();

/// Results on the first CUDA device: outputs[f * count + i] = bits of unary function f of inputs[i]; binary
/// functions follow, with inputs[i] and inputs[(i + 1) % count]; then fma of inputs i, i + 1, i + 2. False
/// without a device.
bool math_results_cuda(const u32* inputs, u32 count, u32* outputs);

}  // namespace oct
