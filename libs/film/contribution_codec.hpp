#pragma once
#include <span>
#include <vector>

#include "base/result.hpp"
#include "film/contribution.hpp"
#include "wire/messages.hpp"

namespace oct {

/// Finished units of one lease become packets of whole units: the sums of a tile narrowed to the bytes that
/// hold them, lowest bytes first (byte planes), compressed when it pays and the peer reads it. Every packet
/// is within limits. Some 10 ns a sum: for a worker, not for the network's thread.
std::vector<FilmContributions> pack_contributions(std::uint64_t lease, FrameId frame,
                                                  std::span<const FilmContribution> contributions,
                                                  CompressionSet peer_reads);

/// The contributions of a packet, or a protocol error: units that these settings do not have, sizes that do
/// not fit, impossible values (check_contribution). Allocates at most 8 x kMaxContributionUnits sums of a
/// tile. Never throws.
Result<std::vector<FilmContribution>> unpack_contributions(const RenderSettings& settings,
                                                           const FilmContributions& message);

}  // namespace oct
