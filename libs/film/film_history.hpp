#pragma once
#include <compare>
#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "data/unit.hpp"
#include "film/tile_set.hpp"

// What a film file remembers of the devices that filled it, so that one of them can still be found wrong when
// the master that knew them has ended.

namespace oct {

/// A device as a later run knows it again. Hashes: the file names nobody.
struct DeviceFingerprint {
  Digest computer;
  Digest device;  ///< of all devices of all computers
  friend auto operator<=>(const DeviceFingerprint&, const DeviceFingerprint&) = default;
};

/// A device that had a part in the film, or in an audit. Tiles and not units, since sums of a tile cannot be told
/// apart, and passes may be cut otherwise when the render goes on with more samples.
struct EarlierSource {
  DeviceFingerprint fingerprint;
  TileSet tiles;  ///< of which it filled units
  friend bool operator==(const EarlierSource&, const EarlierSource&) = default;
};

/// A device's answer that was chosen to be compared, and has not been.
struct PendingAudit {
  UnitRange units{};
  Digest sums;               ///< contribution_digest of the answer
  std::uint32_t source = 0;  ///< index into FilmHistory::sources: whose it is
};

struct FilmHistory {
  /// By fingerprint, none of which comes twice. Without those that are trusted: reference devices.
  std::vector<EarlierSource> sources;
  std::vector<PendingAudit> audits;
};

/// invalid_input unless sources, tiles and units exist under these settings; the message lacks the file's name.
Result<void> check_history(const RenderSettings& settings, const FilmHistory& history);

}  // namespace oct
