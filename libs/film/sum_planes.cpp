#include "film/sum_planes.hpp"

#include <bit>

#include "base/check.hpp"
#include "data/unit.hpp"

namespace oct {

std::uint32_t bytes_needed(std::span<const std::int64_t> sums) {
  std::uint64_t used_bits = 0;
  for (const std::int64_t sum : sums) used_bits |= static_cast<std::uint64_t>(sum);
  OCT_CHECK(static_cast<std::int64_t>(used_bits) >= 0);
  return (static_cast<std::uint32_t>(std::bit_width(used_bits)) + 7) / 8;
}

void append_planes(std::span<const std::int64_t> sums, std::uint32_t width, Bytes& bytes) {
  std::size_t at = bytes.size();
  bytes.resize(at + sums.size() * width);
  for (std::uint32_t plane = 0; plane < width; ++plane)
    for (std::size_t channel = 0; channel < kFilmChannels; ++channel)
      for (std::size_t i = channel; i < sums.size(); i += kFilmChannels)
        bytes[at++] = static_cast<std::byte>(static_cast<std::uint64_t>(sums[i]) >> (8 * plane));
}

void read_planes(ByteView bytes, std::uint32_t width, std::span<std::int64_t> sums) {
  std::size_t at = 0;
  for (std::uint32_t plane = 0; plane < width; ++plane)
    for (std::size_t channel = 0; channel < kFilmChannels; ++channel)
      for (std::size_t i = channel; i < sums.size(); i += kFilmChannels)
        sums[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sums[i]) |
                                            std::to_integer<std::uint64_t>(bytes[at++]) << (8 * plane));
}

}  // namespace oct
