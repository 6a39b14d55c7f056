#include "race.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

namespace oct::bench {
namespace {

double seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

double Contender::median() const {
  return median_of(seconds);
}

void race(std::vector<Contender>& contenders, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      Contender& contender = contenders[(i + static_cast<std::size_t>(round)) % contenders.size()];
      contender.seconds.push_back(seconds_of(contender.work));
    }
  }
}

void print_race(const std::vector<Contender>& contenders, double millions, std::size_t to) {
  for (const Contender& contender : contenders) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < contender.seconds.size(); ++i) {
      ratios.push_back(contenders[to].seconds[i] / contender.seconds[i]);
    }
    fmt::print("  {:<28} {:7.3f} M/s  {:5.2f}\n", contender.name, millions / contender.median(),
               median_of(ratios));
  }
}

}  // namespace oct::bench
