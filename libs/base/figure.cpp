#include "base/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace oct {

std::string figure(double value, int decimals) {
  constexpr double kSmall = 0.05;
  constexpr int kMostDecimals = 12;
  if (value > 0 && value < kSmall) {
    const int two_digits = 1 - static_cast<int>(std::floor(std::log10(value)));
    decimals = std::min(kMostDecimals, std::max(decimals, two_digits));
  }
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace oct
