#include "net/stranger_tally.hpp"

#include <algorithm>
#include <utility>

namespace oct {

bool StrangerTally::may_tell(const std::string& address, const std::string& kind) const {
  if (times_told_ >= limits_.told) return false;
  const auto known = told_.find(address);
  if (known == told_.end()) return true;
  return known->second.size() < limits_.told_of_each && !known->second.contains(kind);
}

bool StrangerTally::on(const std::string& address, const std::string& kind, Instant now) {
  if (may_tell(address, kind)) {
    told_[address].insert(kind);
    ++times_told_;
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
