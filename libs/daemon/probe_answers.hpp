#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/cookies.hpp"
#include "daemon/rate_limit.hpp"
#include "net/discovery.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

struct ProbeLimits {
  double per_second = 200, burst = 400;                ///< answers to each kind of asker
  double per_address_second = 20, address_burst = 40;  ///< several masters may run on one computer
  std::size_t addresses = 1024;                        ///< of each kind, that are told apart
};

/// What a probe proves of its asker.
enum class AskerProof {
  none,      ///< a stranger; where there is no key, all are
  recorded,  ///< somebody of our farm wrote it, once; whoever sent it may have recorded it
  fresh,     ///< somebody of our farm wrote it just now, at the address that it comes from
};

/// Decides which probes are answered, when, and how much the asker is told. Pure; one thread.
class ProbeAnswers {
 public:
  ProbeAnswers(NetworkAccess access, Cookies cookies, std::uint64_t seed, const ProbeLimits& limits = {});

  struct Answer {
    Bytes datagram;
    Duration delay{};
  };
  /// Nothing for what is no probe, and for who asks too often. `full` is what a member of the farm is told.
  std::optional<Answer> on(ByteView datagram, const std::string& address, const DaemonStatus& full,
                           Instant now);

 private:
  /// Of one kind of asker: however often others ask, its answers are its own.
  class Share {
   public:
    explicit Share(const ProbeLimits& limits) : limits_(limits), all_(limits.per_second, limits.burst) {}
    bool admits(const std::string& address, Instant now);

   private:
    void forget_oldest();

    ProbeLimits limits_;
    RateLimit all_;
    std::map<std::string, RateLimit> of_address_;
  };

  AskerProof proof_of(const Datagram<DaemonProbe>& probe, const std::string& address, Instant now) const;
  Share& share_of(AskerProof proof);
  DaemonStatus told(const DaemonStatus& full, const Datagram<DaemonProbe>& probe, AskerProof proof,
                    const std::string& address, Instant now) const;
  Duration spread(std::uint32_t most_ms);

  NetworkAccess access_;
  Cookies cookies_;
  Share strangers_, recorded_, fresh_;
  std::uint64_t random_;
};

}  // namespace oct
