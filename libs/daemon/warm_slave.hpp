#pragma once
#include <cstdint>
#include <optional>

#include "base/instant.hpp"
#include "daemon/daemon_news.hpp"

namespace oct {

struct WarmSlaveLimits {
  Duration keep = std::chrono::minutes(10);  ///< unoccupied; 0 = it ends with its render
  Duration look = seconds(5);                ///< between looks at the computer's memory
  Duration sign_of_life = seconds(15);  ///< between questions whether it is still there, and its GPUs' memory
  Duration answer = seconds(15);        ///< without one for so long it hangs
  std::uint64_t spare_bytes =
      1ull << 30;  ///< less memory than this free, of the computer or of a GPU: it leaves
};

/// For how long a slave that nobody has is kept, and what ends that before its time. It never looks sooner than it must:
/// what rests costs no time. Pure; time is a parameter.
class WarmSlave {
 public:
  explicit WarmSlave(const WarmSlaveLimits& limits) : limits_(limits) {}

  bool is_wanted() const { return limits_.keep > Duration::zero(); }
  Duration keep_time() const { return limits_.keep; }

  void begin(Instant now);
  /// It said that it rests.
  void heard() { answer_by_.reset(); }

  Instant wake_at() const;
  struct Due {
    bool look_at_memory = false;
    bool ask = false;  ///< for a sign of life
    std::optional<WarmSlaveEnded> end;
  };
  /// At wake_at().
  Due wake(Instant now);
  /// `why` tells which memory: memory_short, or gpu_memory_short.
  std::optional<WarmSlaveEnded> memory_seen(WarmSlaveEnded::Why why, std::uint64_t free_bytes) const;

 private:
  WarmSlaveLimits limits_;
  Instant until_{}, look_at_{}, ask_at_{};
  std::optional<Instant> answer_by_;
  /// It was silent, but this very program may not have run.
  bool looked_twice_ = false;
};

}  // namespace oct
