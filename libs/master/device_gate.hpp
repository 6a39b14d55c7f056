#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "film/contribution.hpp"

namespace oct {

/// A contribution with the lease that it answers and the moment it came.
struct Answer {
  std::uint64_t lease_id = 0;
  FilmContribution contribution;
  Instant arrived{};
};

/// Holds back what a new device sends until its first unit has been compared with the master's own render of
/// it: a broken GPU or another build is found before it does harm. Bounded by the device's credit. Pure.
class DeviceGate {
 public:
  enum class State { unchecked, checking, trusted, refused };

  explicit DeviceGate(bool trusted) : state_(trusted ? State::trusted : State::unchecked) {}

  State state() const { return state_; }

  /// Takes an answer in, and returns those that may pass: none while the check runs or has failed.
  std::vector<Answer> offer(Answer answer);

  /// The units that the master should render itself, once: after the first answer has come.
  std::optional<UnitRange> start_check();

  /// The master's own sums of those units. Returns what was held back, when they are equal; else the device
  /// is refused.
  std::vector<Answer> compare(const FilmContribution& own);

  /// The master cannot check: what was held back passes.
  std::vector<Answer> trust();

 private:
  State state_;
  std::vector<Answer> held_;
};

}  // namespace oct
