#include "film/film_history.hpp"

#include <algorithm>

namespace oct {

Result<void> check_history(const RenderSettings& settings, const FilmHistory& history) {
  const std::uint32_t tiles = tile_count(settings), passes = pass_count(settings);
  const DeviceFingerprint* before = nullptr;
  for (const EarlierSource& source : history.sources) {
    if (before != nullptr && source.fingerprint <= *before)
      return fail(ErrorKind::invalid_input, "holds devices that are not in order");
    before = &source.fingerprint;
    if (!source.tiles.empty() && source.tiles.ranges().back().last > tiles)
      return fail(ErrorKind::invalid_input, "holds tiles that its picture does not have");
  }
  const bool is_possible = std::all_of(history.audits.begin(), history.audits.end(), [&](const auto& audit) {
    return audit.source < history.sources.size() && audit.units.tile < tiles &&
           audit.units.first_pass < audit.units.last_pass && audit.units.last_pass <= passes;
  });
  if (!is_possible) return fail(ErrorKind::invalid_input, "holds an audit that cannot be");
  return {};
}

}  // namespace oct
