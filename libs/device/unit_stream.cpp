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
  entries_.clear();
  free_places_.clear();
  used_places_ = 0;
  first_unit_ = oldest_unit_ = started_units_ = path_end_ = waiting_ = 0;
  started_batches_ = finished_batches_ = started_rounds_ = 0;
  known_ = {};
  return machine_.clear();
}

bool UnitStream::has_room() const {
  const QueueSizes& sizes = machine_.sizes();
  return (!free_places_.empty() || used_places_ < sizes.places) && entries_.size() < sizes.units;
}

std::uint32_t UnitStream::take_place() {
  if (free_places_.empty()) return used_places_++;
  const std::uint32_t place = free_places_.back();
  free_places_.pop_back();
  return place;
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
  const std::uint32_t place = take_place();
  machine_.units()[ring_index(unit_end())] = {
      rect.x0, rect.y0, rect.x1 - rect.x0, place, samples.first, pixels, path_end_, paths, 0};
  path_end_ += paths;
  entries_.push_back({ticket, path_end_, place, pixels * kFilmChannels, false});
  ++waiting_;
}

/// Paths that batches may leave: the last one that has finished, and those that have not, which may have begun with a
/// larger limit.
std::uint64_t UnitStream::most_under_way() const {
  std::uint64_t most = known_.active;
  for (std::uint64_t batch = finished_batches_; batch < started_batches_; ++batch)
    most = std::max<std::uint64_t>(most, started_[batch % QueueMachine::kBatchesAhead].paths);
  return most;
}

/// What comes next, with bounds by what is known of the device.
QueueBatch UnitStream::next_batch() const {
  const std::uint64_t paths = rounds_.paths(machine_.sizes().paths);
  const std::uint64_t most_active =
      std::max<std::uint64_t>(paths, most_under_way());  // a new limit ends none
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
  batch.unit_end = unit_end();
  return batch;
}

Result<void> UnitStream::start_batch() {
  const QueueBatch batch = next_batch();
  OCT_TRY(machine_.start(batch));
  started_[started_batches_++ % QueueMachine::kBatchesAhead] = {batch.rounds, batch.most_active};
  started_rounds_ += batch.rounds;
  started_units_ = batch.unit_end;
  return {};
}

/// Waits for the oldest batch.
Result<BatchRecord> UnitStream::finish_batch() {
  constexpr std::chrono::microseconds kAtOnce{300};
  const auto begin = std::chrono::steady_clock::now();
  OCT_TRY_ASSIGN(known_, machine_.finish(finished_batches_));
  const auto end = std::chrono::steady_clock::now();
  const Started& started = started_[finished_batches_ % QueueMachine::kBatchesAhead];
  // who comes late knows only that it has not taken longer
  if (finished_batches_ > 0)
    rounds_.took(end - last_look_, started.rounds, started.paths, end - begin < kAtOnce);
  last_look_ = end;
  ++finished_batches_;
  ++batches_;
  return known_;
}

void UnitStream::take_out(const CollectedUnit& unit, const std::function<void(const FinishedUnit&)>& sink) {
  const std::uint64_t which = ring_index(unit.unit - oldest_unit_);
  OCT_CHECK(which < entries_.size() && !entries_[which].is_out);
  Entry& entry = entries_[which];
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
  const std::uint64_t batch = finished_batches_;
  OCT_TRY_ASSIGN(const BatchRecord record, finish_batch());
  while (first_unit_ < unit_end() && entry(first_unit_).path_end <= record.begun) ++first_unit_;
  OCT_TRY_ASSIGN(const std::span<const CollectedUnit> units, machine_.collect(batch, record.count));
  for (const CollectedUnit& unit : units) take_out(unit, sink);
  // a unit that is out has begun: first_unit_ stays ahead
  for (; !entries_.empty() && entries_.front().is_out; ++oldest_unit_) entries_.pop_front();
  return {};
}

Result<void> UnitStream::settle() {
  OCT_CHECK(is_empty());
  while (finished_batches_ < started_batches_) OCT_TRY(finish_batch());
  return {};
}

}  // namespace oct
