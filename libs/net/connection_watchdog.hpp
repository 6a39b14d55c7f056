#pragma once
#include <optional>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace oct {

/// Whether the other side of a connection is alive: any byte within the deadline is life, and a write that
/// moves nothing for the deadline is death. Pure; asked every tick(). Time in which this very process did not
/// run (a suspended computer, a stopped program) does not count: what came in meanwhile has not been read
/// yet.
class ConnectionWatchdog {
 public:
  /// Until established() only the end of the handshake counts.
  ConnectionWatchdog(Instant now, Instant handshake_end) : checked_(now), handshake_end_(handshake_end) {}

  void established(Instant now, Duration dead);

  void heard(Instant now) { heard_ = now; }
  void write_began(Instant now) { moved_ = now; }
  void write_moved(Instant now) { moved_ = now; }
  void write_ended() { moved_.reset(); }

  /// timed_out when the other side is dead.
  std::optional<Error> check(Instant now);

  /// How often to check: often enough to find a death within an eighth of the deadline.
  Duration tick() const;

 private:
  void forgive(Duration gap);

  Instant checked_;
  std::optional<Instant> handshake_end_;
  Duration dead_{};
  Instant heard_;
  std::optional<Instant> moved_;  ///< since when the write in progress stands still
};

}  // namespace oct
