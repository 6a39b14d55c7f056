#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/rate_limit.hpp"
#include "net/discovery.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

struct ProbeLimits {
  double per_second = 200, burst = 400;                ///< answers to all
  double per_address_second = 20, address_burst = 40;  ///< several masters may run on one computer
  std::size_t addresses = 1024;                        ///< that are told apart
};

/// Decides which probes are answered, when, and how much the asker is told. Pure; one thread.
class ProbeAnswers {
 public:
  ProbeAnswers(NetworkAccess access, std::uint64_t seed, const ProbeLimits& limits = {})
      : access_(std::move(access)),
        limits_(limits),
        all_(limits.per_second, limits.burst),
        random_(seed | 1) {}

  struct Answer {
    Bytes datagram;
    Duration delay{};
  };
  /// Nothing for what is no probe, and for who asks too often. `full` is what a member of the farm is told.
  std::optional<Answer> on(ByteView datagram, const std::string& address, const DaemonStatus& full,
                           Instant now);

 private:
  bool admits(const std::string& address, Instant now);
  void forget_oldest();
  Duration spread(std::uint32_t most_ms);

  NetworkAccess access_;
  ProbeLimits limits_;
  RateLimit all_;
  std::map<std::string, RateLimit> of_address_;
  std::uint64_t random_;
};

/// What this asker may see of `full`: a stranger no more than that a daemon is here, and why it is none of
/// his. Nothing is left out for who proved to be of our farm, or, without a key, may talk to us at all.
DaemonStatus visible_status(const DaemonStatus& full, const Datagram<DaemonProbe>& probe,
                            const NetworkAccess& access, const std::string& address);

}  // namespace oct
