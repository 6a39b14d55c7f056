#pragma once
// Put in front of the CPU's kernels (-include): what the source asks to be fused becomes a call, so that a fused instruction
// that is left in the code is one that the compiler made by itself.

extern "C" float octane_asked_fma(float a, float b, float c);

#define __builtin_fmaf(a, b, c) octane_asked_fma(a, b, c)
