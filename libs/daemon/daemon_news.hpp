#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "wire/daemon_messages.hpp"

// What a daemon has to say, as kinds and numbers; daemon_words.hpp phrases it.

namespace oct {

/// The person at this computer wants it for himself.
struct Pause {
  std::uint64_t until_unix_s = 0;  ///< 0 = until somebody ends it
  std::uint64_t since_unix_s = 0;
};

/// Why somebody cannot have the daemon.
struct Refusal {
  OccupyRefusal kind = OccupyRefusal::unknown;
  std::optional<DaemonOwner> in_favour_of;  ///< of bound_to_other, reserved
  std::optional<Pause> pause;               ///< of paused
};

/// Why the owner loses the daemon against its will.
struct Eviction {
  enum class Why { new_connection, taken_over, paused, stopped };
  Why why = Why::stopped;
  std::optional<DaemonOwner> by;  ///< of new_connection (the same master), taken_over
  std::optional<Pause> pause;     ///< of paused
};

// News for the window and the log.

struct SlaveStartedFor {
  DaemonOwner owner;
};
struct SlaveStartedAgain {};
/// It hangs, or will be started again.
struct SlaveStumbled {
  std::string reason;
};
struct SlaveCrashed {
  std::string reason;
};
struct OwnerFinished {
  DaemonOwner owner;
};
struct OwnerGone {
  DaemonOwner owner;
  Error reason;
};
struct OwnerEvicted {
  DaemonOwner owner;
  Eviction eviction;
};
struct PauseBegun {
  Pause pause;
};
struct PauseOver {};
/// The person ended it.
struct PauseEnded {};
struct DaemonStopping {};

using DaemonNews =
    std::variant<SlaveStartedFor, SlaveStartedAgain, SlaveStumbled, SlaveCrashed, OwnerFinished, OwnerGone,
                 OwnerEvicted, PauseBegun, PauseOver, PauseEnded, DaemonStopping>;

}  // namespace oct
