#include "simt/sass_cost.hpp"

#include <array>
#include <string_view>

namespace oct::simt {
namespace {

/// By how the opcode begins; the first that fits counts.
constexpr std::array<std::pair<std::string_view, double>, 28> kCosts = {
    {{"div.rn.f32", 12},   {"sqrt.rn.f32", 11},
     {"rcp.rn.f32", 9},    {"div.rn.f64", 30},
     {"div.u32", 17},      {"div.u64", 70},
     {"mov.pred", 0.5},    {"mov", 0.4},
     {"cvta", 0},          {"ld.param", 0.3},
     {"bra.uni", 0.6},     {"bra", 1.5},  // with its part of meeting again
     {"and.b32", 0.7},     {"or.b32", 0.7},
     {"xor.b32", 0.7},     {"and.pred", 0.5},
     {"or.pred", 0.5},     {"not.pred", 0.5},
     {"xor.pred", 0.5},    {"add.s64", 0.8},
     {"add.u64", 0.8},     {"mul.lo.s64", 3},
     {"cvt.u64.u32", 0.2}, {"cvt.u32.u64", 0.2},
     {"cvt.u32.u16", 0.2}, {"bar.warp", 1},
     {"atom", 2},          {"red", 2}}};

}  // namespace

double sass_cost(const std::string& opcode) {
  for (const auto& [begin, cost] : kCosts) {
    if (opcode.starts_with(begin)) return cost;
  }
  return 1;
}

}  // namespace oct::simt
