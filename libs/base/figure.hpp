#pragma once
#include <cstdint>
#include <string>

namespace oct {

/// A rate, size or time for people, with the given number of decimals; below 0.05 with as many as show two digits:
/// "61.3", "0.012", "0.0" only for 0.
std::string figure(double value, int decimals);

/// Percent of `whole` for people, rounded down: 100 only when nothing is missing. Nothing of nothing is all of it.
unsigned whole_percent(std::uint64_t done, std::uint64_t whole);

}  // namespace oct
