#include "net/stranger_tally.hpp"

#include <algorithm>
#include <utility>

namespace oct {

bool StrangerTally::on(const std::string& address, const std::string& kind, Instant now) {
  const std::string which = address + '\n' + kind;
  if (!told_.contains(which) && told_.size() < limits_.told) {
    told_.insert(which);
    return true;
  }
  ++counted_;
  if (addresses_.size() < limits_.addresses) addresses_.insert(address);
  if (!next_) next_ = now + pause_;
  return false;
}

std::optional<StrangerTally::Summary> StrangerTally::due(Instant now) {
  if (counted_ == 0 || !next_ || now < *next_) return std::nullopt;
  pause_ = std::min(2 * pause_, limits_.most_pause);
  next_ = now + pause_;
  return Summary{std::exchange(counted_, 0), std::exchange(addresses_, {}).size()};
}

}  // namespace oct
