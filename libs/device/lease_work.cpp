#include "device/lease_work.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace oct {

struct LeaseWork::Unit {
  FilmContribution contribution;
  std::size_t sum_count = 0;
  std::uint64_t first_path = 0, last_path = 0;
  std::mutex mutex;  // guards contribution and pieces_left
  std::uint64_t pieces_left = 0;
};

LeaseWork::LeaseWork(const RenderSettings& settings, const Lease& lease, const ContributionSink& sink)
    : sink_(sink) {
  for (const UnitRange& range : lease.units) {
    const std::uint64_t pixels = pixel_count(tile_rect(settings, range.tile));
    const SampleRange samples = samples_of(settings, range.first_pass, range.last_pass);
    auto unit = std::make_unique<Unit>();
    unit->contribution.units = range;
    unit->sum_count = pixels * kFilmChannels;
    unit->first_path = samples.first * pixels;
    unit->last_path = samples.last * pixels;
    unit->pieces_left = (unit->last_path - unit->first_path + kPathsPerPiece - 1) / kPathsPerPiece;
    first_pieces_.push_back(piece_count_);
    piece_count_ += unit->pieces_left;
    units_.push_back(std::move(unit));
  }
}

LeaseWork::~LeaseWork() = default;

WorkPiece LeaseWork::piece(std::size_t index) const {
  OCT_CHECK(index < piece_count_);
  const auto after = std::upper_bound(first_pieces_.begin(), first_pieces_.end(), index);
  const auto unit_index = static_cast<std::size_t>(after - first_pieces_.begin()) - 1;
  const Unit& unit = *units_[unit_index];
  const std::uint64_t first = unit.first_path + (index - first_pieces_[unit_index]) * kPathsPerPiece;
  return {unit_index, unit.contribution.units.tile, first, std::min(kPathsPerPiece, unit.last_path - first)};
}

std::vector<std::int64_t> LeaseWork::make_sums(const WorkPiece& piece) const {
  return std::vector<std::int64_t>(units_[piece.unit_index]->sum_count);
}

void LeaseWork::finish(const WorkPiece& piece, const std::vector<std::int64_t>& sums,
                       std::uint64_t non_finite) {
  Unit& unit = *units_[piece.unit_index];
  {
    const std::lock_guard lock(unit.mutex);
    FilmContribution& contribution = unit.contribution;
    if (contribution.sums.empty()) contribution.sums.resize(unit.sum_count);
    for (std::size_t i = 0; i < sums.size(); ++i) contribution.sums[i] += sums[i];
    contribution.non_finite_samples += non_finite;
    if (--unit.pieces_left > 0) return;
  }
  send(unit);
}

void LeaseWork::send(Unit& unit) {
  const std::lock_guard lock(sink_mutex_);
  sink_(std::move(unit.contribution));
  units_sent_.fetch_add(1);
}

Result<void> check_units(const RenderSettings& settings, const Lease& lease) {
  const std::uint32_t tiles = tile_count(settings);
  const std::uint32_t passes = pass_count(settings);
  for (const UnitRange& range : lease.units) {
    if (range.tile >= tiles || range.first_pass >= range.last_pass || range.last_pass > passes) {
      return fail(ErrorKind::invalid_input,
                  "lease " + std::to_string(lease.id) + " names units that do not exist");
    }
  }
  return {};
}

}  // namespace oct
