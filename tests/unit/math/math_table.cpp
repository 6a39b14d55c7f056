// Compiled once for each instruction set, with OCT_MATH_TABLE = name of the function to define.
#include "math_table.hpp"

#include "math/transcendental.hpp"

namespace oct::inline OCT_ISA {
namespace {

#define OCT_UNARY(name, expression) \
  float call_##name(float x) {      \
    return expression;              \
  }
#define OCT_BINARY(name, expression)    \
  float call_##name(float x, float y) { \
    return expression;                  \
  }
#include "math_functions.inc"
#undef OCT_UNARY
#undef OCT_BINARY

#define OCT_BINARY(name, expression)
#define OCT_UNARY(name, expression) {#name, call_##name},
const UnaryFunction kUnary[] = {
#include "math_functions.inc"
};
#undef OCT_UNARY
#undef OCT_BINARY

#define OCT_UNARY(name, expression)
#define OCT_BINARY(name, expression) {#name, call_##name},
const BinaryFunction kBinary[] = {
#include "math_functions.inc"
};
#undef OCT_UNARY
#undef OCT_BINARY

float call_fma(float a, float b, float c) {
  return fma(a, b, c);
}
float call_fma_by_odd_rounding(float a, float b, float c) {
  return fma_by_odd_rounding(a, b, c);
}

const MathTable kTable = {kUnary,   sizeof kUnary / sizeof kUnary[0],
                          kBinary,  sizeof kBinary / sizeof kBinary[0],
                          call_fma, call_fma_by_odd_rounding};

}  // namespace
}  // namespace oct::inline OCT_ISA

const oct::MathTable& oct::OCT_MATH_TABLE() {
  return kTable;
}
