#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/figure.hpp"
#include "report/words.hpp"

// Quantities for people.

namespace oct {

std::string duration_text(double seconds_long) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::ceil(seconds_long)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string speed_text(double samples_per_second) {
  const double millions = samples_per_second / 1e6;
  const int digits = millions >= 100 ? 0 : millions >= 10 ? 1 : millions >= 1 ? 2 : 3;
  return figure(millions, digits) + " Ms/s";
}

std::string megabytes_figure(std::uint64_t bytes) {
  return figure(static_cast<double>(bytes) / 1e6, bytes > 0 && bytes < 950'000 ? 1 : 0);
}

std::string megabytes_text(std::uint64_t bytes) {
  return megabytes_figure(bytes) + " MB";
}

}  // namespace oct
