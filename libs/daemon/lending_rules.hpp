#pragma once
#include <optional>

#include "base/instant.hpp"
#include "daemon/daemon_events.hpp"

namespace oct {

/// When the person who set up a daemon lends the computer; nothing of it: always.
struct LendingChoice {
  std::optional<Duration> idle_for{};  ///< without keyboard and mouse for so long
  std::optional<DailyHours> hours{};   ///< only then

  bool is_always() const { return !idle_for && !hours; }
};

/// Decides from clock and keyboard whether a computer is lent now, and when to look at them again: never where it is always
/// lent. Until the first look it is not. Pure; one thread.
class LendingRules {
 public:
  explicit LendingRules(const LendingChoice& choice);

  /// Whether to look at the computer now; saw() is to follow.
  bool begin_look_if_due(Instant now);
  /// Whether that is worth a word.
  bool saw(const ComputerState& computer, Moment now);

  /// Nothing: it is lent.
  const std::optional<Withheld>& withheld() const { return withheld_; }
  std::optional<Instant> next_look() const { return next_look_; }

 private:
  std::optional<Withheld> decide(const ComputerState& computer, Moment now) const;
  void plan(const ComputerState& computer, Instant now);

  LendingChoice choice_;
  std::optional<Withheld> withheld_;
  std::optional<Instant> next_look_;
  bool looked_ = false;
};

}  // namespace oct
