#include "farm/bound_since.hpp"

#include <algorithm>

namespace oct {
namespace {

constexpr std::uint64_t kSameMoment = 5;  // seconds

bool is_same_occupancy(const DaemonOwner& a, const DaemonOwner& b) {
  const auto [first, last] = std::minmax(a.since_unix_s, b.since_unix_s);
  return a.nick == b.nick && a.address == b.address && a.port == b.port && last - first <= kSameMoment;
}

}  // namespace

void count_from_here(std::vector<DaemonOwner>& owners, std::uint64_t now_unix_s) {
  for (DaemonOwner& owner : owners) {
    if (owner.age_s != kNoAge) owner.since_unix_s = now_unix_s - std::min(owner.age_s, now_unix_s);
  }
}

void keep_moment(std::vector<DaemonOwner>& owners, const std::vector<DaemonOwner>& known) {
  if (owners.empty() || known.empty() || !is_same_occupancy(owners.front(), known.front())) return;
  owners.front().since_unix_s = known.front().since_unix_s;
}

}  // namespace oct
