#include "daemon/probe_answers.hpp"

#include <algorithm>

namespace oct {
namespace {

/// What everybody may know: that a daemon is here.
DaemonStatus bare_status(const DaemonStatus& full, DaemonMode mode) {
  DaemonStatus status;
  status.port = full.port;
  status.mode = mode;
  return status;
}

}  // namespace

ProbeAnswers::ProbeAnswers(NetworkAccess access, Cookies cookies, std::uint64_t seed,
                           const ProbeLimits& limits)
    : access_(std::move(access)),
      cookies_(std::move(cookies)),
      strangers_(limits),
      recorded_(limits),
      fresh_(limits),
      random_(seed | 1) {}

AskerProof ProbeAnswers::proof_of(const Datagram<DaemonProbe>& probe, const std::string& address,
                                  Instant now) const {
  if (!probe.proved) return AskerProof::none;
  return cookies_.is_valid(probe.message.cookie, address, now) ? AskerProof::fresh : AskerProof::recorded;
}

/// A stranger is told why the daemon is none of his. Nothing is left out for who is proved to be of our farm now, or,
/// without a key, may talk to us at all.
DaemonStatus ProbeAnswers::told(const DaemonStatus& full, const Datagram<DaemonProbe>& probe,
                                AskerProof proof, const std::string& address, Instant now) const {
  DaemonStatus status = full;
  if (access_.key) {
    if (proof != AskerProof::fresh)
      status = bare_status(full, proof == AskerProof::none ? DaemonMode::other_farm : DaemonMode::unknown);
    if (proof == AskerProof::recorded) status.cookie = cookies_.cookie_for(address, now);
  } else if (probe.message.farm != 0 || !check_access(access_, address)) {
    status = bare_status(full, DaemonMode::not_activated);
  }
  status.nonce = probe.message.nonce;
  return status;
}

std::optional<ProbeAnswers::Answer> ProbeAnswers::on(ByteView datagram, const std::string& address,
                                                     const DaemonStatus& full, Instant now) {
  // a question smaller than the largest answer would make this a lever against third parties
  if (datagram.size() != kProbeBytes) return std::nullopt;
  const auto probe = read_probe(datagram, access_);
  if (!probe) return std::nullopt;
  const AskerProof proof = proof_of(*probe, address, now);
  if (!share_of(proof).admits(address, now)) return std::nullopt;
  const DaemonStatus status = told(full, *probe, proof, address, now);
  return Answer{status_datagram(status, access_), spread(probe->message.spread_ms)};
}

ProbeAnswers::Share& ProbeAnswers::share_of(AskerProof proof) {
  switch (proof) {
    case AskerProof::none: break;
    case AskerProof::recorded: return recorded_;
    case AskerProof::fresh: return fresh_;
  }
  return strangers_;
}

bool ProbeAnswers::Share::admits(const std::string& address, Instant now) {
  auto found = of_address_.find(address);
  if (found == of_address_.end()) {
    if (of_address_.size() >= limits_.addresses) forget_oldest();
    found = of_address_.emplace(address, RateLimit(limits_.per_address_second, limits_.address_burst)).first;
  }
  return found->second.take(now) && all_.take(now);
}

void ProbeAnswers::Share::forget_oldest() {
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
