#pragma once
#include <functional>
#include <string>
#include <vector>

namespace oct::bench {

/// One of the things that are timed.
struct Contender {
  std::string name;
  std::function<void()> work;
  std::vector<double> seconds = {};  ///< of processor time, one a round

  double median() const;
};

/// Lets all take turns, so that what else the machine does meets all alike; and who begins changes.
void race(std::vector<Contender>& contenders, int rounds);

/// A line for each: millions a second, and the median over the rounds of the ratio to contender `to`.
void print_race(const std::vector<Contender>& contenders, double millions, std::size_t to);

}  // namespace oct::bench
