#include "math/scalar.hpp"
#include "math_reference.hpp"
#include "math_table.hpp"
#include "support/catch.hpp"

namespace oct {

namespace {

bool same(float a, float b) {
  return bits_of(a) == bits_of(b) || (a != a && b != b);
}

/// Mantissas and exponents that make ties, cancellation, denormal and overflowing results likely.
class CraftedFloats {
 public:
  float next() {
    constexpr u32 kMantissas[] = {0,        1,        2,        3,        0x7fffff, 0x7ffffe,
                                  0x400000, 0x400001, 0x3fffff, 0x200000, 0x000800};
    const u32 choice = bits();
    const u32 mantissa = choice % 16 < 11 ? kMantissas[choice % 16] : bits() & 0x7fffff;
    constexpr u32 kExponents[] = {0,   1,   2,   24,  52,  64,  75,  102, 103, 115,
                                  126, 127, 128, 139, 151, 152, 190, 200, 253, 254};
    const u32 exponent = choice & 64u ? kExponents[bits() % 20] : 96 + bits() % 64;
    return float_from_bits((choice & 0x80000000u) | exponent << 23 | mantissa);
  }
  u32 bits() {
    return static_cast<u32>((state_ = state_ * 6364136223846793005u + 1442695040888963407u) >> 32);
  }

 private:
  u64 state_ = 2024;
};

/// Null on a computer without it.
const MathTable* table_with_fma_hardware() {
#if defined(OCT_HAVE_MATH_TABLE_V3)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &math_table_v3();
#endif
  return nullptr;
}

struct Case {
  float a, b, c;
};

/// A quarter each: unrelated; c cancels a b nearly; c is half a unit of a b away; a b is half a unit of c.
Case crafted_case(CraftedFloats& floats) {
  const float a = floats.next(), b = floats.next();
  const u32 step = floats.bits();
  const u32 product = bits_of(a * b);
  switch (step & 3u) {
    case 0: return {a, b, floats.next()};
    case 1: return {a, b, float_from_bits((product ^ 0x80000000u) + (step >> 8) % 5 - 2)};
    case 2: return {a, b, float_from_bits((product ^ (step & 0x80000000u)) - (25u << 23))};
    default: return {a, b, float_from_bits((product ^ (step & 0x80000000u)) + (24u << 23))};
  }
}

}  // namespace

TEST_CASE("fma without FMA hardware rounds once", "[math]") {
  if (!can_judge_fma()) return;  // the comparison with the hardware remains
  CraftedFloats floats;
  u32 wrong = 0;
  for (u32 i = 0; i < 200000; ++i) {
    const auto [a, b, c] = crafted_case(floats);
    if (!same(fma_by_odd_rounding(a, b, c), reference_fma(a, b, c)) && ++wrong <= 3)
      UNSCOPED_INFO("fma(" << a << ", " << b << ", " << c << ")");
  }
  CHECK(wrong == 0);
}

TEST_CASE("fma of special values", "[math]") {
  constexpr float kSpecial[] = {
      0.0f,          -0.0f,          1.0f,      -1.0f,      0x1p-149f,         -0x1p-149f,
      kLargestFloat, -kLargestFloat, kInfinity, -kInfinity, __builtin_nanf("")};
  const MathTable* hardware = table_with_fma_hardware();
  for (const float a : kSpecial)
    for (const float b : kSpecial)
      for (const float c : kSpecial) {
        INFO("fma(" << a << ", " << b << ", " << c << ")");
        if (can_judge_fma()) CHECK(same(fma_by_odd_rounding(a, b, c), reference_fma(a, b, c)));
        if (hardware != nullptr) CHECK(same(fma_by_odd_rounding(a, b, c), hardware->fma(a, b, c)));
      }
}

TEST_CASE("fma is the same with and without FMA hardware", "[math]") {
  const MathTable* hardware = table_with_fma_hardware();
  if (hardware == nullptr) return;
  CraftedFloats floats;
  u32 wrong = 0;
  for (u32 i = 0; i < 3000000; ++i) {
    const auto [a, b, c] = crafted_case(floats);
    const float expected = hardware->fma(a, b, c);
    if (!same(fma_by_odd_rounding(a, b, c), expected)) ++wrong;
    if (!same(hardware->fma_by_odd_rounding(a, b, c), expected)) ++wrong;
  }
  CHECK(wrong == 0);
}

}  // namespace oct
