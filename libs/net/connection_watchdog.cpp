#include "net/connection_watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {
namespace {

constexpr Duration kShortestTick = milliseconds(2);
constexpr Duration kHandshakeTick = milliseconds(100);

std::optional<Error> dead(std::string message) {
  return Error{ErrorKind::timed_out, std::move(message)};
}

}  // namespace

void ConnectionWatchdog::established(Instant now, Duration dead) {
  handshake_end_.reset();
  dead_ = dead;
  heard_ = checked_ = now;
  if (moved_) moved_ = now;
}

Duration ConnectionWatchdog::tick() const {
  return std::max(handshake_end_ ? kHandshakeTick : dead_ / 8, kShortestTick);
}

void ConnectionWatchdog::forgive(Duration gap) {
  heard_ += gap;
  if (moved_) *moved_ += gap;
  if (handshake_end_) *handshake_end_ += gap;
}

std::optional<Error> ConnectionWatchdog::check(Instant now) {
  const Duration since_check = now - checked_;
  checked_ = now;
  if (since_check > 4 * tick()) forgive(since_check - tick());
  if (handshake_end_) {
    if (now < *handshake_end_) return std::nullopt;
    return dead("no greeting within the deadline");
  }
  if (now - heard_ >= dead_) return dead(fmt::format("silent for {:.1f} s", to_seconds(now - heard_)));
  if (moved_ && now - *moved_ >= dead_)
    return dead(fmt::format("took nothing of what was sent for {:.1f} s", to_seconds(now - *moved_)));
  return std::nullopt;
}

}  // namespace oct
