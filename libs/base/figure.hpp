#pragma once
#include <string>

namespace oct {

/// A rate, size or time for people, with so many decimals; one below 0.05 gets as many as show two of its digits:
/// "61.3", "0.012", "0.0" only for 0.
std::string figure(double value, int decimals);

}  // namespace oct
