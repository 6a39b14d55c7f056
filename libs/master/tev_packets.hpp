#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

// Packets of the image viewer tev, as its header Ipc.h and pbrt-v4 have them. All numbers are little-endian
// int32; a text ends with a zero byte. A packet is its size in bytes (with these four), a byte for what it
// asks, and what belongs to that:
//   4 CreateImage   grab focus (byte), name, width, height, number of channels, names of channels
//   3 UpdateImage   grab focus (byte), name, channel, x, y, width, height, width x height float32 in rows
// UpdateImage brings one channel, which every version of tev understands.

namespace oct {

/// A rectangle of a picture, in pixels from the top left.
struct TevRect {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
};

/// A new, black picture with the channels R, G and B; one of the same name is replaced.
Bytes tev_create_image(const std::string& name, std::uint32_t width, std::uint32_t height);

/// Appends the three packets that bring the colours of a rectangle: width x height x 3 values, RGB, in rows.
void append_tev_update(Bytes& packets, const std::string& name, const TevRect& rect,
                       std::span<const float> rgb);

}  // namespace oct
