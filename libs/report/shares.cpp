#include "report/shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/plural.hpp"

namespace oct {

std::vector<int> whole_percentages(const std::vector<Share>& shares) {
  std::vector<int> percentages(shares.size(), 0);
  double whole = 0;
  for (const Share& share : shares) whole += static_cast<double>(share.amount);
  if (whole == 0) return percentages;
  std::vector<double> remainders(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double exact = 100.0 * static_cast<double>(shares[i].amount) / whole;
    percentages[i] = static_cast<int>(exact);
    remainders[i] = exact - percentages[i];
  }
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  const int missing = 100 - std::accumulate(percentages.begin(), percentages.end(), 0);
  for (int i = 0; i < missing; ++i) ++percentages[order[static_cast<std::size_t>(i) % order.size()]];
  return percentages;
}

std::string shares_text(const std::vector<Share>& shares, std::size_t most) {
  const std::vector<int> percentages = whole_percentages(shares);
  const std::size_t shown =
      shares.size() > most + 1 ? most : shares.size();  // no line is saved by "and 1 other"
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{}{} {} %", i == 0 ? "" : ", ", shares[i].name, percentages[i]);
  if (shown == shares.size()) return text;
  const int others =
      std::accumulate(percentages.begin() + static_cast<std::ptrdiff_t>(shown), percentages.end(), 0);
  return text + fmt::format(" and {} others {} %", shares.size() - shown, others);
}

}  // namespace oct
