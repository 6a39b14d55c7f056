#include "master/ledger.hpp"

#include "base/check.hpp"

namespace oct {

Ledger::Ledger(const RenderSettings& settings)
    : settings_(settings),
      tiles_(tile_count(settings)),
      passes_(pass_count(settings)),
      sources_(static_cast<std::size_t>(tiles_) * passes_, kNoSource),
      samples_wanted_(std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel) {}

Verdict Ledger::offer(const FilmContribution& contribution, SourceId source) {
  OCT_CHECK(source != kNoSource);
  const UnitRange units = contribution.units;
  if (!exists(units) || !check_contribution(settings_, contribution)) {
    ++dropped_;
    return Verdict::impossible;
  }
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    if (is_filled(units.tile, pass)) {
      ++dropped_;
      return Verdict::duplicate;
    }
  }
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    sources_[index(units.tile, pass)] = source;
  }
  samples_merged_ += samples_in(units);
  return Verdict::accepted;
}

bool Ledger::exists(UnitRange units) const {
  return units.tile < tiles_ && units.first_pass < units.last_pass && units.last_pass <= passes_;
}

bool Ledger::all_filled(UnitRange units) const {
  for (std::uint32_t pass = units.first_pass; pass < units.last_pass; ++pass) {
    if (!is_filled(units.tile, pass)) return false;
  }
  return true;
}

std::uint64_t Ledger::samples_in(UnitRange units) const {
  const SampleRange samples = samples_of(settings_, units.first_pass, units.last_pass);
  return std::uint64_t{pixel_count(tile_rect(settings_, units.tile))} * (samples.last - samples.first);
}

}  // namespace oct
