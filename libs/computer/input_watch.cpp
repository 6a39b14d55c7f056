#include "computer/input_watch.hpp"

#include <algorithm>

#include "computer/input_signs.hpp"

namespace oct {

std::optional<Duration> InputWatch::idle(Instant now) {
  const InputSigns signs = read_input_signs(root_);
  if (signs.is_in_use || count_ != signs.count) {
    count_ = signs.count;
    last_ = now;
  }
  if (signs.is_blind) return std::nullopt;
  const Duration silent = now - last_;
  return signs.since_last ? std::min(silent, std::max(*signs.since_last, Duration::zero())) : silent;
}

}  // namespace oct
