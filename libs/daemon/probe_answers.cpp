#include "daemon/probe_answers.hpp"

#include <algorithm>

namespace oct {

DaemonStatus visible_status(const DaemonStatus& full, const Datagram<DaemonProbe>& probe,
                            const NetworkAccess& access, const std::string& address) {
  DaemonStatus status = full;
  const bool stranger =
      access.key ? !probe.proved : probe.message.farm != 0 || !check_access(access, address).has_value();
  if (stranger) {
    status = {};
    status.port = full.port;
    status.mode = access.key ? DaemonMode::other_farm : DaemonMode::not_activated;
  }
  status.nonce = probe.message.nonce;
  return status;
}

std::optional<ProbeAnswers::Answer> ProbeAnswers::on(ByteView datagram, const std::string& address,
                                                     const DaemonStatus& full, Instant now) {
  // a question smaller than the largest answer would make this a lever against third parties
  if (datagram.size() != kProbeBytes) return std::nullopt;
  if (!admits(address, now)) return std::nullopt;
  const auto probe = read_probe(datagram, access_);
  if (!probe) return std::nullopt;
  const DaemonStatus status = visible_status(full, *probe, access_, address);
  return Answer{status_datagram(status, access_), spread(probe->message.spread_ms)};
}

bool ProbeAnswers::admits(const std::string& address, Instant now) {
  auto found = of_address_.find(address);
  if (found == of_address_.end()) {
    if (of_address_.size() >= limits_.addresses) forget_oldest();
    found = of_address_.emplace(address, RateLimit(limits_.per_address_second, limits_.address_burst)).first;
  }
  return found->second.take(now) && all_.take(now);
}

void ProbeAnswers::forget_oldest() {
  const auto oldest = std::min_element(
      of_address_.begin(), of_address_.end(),
      [](const auto& a, const auto& b) { return a.second.last_use() < b.second.last_use(); });
  of_address_.erase(oldest);
}

/// Uniform in [0, most_ms].
Duration ProbeAnswers::spread(std::uint32_t most_ms) {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  const auto range = std::chrono::duration_cast<std::chrono::microseconds>(milliseconds(most_ms)).count();
  return std::chrono::microseconds(
      static_cast<std::int64_t>((random_ >> 33) % (static_cast<std::uint64_t>(range) + 1)));
}

}  // namespace oct
