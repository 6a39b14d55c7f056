#include "daemon/warm_slave.hpp"

#include <algorithm>

namespace oct {

void WarmSlave::begin(Instant now) {
  until_ = now + limits_.keep;
  look_at_ = now + limits_.look;
  ask_at_ = now + limits_.sign_of_life;
  answer_by_.reset();
}

Instant WarmSlave::wake_at() const {
  const Instant first = std::min(until_, look_at_);
  return answer_by_ ? std::min(first, *answer_by_) : first;
}

WarmSlave::Due WarmSlave::wake(Instant now) {
  Due due;
  if (now >= until_) {
    due.end = WarmSlaveEnded{WarmSlaveEnded::Why::unused, limits_.keep, 0, {}};
  } else if (answer_by_ && now >= *answer_by_) {
    // It may have answered while this very program did not run: what it wrote is read before the next deadline.
    if (looked_twice_) due.end = WarmSlaveEnded{WarmSlaveEnded::Why::hung, {}, 0, {}};
    looked_twice_ = true;
    answer_by_ = now + limits_.look;
  }
  if (now < look_at_) return due;
  look_at_ = now + limits_.look;
  due.look_at_memory = true;
  // Together with a look at the memory: one wake-up for both.
  if (now < ask_at_ || answer_by_) return due;
  ask_at_ = now + limits_.sign_of_life;
  answer_by_ = now + limits_.answer;
  looked_twice_ = false;
  due.ask = true;
  return due;
}

std::optional<WarmSlaveEnded> WarmSlave::memory_seen(WarmSlaveEnded::Why why,
                                                     std::uint64_t free_bytes) const {
  if (free_bytes >= limits_.spare_bytes) return std::nullopt;
  return WarmSlaveEnded{why, {}, free_bytes, {}};
}

}  // namespace oct
