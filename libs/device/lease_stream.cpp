#include "device/lease_stream.hpp"

#include <algorithm>
#include <utility>

#include "device/lease_work.hpp"

namespace oct {
namespace {

/// A lease's number and the index of a unit in it.
std::uint64_t ticket_of(std::uint32_t lease, std::size_t unit) {
  return std::uint64_t{lease} << 32 | static_cast<std::uint32_t>(unit);
}

}  // namespace

LeaseStream::LeaseStream(QueueMachine& machine, const RenderSettings& settings, LeaseSource& source,
                         ProgressCounter& progress, RoundsAhead rounds)
    : settings_(settings), stream_(machine, settings, rounds), source_(source), progress_(progress) {}

void LeaseStream::run() {
  Result<void> going = stream_.clear();
  while (going && (!open_.empty() || take_lease())) {
    going = end_cancelled();
    if (!going) break;
    feed();
    answer_in_turn();
    if (!open_.empty()) going = stream_.advance([this](const FinishedUnit& unit) { send(unit); });
    progress_.fetch_add(1, std::memory_order_relaxed);
    answer_in_turn();
  }
  if (going) {
    static_cast<void>(stream_.settle());  // the next stream tells what is wrong with the device
    return;
  }
  if (open_.empty()) take_lease();  // somebody must be told
  answer_all(going.error());
}

bool LeaseStream::take_lease() {
  std::optional<LeaseJob> job = source_.next();
  if (!job) return false;
  open(*std::move(job));
  return true;
}

void LeaseStream::open(LeaseJob job) {
  OpenLease lease;
  lease.is_sent.resize(job.lease->units.size());
  lease.missing = job.lease->units.size();
  if (Result<void> checked = check_units(settings_, *job.lease); !checked) lease.error = checked.error();
  lease.job = std::move(job);
  open_.push_back(std::move(lease));
}

/// Adds the next unit of all leases that are open. False when there is none.
bool LeaseStream::add_unit() {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    OpenLease& lease = open_[i];
    const std::vector<UnitRange>& units = lease.job.lease->units;
    while (lease.next_unit < units.size() && lease.is_sent[lease.next_unit]) ++lease.next_unit;
    if (lease.error || lease.next_unit == units.size()) continue;
    const UnitRange& range = units[lease.next_unit];
    const auto number = first_number_ + static_cast<std::uint32_t>(i);
    stream_.add(range.tile, samples_of(settings_, range.first_pass, range.last_pass),
                ticket_of(number, lease.next_unit));
    ++lease.next_unit;
    return true;
  }
  return false;
}

void LeaseStream::feed() {
  while (stream_.is_hungry() && (add_unit() || take_lease())) continue;
}

void LeaseStream::send(const FinishedUnit& unit) {
  OpenLease& lease = open_.at(static_cast<std::uint32_t>(unit.ticket >> 32) - first_number_);
  const auto index = static_cast<std::uint32_t>(unit.ticket);
  FilmContribution contribution;
  contribution.units = lease.job.lease->units.at(index);
  contribution.sums.assign(unit.sums.begin(), unit.sums.end());
  contribution.non_finite_samples = unit.non_finite;
  lease.is_sent[index] = true;
  --lease.missing;
  lease.job.sink(std::move(contribution));
  progress_.fetch_add(1, std::memory_order_relaxed);
}

/// Paths of a cancelled lease cannot be told from others in the queues: everything begins again without it, but for the
/// units that have been sent.
Result<void> LeaseStream::end_cancelled() {
  bool is_any = false, is_under_way = false;
  for (OpenLease& lease : open_) {
    if (lease.error || lease.missing == 0 || !lease.job.stop.stop_requested()) continue;
    lease.error = Error{ErrorKind::cancelled, "the lease was cancelled"};
    is_any = true;
    is_under_way |= lease.next_unit > 0;
  }
  if (!is_any || !is_under_way) return {};
  for (OpenLease& lease : open_) lease.next_unit = 0;
  return stream_.clear();
}

void LeaseStream::answer_in_turn() {
  while (!open_.empty() && (open_.front().error || open_.front().missing == 0)) {
    const OpenLease lease = std::move(open_.front());
    open_.pop_front();
    ++first_number_;
    lease.job.done(lease.error ? Result<void>(fail(*lease.error)) : Result<void>());
  }
}

void LeaseStream::answer_all(const Error& error) {
  for (OpenLease& lease : open_) {
    if (!lease.error && lease.missing > 0) lease.error = error;
  }
  answer_in_turn();
}

std::optional<LeaseJob> OneLease::next() {
  if (std::exchange(is_taken_, true)) return std::nullopt;
  return LeaseJob{&lease_, stop_, sink_, [this](Result<void> result) { result_ = std::move(result); }};
}

Result<void> render_one(Device& device, std::uint32_t slot, const Lease& lease, std::stop_token stop,
                        ProgressCounter& progress, const ContributionSink& sink) {
  OneLease source(lease, std::move(stop), sink);
  device.render_leases(slot, source, progress);
  return source.result();
}

}  // namespace oct
