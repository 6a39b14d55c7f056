#include "daemon/lending_rules.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

/// How soon the person who comes back has the computer.
constexpr Duration kInputLook = seconds(5);
/// A computer may sleep, or its clock be set, while the next border of its hours is waited for.
constexpr Duration kLongestWait = seconds(60);

}  // namespace

LendingRules::LendingRules(const LendingChoice& choice) : choice_(choice) {
  if (choice.is_always()) return;
  next_look_ = Instant();  // at once
  withheld_.emplace();
  if (!choice.hours) return;
  withheld_->why = Withheld::Why::outside_hours;
  withheld_->hours = *choice.hours;
}

bool LendingRules::begin_look_if_due(Instant now) {
  if (!next_look_ || now < *next_look_) return false;
  next_look_.reset();
  return true;
}

bool LendingRules::saw(const ComputerState& computer, Moment now) {
  const auto former = std::exchange(withheld_, decide(computer, now));
  plan(computer, now.instant);
  if (!std::exchange(looked_, true)) return withheld_.has_value();
  return former.has_value() != withheld_.has_value() || (former && former->why != withheld_->why);
}

std::optional<Withheld> LendingRules::decide(const ComputerState& computer, Moment now) const {
  using Why = Withheld::Why;
  if (choice_.hours && !choice_.hours->contain(computer.second_of_day)) {
    const unsigned wait = choice_.hours->seconds_to_border(computer.second_of_day);
    return Withheld{Why::outside_hours, *choice_.hours, now.unix_s + wait};
  }
  if (!choice_.idle_for) return std::nullopt;
  if (!computer.idle) return Withheld{Why::unknown_use, {}, 0};
  if (*computer.idle < *choice_.idle_for) return Withheld{Why::in_use, {}, 0};
  return std::nullopt;
}

/// Outside the hours nobody need look at the keyboard.
void LendingRules::plan(const ComputerState& computer, Instant now) {
  const bool outside = choice_.hours && !choice_.hours->contain(computer.second_of_day);
  Duration wait = choice_.idle_for && !outside ? kInputLook : kLongestWait;
  if (choice_.hours)
    wait = std::min<Duration>(wait, seconds(choice_.hours->seconds_to_border(computer.second_of_day)));
  next_look_ = now + wait;
}

}  // namespace oct
