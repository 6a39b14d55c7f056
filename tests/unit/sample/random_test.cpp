#include "sample/random.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "support/catch.hpp"

namespace oct {

TEST_CASE("each input bit of the hash moves each output bit half the time", "[sample]") {
  constexpr u32 kTrials = 20000;
  double worst = 0;
  for (u32 input_bit = 0; input_bit < 32; ++input_bit) {
    u32 flips[32] = {};
    for (u32 i = 0; i < kTrials; ++i) {
      const u32 changed = hash(i) ^ hash(i ^ (1u << input_bit));
      for (u32 bit = 0; bit < 32; ++bit) flips[bit] += changed >> bit & 1u;
    }
    for (const u32 count : flips) worst = std::max(worst, std::abs(count / double{kTrials} - 0.5));
  }
  CHECK(worst < 0.025);  // 7 standard deviations
}

TEST_CASE("the hash tells its words apart by place and number", "[sample]") {
  std::set<u32> seen;
  u32 count = 0;
  for (u32 a = 0; a < 40; ++a) {
    seen.insert(hash(a));
    for (u32 b = 0; b < 40; ++b) {
      seen.insert(hash(a, b));
      seen.insert(hash(a, b, 0));
      count += 2;
    }
    ++count;
  }
  CHECK(seen.size() == count);
  CHECK(hash(1, 2, 3, 4) != hash(1, 2, 4, 3));
  CHECK(hash(1, 2, 3, 4, 0) != hash(1, 2, 3, 4));
}

TEST_CASE("the hash is the same everywhere", "[sample]") {
  // Written down once: pictures depend on it.
  CHECK(mix_bits(0) == 0);
  CHECK(mix_bits(1) == 0x688990c0u);
  CHECK(hash(0, 0, 0) == 0x944fb554u);
}

TEST_CASE("floats from bits are multiples of 2^-24 below one", "[sample]") {
  CHECK(unit_float(0) == 0.0f);
  CHECK(unit_float(0xffu) == 0.0f);
  CHECK(unit_float(0x100u) == 0x1p-24f);
  CHECK(unit_float(0x80000000u) == 0.5f);
  CHECK(unit_float(0xffffffffu) == 1.0f - 0x1p-24f);
}

}  // namespace oct
