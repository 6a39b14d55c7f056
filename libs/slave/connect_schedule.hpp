#pragma once
#include <cstdint>
#include <optional>

#include "base/instant.hpp"

namespace oct {

/// When a slave tries to reach its master: exponential back-off, 1 to 30 s, with up to 20 % jitter, so that twenty
/// slaves do not knock at the same moment. Pure.
class ConnectSchedule {
 public:
  /// `timeout`: without a master for so long, the slave gives up; nothing = never.
  ConnectSchedule(std::uint32_t jitter_seed, std::optional<Duration> timeout)
      : jitter_(jitter_seed | 1), timeout_(timeout) {}

  /// There is no master from now on.
  void lost(Instant now) { lost_at_ = now; }
  /// A master accepted this slave: the next pause is a short one.
  void reached();
  /// The pause until the next attempt, without its jitter.
  Duration plan_next(Instant now);
  /// The render is over: the next one may begin there at any time.
  void plan_soon(Instant now);

  bool is_due(Instant now) const { return now >= next_at_; }
  /// Asked while there is no master.
  bool is_over(Instant now) const { return timeout_ && now - lost_at_ >= *timeout_; }

 private:
  std::uint32_t jitter_;
  std::optional<Duration> timeout_;
  Instant lost_at_{};
  Instant next_at_{};
  Duration pause_ = seconds(1);
};

}  // namespace oct
