#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

// How the sums of a tile travel and are kept: narrowed to the bytes that hold them, these grouped by place.

namespace oct {

/// Bytes that hold every one of these sums, none of which is negative: 0 when all are zero, at most 8.
std::uint32_t bytes_needed(std::span<const std::int64_t> sums);

/// Appends sums.size() x width bytes: the lowest byte of each sum, then the next of each... Channels apart
/// (kFilmChannels, interleaved in `sums`), so that neighbours in a plane are neighbours in the picture.
void append_planes(std::span<const std::int64_t> sums, std::uint32_t width, Bytes& bytes);

/// The inverse, into sums that are zero; `bytes` has sums.size() x width bytes.
void read_planes(ByteView bytes, std::uint32_t width, std::span<std::int64_t> sums);

}  // namespace oct
