#include "farm/scan_schedule.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace oct {
namespace {

/// After a pause of this program not more than so many seconds' worth goes out at once.
constexpr double kMostBurstSeconds = 0.1;

}  // namespace

ScanSchedule::ScanSchedule(const ScanLimits& limits, ScanTargets targets, Instant now)
    : limits_(limits), targets_(std::move(targets)), next_round_(now), paced_(now), retry_at_(now) {
  begin_sweep(now);
}

void ScanSchedule::set_targets(ScanTargets targets, Instant now) {
  const bool same = targets.subnets == targets_.subnets && targets.port == targets_.port;
  targets_ = std::move(targets);
  if (same) return;
  postponed_.clear();
  request(now);
}

void ScanSchedule::request(Instant now) {
  next_round_ = now;
  begin_sweep(now);
}

void ScanSchedule::begin_sweep(Instant now) {
  next_sweep_ = now + limits_.sweep_interval;
  sweep_place_ = 0;
  sweep_host_ = 0;
}

ScanSchedule::Due ScanSchedule::due(Instant now) {
  Due due;
  if (now >= next_round_) {
    // Counted from now, not from when it was due: after a suspended computer wakes up one round is enough.
    next_round_ = now + limits_.interval;
    due.round = true;
    add_round(due);
  }
  if (now >= next_sweep_ && !sweeping()) begin_sweep(now);
  add_sweep(due, now);
  return due;
}

void ScanSchedule::add_round(Due& due) const {
  std::set<std::pair<std::string, std::uint16_t>> asked;
  const auto add = [&](const std::string& address, std::uint16_t port) {
    if (asked.emplace(address, port).second) due.probes.push_back({{address, port}, false});
  };
  add(targets_.this_computer, targets_.port);
  for (const ScanSubnet& subnet : targets_.subnets) {
    if (!subnet.broadcast.empty()) add(subnet.broadcast, targets_.port);
  }
  for (const Endpoint& known : known_) add(known.address, known.port);
}

void ScanSchedule::add_sweep(Due& due, Instant now) {
  const double rate = limits_.addresses_per_second;
  budget_ = std::min(budget_ + to_seconds(now - paced_) * rate, std::max(1.0, rate * kMostBurstSeconds));
  paced_ = now;
  if (now < retry_at_) return;
  for (; budget_ >= 1 && !postponed_.empty(); budget_ -= 1) {
    due.probes.push_back(std::move(postponed_.front()));
    postponed_.pop_front();
  }
  while (budget_ >= 1 && sweep_place_ < targets_.subnets.size()) {
    const Subnet& subnet = targets_.subnets[sweep_place_].subnet;
    if (sweep_host_ == subnet.host_count()) {
      ++sweep_place_;
      sweep_host_ = 0;
      continue;
    }
    due.probes.push_back({{ipv4_text(subnet.host(sweep_host_++)), targets_.port}, true});
    budget_ -= 1;
  }
  // The end of the last subnet is seen at once, so that sweeping() is true no longer than needed.
  if (sweep_place_ + 1 == targets_.subnets.size() &&
      sweep_host_ == targets_.subnets[sweep_place_].subnet.host_count())
    ++sweep_place_;
}

void ScanSchedule::postpone(Probe probe, Instant now) {
  retry_at_ = now + limits_.retry_pause;
  postponed_.push_back(std::move(probe));
}

}  // namespace oct
