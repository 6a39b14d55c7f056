#pragma once
#include <string_view>

namespace oct {

/// What the judge says a function of kernels/math should give: by MPFR with 64 bits where it is installed,
/// else by the C library's long double. NaN for an unknown name.
long double reference(std::string_view name, float x);
long double reference(std::string_view name, float x, float y);

/// The same in double by the C library: quick, and good enough to find the arguments worth asking the judge
/// about.
/// Null for an unknown name.
double (*quick_reference(std::string_view name))(double);

/// a * b + c rounded once to float; ask only if can_judge_fma(). Without MPFR it is the C library's, and
/// mingw's is wrong.
bool can_judge_fma();
float reference_fma(float a, float b, float c);

/// Arguments beyond this are not asked about: without MPFR, sine and its kin are judged by x87 code that
/// reduces by a pi of 66 bits.
float largest_judged_angle();

/// Distance of `result` from the truth, in units in the last place of a float near the truth (2^-149 at the
/// least). Infinite where only one of the two is a NaN, or an infinity is wrong.
double error_in_ulps(float result, long double truth);

}  // namespace oct
