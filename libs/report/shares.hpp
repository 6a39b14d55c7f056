#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace oct {

/// What one device or computer has done of a whole.
struct Share {
  std::string name;
  std::uint64_t amount = 0;
};

/// Whole percentages that add up to 100: rounded down, and the largest remainders up. All 0 where nothing was done.
std::vector<int> whole_percentages(const std::vector<Share>& shares);

/// "DESK CPU 25 %, RENDER1 50 %, render2 25 %"; behind `most` of them "and 54 others 12 %".
std::string shares_text(const std::vector<Share>& shares, std::size_t most);

}  // namespace oct
