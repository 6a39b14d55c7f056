#pragma once
#include <cstdint>
#include <optional>

#include "daemon/daemon_events.hpp"

namespace oct {

/// Who may have the daemon. The open connection of the owner is the occupancy: there is at most one. Besides, it may be
/// kept for somebody for a moment, paused, withheld, or about to end. Pure; time is a parameter.
class Occupancy {
 public:
  struct Owner {
    ConnectionId connection = 0;
    DaemonOwner who;
    Instant since;
  };

  /// `reservation`: for how long it is kept for who stole it.
  explicit Occupancy(Duration reservation) : reservation_time_(reservation) {}

  const std::optional<Owner>& owner() const { return owner_; }
  bool is_owner(ConnectionId connection) const { return owner_ && owner_->connection == connection; }
  /// Nothing: the asker may have it, from the owner if there is one. Its own former connection, half dead perhaps, is no
  /// obstacle.
  std::optional<Refusal> refusal(const DaemonOwner& asker, bool steals, Moment now) const;
  /// What the owner is told who loses it to `next`.
  Eviction eviction_by(const DaemonOwner& next) const;

  /// What others are told of the owner: since when, as an age, since clocks may be wrong.
  std::optional<DaemonOwner> owner_to_tell(Moment now) const;

  void take(ConnectionId connection, DaemonOwner who, Moment now);
  void release() { owner_.reset(); }
  void keep_for(DaemonOwner who, Moment now);

  /// The person at this computer wants it for so long, 0 = until the pause is ended.
  Pause begin_pause(std::uint32_t minutes, Moment now);
  /// Whether there was one.
  bool end_pause();
  /// Whether one has just run out.
  bool end_pause_if_over(Moment now);
  /// Nothing unless it is paused now.
  std::optional<Pause> pause(Moment now) const;
  /// When a pause ends by itself.
  std::optional<Instant> pause_end(Moment now) const;

  /// The rules of the person who set it up: nothing = it is lent.
  void withhold(const std::optional<Withheld>& why) { withheld_ = why; }
  const std::optional<Withheld>& withheld() const { return withheld_; }

  /// Nobody gets it any more.
  void begin_end() { ending_ = true; }
  bool is_ending() const { return ending_; }

 private:
  struct Reservation {
    DaemonOwner who;
    Instant since, until;
  };

  Duration reservation_time_;
  std::optional<Owner> owner_;
  std::optional<Reservation> reservation_;
  std::optional<Pause> pause_;
  std::optional<Withheld> withheld_;
  bool ending_ = false;
};

}  // namespace oct
