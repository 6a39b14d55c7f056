#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// Frames have numbers from -kLargestFrame to kLargestFrame.
inline constexpr std::int32_t kLargestFrame = 9'999'999;
/// Of one run, all its jobs together. It keeps a record of each.
inline constexpr std::size_t kMostFrames = 100'000;

/// The frames of --frames, in the order in which they are named. An item is a number, a range (1-240, -5..5, -5-5), or every
/// Nth frame of a range (1-240x2).
///   items    as they stand between the commas
///   errors   invalid_input with the item: it is none of these, a range runs backwards, a number is out of range, a frame
///            is named twice, there are more than kMostFrames. The list is not expanded before that is known.
Result<std::vector<std::int32_t>> frames_from_items(const std::vector<std::string>& items);

}  // namespace oct
