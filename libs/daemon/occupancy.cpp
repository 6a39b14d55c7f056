#include "daemon/occupancy.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

bool is_same_user(const DaemonOwner& a, const DaemonOwner& b) {
  return a.nick == b.nick && a.address == b.address;
}

/// One program: a master's port is its own as long as it runs.
bool is_same_master(const DaemonOwner& a, const DaemonOwner& b) {
  return is_same_user(a, b) && a.port == b.port;
}

DaemonOwner with_age(DaemonOwner who, Instant since, Moment now) {
  who.age_s = static_cast<std::uint64_t>(std::max(0.0, to_seconds(now.instant - since)));
  return who;
}

}  // namespace

std::optional<Refusal> Occupancy::refusal(const DaemonOwner& asker, bool steals, Moment now) const {
  if (ending_) return Refusal{OccupyRefusal::ending, {}, {}};
  if (const auto paused = pause(now)) return Refusal{OccupyRefusal::paused, {}, paused};
  if (withheld_) return Refusal{OccupyRefusal::paused, {}, {}, withheld_};
  if (reservation_ && now.instant < reservation_->until && !is_same_user(reservation_->who, asker))
    return Refusal{OccupyRefusal::reserved, with_age(reservation_->who, reservation_->since, now), {}};
  if (!owner_ || steals || is_same_master(owner_->who, asker)) return std::nullopt;
  return Refusal{OccupyRefusal::bound_to_other, owner_to_tell(now), {}};
}

Eviction Occupancy::eviction_by(const DaemonOwner& next) const {
  const bool same = owner_ && is_same_master(owner_->who, next);
  return {same ? Eviction::Why::new_connection : Eviction::Why::taken_over, next, {}};
}

std::optional<DaemonOwner> Occupancy::owner_to_tell(Moment now) const {
  if (!owner_) return std::nullopt;
  return with_age(owner_->who, owner_->since, now);
}

void Occupancy::take(ConnectionId connection, DaemonOwner who, Moment now) {
  reservation_.reset();
  owner_ = Owner{connection, std::move(who), now.instant};
}

void Occupancy::keep_for(DaemonOwner who, Moment now) {
  reservation_ = Reservation{std::move(who), now.instant, now.instant + reservation_time_};
}

Pause Occupancy::begin_pause(std::uint32_t minutes, Moment now) {
  const std::uint64_t end = minutes == 0 ? 0 : now.unix_s + std::uint64_t{minutes} * 60;
  reservation_.reset();
  return pause_.emplace(Pause{end, now.unix_s});
}

bool Occupancy::end_pause() {
  return std::exchange(pause_, std::nullopt).has_value();
}

bool Occupancy::end_pause_if_over(Moment now) {
  return !pause(now) && end_pause();
}

std::optional<Pause> Occupancy::pause(Moment now) const {
  const bool lasts = pause_ && (pause_->until_unix_s == 0 || now.unix_s < pause_->until_unix_s);
  return lasts ? pause_ : std::nullopt;
}

std::optional<Instant> Occupancy::pause_end(Moment now) const {
  if (!pause_ || pause_->until_unix_s == 0) return std::nullopt;
  const std::uint64_t left = pause_->until_unix_s - std::min(pause_->until_unix_s, now.unix_s);
  return now.instant + seconds(left);
}

}  // namespace oct
