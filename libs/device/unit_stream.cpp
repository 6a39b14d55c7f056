#include "device/unit_stream.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace oct {

UnitStream::UnitStream(QueueMachine& machine, const RenderSettings& settings, RoundsAhead rounds)
    : machine_(machine), settings_(settings), rounds_(rounds) {
  const QueueSizes& sizes = machine.sizes();
  OCT_CHECK(sizes.paths > 0 && sizes.places > 0 && sizes.collected > 0 && sizes.units >= sizes.places &&
            (sizes.units & (sizes.units - 1)) == 0);
}

Result<void> UnitStream::clear() {
  const QueueSizes& sizes = machine_.sizes();
  entries_.assign(sizes.units, Entry());
  free_places_.resize(sizes.places);
  for (std::uint32_t i = 0; i < sizes.places; ++i) free_places_[i] = sizes.places - 1 - i;
  first_unit_ = oldest_unit_ = started_units_ = unit_end_ = path_end_ = waiting_ = 0;
  started_batches_ = finished_batches_ = started_rounds_ = 0;
  known_ = {};
  return machine_.clear();
}

bool UnitStream::has_room() const {
  return !free_places_.empty() && unit_end_ - oldest_unit_ < entries_.size();
}

bool UnitStream::is_hungry() const {
  const std::uint64_t paths = machine_.sizes().paths;
  return has_room() && paths_left() < QueueMachine::kBatchesAhead * paths * rounds_.rounds(paths);
}

void UnitStream::add(std::uint32_t tile, SampleRange samples, std::uint64_t ticket) {
  OCT_CHECK(has_room());
  const TileRect rect = tile_rect(settings_, tile);
  const std::uint32_t pixels = pixel_count(rect);
  const std::uint64_t paths = std::uint64_t{pixels} * (samples.last - samples.first);
  const std::uint32_t place = free_places_.back();
  free_places_.pop_back();
  machine_.units()[unit_end_ & (entries_.size() - 1)] = {
      rect.x0, rect.y0, rect.x1 - rect.x0, place, samples.first, pixels, path_end_, paths, 0};
  path_end_ += paths;
  entry(unit_end_++) = {ticket, path_end_, place, pixels * kFilmChannels, false};
  ++waiting_;
}

/// What comes next, with bounds by what is known of the device.
QueueBatch UnitStream::next_batch() const {
  const std::uint64_t paths = rounds_.paths(machine_.sizes().paths);
  const std::uint64_t most_active = std::max<std::uint64_t>(paths, known_.active);  // a new limit ends none
  // Units without a place hold the queues empty: places are given back between batches.
  const bool is_starved = !has_room() && paths_left() < paths;
  QueueBatch batch{};
  batch.number = started_batches_;
  batch.first_round = started_rounds_;
  batch.paths = static_cast<u32>(paths);
  batch.most_fresh = static_cast<u32>(std::min(paths, paths_left()));
  batch.most_active = static_cast<u32>(std::min(most_active, known_.active + paths_left()));
  batch.rounds = is_starved ? 1 : rounds_.rounds(batch.most_active);
  batch.most_finished = static_cast<u32>(waiting_);
  batch.path_end = path_end_;
  batch.first_unit = first_unit_;
  batch.new_units = started_units_;
  batch.unit_end = unit_end_;
  return batch;
}

Result<void> UnitStream::start_batch() {
  const QueueBatch batch = next_batch();
  OCT_TRY(machine_.start(batch));
  started_[started_batches_++ % QueueMachine::kBatchesAhead] = {batch.rounds, batch.most_active};
  started_rounds_ += batch.rounds;
  started_units_ = unit_end_;
  return {};
}

void UnitStream::note_progress(const BatchRecord& record) {
  const auto now = std::chrono::steady_clock::now();
  const Started& started = started_[finished_batches_ % QueueMachine::kBatchesAhead];
  if (finished_batches_ > 0) rounds_.took(now - last_look_, started.rounds, started.paths);
  last_look_ = now;
  known_ = record;
  ++finished_batches_;
  ++batches_;
  while (first_unit_ < unit_end_ && entry(first_unit_).path_end <= known_.begun) ++first_unit_;
}

void UnitStream::take_out(const CollectedUnit& unit, const std::function<void(const FinishedUnit&)>& sink) {
  OCT_CHECK(unit.unit < entries_.size() && !entries_[unit.unit].is_out);
  Entry& entry = entries_[unit.unit];
  entry.is_out = true;
  free_places_.push_back(entry.place);
  --waiting_;
  sink({entry.ticket, std::span(unit.sums).first(entry.sum_count), unit.non_finite});
}

Result<void> UnitStream::advance(const std::function<void(const FinishedUnit&)>& sink) {
  // a batch whose units are all out already would tell nothing
  while (waiting_ > 0 && started_batches_ - finished_batches_ < QueueMachine::kBatchesAhead)
    OCT_TRY(start_batch());
  if (started_batches_ == finished_batches_) return {};
  const std::uint64_t oldest = finished_batches_;
  OCT_TRY_ASSIGN(const BatchRecord record, machine_.finish(oldest));
  note_progress(record);
  OCT_TRY_ASSIGN(const std::span<const CollectedUnit> units, machine_.collect(oldest, record.count));
  for (const CollectedUnit& unit : units) take_out(unit, sink);
  while (oldest_unit_ < unit_end_ && entry(oldest_unit_).is_out) ++oldest_unit_;
  return {};
}

}  // namespace oct
