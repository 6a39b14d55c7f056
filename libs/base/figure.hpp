#pragma once
#include <string>

namespace oct {

/// A rate, size or time for people, with the given number of decimals; below 0.05 with as many as show two digits:
/// "61.3", "0.012", "0.0" only for 0.
std::string figure(double value, int decimals);

}  // namespace oct
