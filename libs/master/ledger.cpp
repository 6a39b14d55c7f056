#include "master/ledger.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace oct {

namespace {

std::vector<std::uint32_t> ends_of_passes(const RenderSettings& settings) {
  std::vector<std::uint32_t> ends;
  do ends.push_back(pass_end_after(settings, ends.empty() ? 0 : ends.back()));
  while (ends.back() < settings.samples_per_pixel);
  return ends;
}

}  // namespace

Ledger::Ledger(const RenderSettings& settings)
    : settings_(settings),
      ends_(ends_of_passes(settings)),
      tiles_(tile_count(settings)),
      passes_(static_cast<std::uint32_t>(ends_.size())),
      sources_(static_cast<std::size_t>(tiles_) * passes_, kNoSource),
      open_(tiles_, passes_),
      wanted_(tiles_, passes_),
      open_in_all_(passes_),
      wanted_in_all_(passes_) {
  count_samples();
}

Offered Ledger::offer(const FilmContribution& contribution, SourceId source) {
  OCT_CHECK(source != kNoSource);
  const UnitRange units = contribution.units;
  if (!exists(units) || !check_contribution(settings_, contribution)) {
    ++dropped_;
    return Offered::impossible;
  }
  if (!is_open(units) || any_filled(units)) {
    ++dropped_;
    return Offered::duplicate;
  }
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    sources_[index(units.tile, pass)] = source;
  }
  const std::uint64_t samples = samples_in(units);
  samples_merged_ += samples;
  samples_of_[source] += samples;
  return Offered::accepted;
}

void Ledger::restore(const std::vector<bool>& filled, std::map<SourceId, TileSet> parts) {
  OCT_CHECK_EQ(filled.size(), sources_.size());
  OCT_CHECK_EQ(samples_merged_, std::uint64_t{0});
  for (std::uint32_t pass = 0; pass < passes_; ++pass) {
    for (std::uint32_t tile = 0; tile < tiles_; ++tile) {
      if (!filled[index(tile, pass)]) continue;
      sources_[index(tile, pass)] = kFromFilmFile;
      samples_merged_ += samples_in({tile, pass, pass + 1});
    }
  }
  if (samples_merged_ > 0) samples_of_[kFromFilmFile] = samples_merged_;
  earlier_ = std::move(parts);
  std::erase_if(earlier_, [](const auto& entry) { return entry.second.empty(); });
}

std::vector<bool> Ledger::filled() const {
  std::vector<bool> bits(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) bits[i] = sources_[i] != kNoSource;
  return bits;
}

std::map<SourceId, std::uint64_t> Ledger::clear_tile(std::uint32_t tile) {
  std::map<SourceId, std::uint64_t> lost;
  ++tiles_cleared_;
  for (std::uint32_t pass = 0; pass < passes_; ++pass) {
    if (!is_filled(tile, pass)) continue;
    const std::uint64_t samples = samples_in({tile, pass, pass + 1});
    lost[source_of(tile, pass)] += samples;
    samples_of_[source_of(tile, pass)] -= samples;
    samples_merged_ -= samples;
    sources_[index(tile, pass)] = kNoSource;
  }
  for (auto& [source, tiles] : earlier_) tiles.remove(tile);
  std::erase_if(earlier_, [](const auto& entry) { return entry.second.empty(); });
  return lost;
}

std::uint64_t Ledger::samples_of(SourceId source) const {
  const auto found = samples_of_.find(source);
  return found == samples_of_.end() ? 0 : found->second;
}

std::vector<std::uint32_t> Ledger::tiles_of(SourceId source) const {
  if (const auto found = earlier_.find(source); found != earlier_.end()) return found->second.tiles();
  std::vector<std::uint32_t> tiles;
  for (std::uint32_t tile = 0; tile < tiles_; ++tile) {
    for (std::uint32_t pass = 0; pass < passes_; ++pass) {
      if (source_of(tile, pass) != source) continue;
      tiles.push_back(tile);
      break;
    }
  }
  return tiles;
}

std::map<SourceId, TileSet> Ledger::tiles_by_source() const {
  SourceId end = 0;
  for (const auto& [source, samples] : samples_of_) {
    if (source != kFromFilmFile) end = std::max(end, source + 1);
  }
  // by number and not in a map, and each source once for a tile: there may be millions of units
  std::vector<TileSet> sets(end);
  std::vector<std::uint32_t> last_tile(end, tiles_);
  for (std::uint32_t tile = 0; tile < tiles_; ++tile) {
    for (std::uint32_t pass = 0; pass < passes_; ++pass) {
      const SourceId source = source_of(tile, pass);
      if (source >= end || last_tile[source] == tile) continue;
      last_tile[source] = tile;
      sets[source].append(tile);
    }
  }
  std::map<SourceId, TileSet> result = earlier_;
  for (SourceId source = 0; source < end; ++source) {
    if (!sets[source].empty()) result.emplace(source, std::move(sets[source]));
  }
  return result;
}

bool Ledger::exists(UnitRange units) const {
  return units.tile < tiles_ && units.first_pass < units.last_pass && units.last_pass <= passes_;
}

bool Ledger::any_filled(UnitRange units) const {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    if (is_filled(units.tile, pass)) return true;
  }
  return false;
}

bool Ledger::all_filled(UnitRange units) const {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    if (!is_filled(units.tile, pass)) return false;
  }
  return true;
}

std::uint64_t Ledger::samples_in(UnitRange units) const {
  const std::uint32_t first = units.first_pass == 0 ? 0 : ends_[units.first_pass - 1];
  const std::uint32_t end = ends_[std::min(units.last_pass, passes_) - 1];
  return std::uint64_t{pixel_count(tile_rect(settings_, units.tile))} * (end - first);
}

/// Of all pixels of a tile, up to the end of a pass.
std::uint64_t Ledger::samples_before(std::uint32_t tile, std::uint32_t passes) const {
  return passes == 0 ? 0 : samples_in({tile, 0, passes});
}

// What is decided.

std::pair<std::uint32_t, std::uint32_t> Ledger::wanted_samples_per_pixel() const {
  std::uint32_t least = passes_, most = 1;
  for (std::uint32_t tile = 0; tile < tiles_; ++tile) {
    least = std::min(least, wanted_passes(tile));
    most = std::max(most, wanted_passes(tile));
  }
  return {ends_[least - 1], ends_[most - 1]};
}

void Ledger::open_tile(std::uint32_t tile, std::uint32_t passes) {
  samples_open_ -= samples_before(tile, open_passes(tile));
  samples_wanted_ -= samples_before(tile, wanted_passes(tile));
  open_[tile] = std::min(passes, passes_);
  wanted_[tile] = passes_;
  samples_open_ += samples_before(tile, open_passes(tile));
  samples_wanted_ += samples_before(tile, wanted_passes(tile));
}

void Ledger::close_tile(std::uint32_t tile) {
  samples_wanted_ -= samples_before(tile, wanted_passes(tile));
  wanted_[tile] = open_[tile];
  samples_wanted_ += samples_before(tile, wanted_passes(tile));
}

void Ledger::open_all(std::uint32_t passes) {
  open_in_all_ = std::min(passes, wanted_in_all_);
  count_samples();
}

void Ledger::close_all() {
  wanted_in_all_ = open_in_all_;
  count_samples();
}

void Ledger::count_samples() {
  samples_open_ = samples_wanted_ = 0;
  for (std::uint32_t tile = 0; tile < tiles_; ++tile) {
    samples_open_ += samples_before(tile, open_passes(tile));
    samples_wanted_ += samples_before(tile, wanted_passes(tile));
  }
}

}  // namespace oct
