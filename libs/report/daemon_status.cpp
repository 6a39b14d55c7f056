#include "report/daemon_status.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace oct {

const char* to_string(DaemonState state) {
  switch (state) {
    case DaemonState::unknown: return "unknown";
    case DaemonState::invalid_version: return "invalid version";
    case DaemonState::unbound: return "unbound";
    case DaemonState::bound_to_other: return "bound to other";
    case DaemonState::authenticating: return "authenticating";
    case DaemonState::running: return "running";
    case DaemonState::deactivated: return "deactivated";
    case DaemonState::crashed: return "crashed";
  }
  return "unknown";
}

std::string word_of(DaemonState state) {
  std::string word = to_string(state);
  std::replace(word.begin(), word.end(), ' ', '_');
  return word;
}

std::string reason_text(const DaemonReason& reason) {
  switch (reason.kind) {
    case DaemonReason::Kind::none: return {};
    case DaemonReason::Kind::not_seen: return "not seen";
    case DaemonReason::Kind::other_version:
      return fmt::format("version {}, this master is {}", reason.there, reason.here);
    case DaemonReason::Kind::no_farm_key:
      return "it has no farm.key: octane_master activate, then copy farm.key there";
    case DaemonReason::Kind::other_farm:
      return fmt::format("it belongs to farm {:06X}, this master to {:06X}", reason.there, reason.here);
    case DaemonReason::Kind::we_have_no_key:
      return fmt::format("it belongs to farm {:06X}, this computer has no farm.key", reason.there);
    case DaemonReason::Kind::newer_release: return "its daemon belongs to a newer release";
    case DaemonReason::Kind::told: break;
  }
  return reason.text;
}

std::string who_occupies(const DaemonOwner& owner) {
  const std::string nick = owner.nick.empty() ? "somebody" : owner.nick;
  return owner.address.empty() ? nick : fmt::format("{} ({})", nick, owner.address);
}

std::string clock_text(std::uint64_t unix_seconds, std::uint64_t now_unix_seconds) {
  constexpr std::uint64_t kLast = 253402300799;  // year 9999: a daemon may say anything
  if (unix_seconds > kLast) return "an unknown time";
  const std::tm then = fmt::localtime(static_cast<std::time_t>(unix_seconds));
  const std::tm today = fmt::localtime(static_cast<std::time_t>(std::min(now_unix_seconds, kLast)));
  const bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
  return same_day ? fmt::format("{:%H:%M}", then) : fmt::format("{:%Y-%m-%d %H:%M}", then);
}

}  // namespace oct
