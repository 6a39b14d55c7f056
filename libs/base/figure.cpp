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

unsigned whole_percent(std::uint64_t done, std::uint64_t whole) {
  if (done >= whole) return 100;
  const double percent = 100.0 * static_cast<double>(done) / static_cast<double>(whole);
  return std::min(99U, static_cast<unsigned>(percent));
}

}  // namespace oct
