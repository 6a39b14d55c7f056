#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "device/device.hpp"

namespace oct {

/// Traces one sample of one pixel on the calling thread and tells what happened at each step: rays, hits,
/// materials, light samples and contributions. The path is bit for bit the one that every device traces.
///   x, y     pixel, from the top left
///   sample   index of the sample in its pixel
///   errors   invalid_input outside the picture; what building the acceleration structure may say
Result<std::string> describe_pixel(const RenderDataPtr& data, std::uint32_t x, std::uint32_t y,
                                   std::uint32_t sample);

}  // namespace oct
