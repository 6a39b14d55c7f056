#pragma once
// rcp, rsqrt, exp, exp2, log, log2, pow, sin, cos, sincos, tan, asin, acos, atan2: floats, the same bits
// everywhere.
//
// Largest error in units in the last place (ulp) of the result, denormal results included; tests/unit/math
// holds each function to its bound over all floats (the functions of two variables over a dense set of
// pairs):
//
//   rcp, rsqrt  0.5 (correctly rounded)      sin, cos     1.6  for every finite argument
//   exp, exp2   1.1                          tan          3.5  for every finite argument
//   log         1                            asin, acos   2
//   log2        1.4                          atan2        1.6
//   pow         1
//
// Special values follow C's Annex F (exp(-inf) = 0, log(0) = -inf, pow(x, 0) = 1, atan2(-0, -1) = -pi, ...);
// outside the domain, and for NaN, the result is a NaN of unspecified sign and payload (pow(NaN, 0) = pow(1,
// NaN) = 1). The sign of a zero argument is kept by sin, tan, asin, atan2.
#include "math/exponential.hpp"
#include "math/reciprocal.hpp"
#include "math/trigonometric.hpp"
