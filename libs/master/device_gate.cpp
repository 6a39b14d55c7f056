#include "master/device_gate.hpp"

#include <utility>

namespace oct {

std::vector<Answer> DeviceGate::offer(Answer answer) {
  std::vector<Answer> passing;
  if (state_ == State::trusted) {
    passing.push_back(std::move(answer));
  } else if (state_ != State::refused) {
    held_.push_back(std::move(answer));
  }
  return passing;
}

std::optional<UnitRange> DeviceGate::start_check() {
  if (state_ != State::unchecked || held_.empty()) return std::nullopt;
  state_ = State::checking;
  return held_.front().contribution.units;
}

std::vector<Answer> DeviceGate::compare(const FilmContribution& own) {
  if (state_ != State::checking) return {};
  if (own.sums == held_.front().contribution.sums) return trust();
  state_ = State::refused;
  held_.clear();
  return {};
}

std::vector<Answer> DeviceGate::trust() {
  if (state_ == State::refused) return {};
  state_ = State::trusted;
  return std::exchange(held_, {});
}

}  // namespace oct
