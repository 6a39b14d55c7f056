#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "daemon/daily_hours.hpp"
#include "wire/daemon_messages.hpp"

// What a daemon has to say, as kinds and numbers; daemon_words.hpp phrases it.

namespace oct {

/// How a slave process ended.
struct SlaveExit {
  int code = 0;    ///< its exit code, when no signal ended it
  int signal = 0;  ///< POSIX; 0 = it returned
  friend bool operator==(const SlaveExit&, const SlaveExit&) = default;
};

/// What went wrong with a slave.
struct SlaveMishap {
  enum class Kind { none, not_started, ended, hung };
  Kind kind = Kind::none;
  std::string text;                  ///< of not_started: why; of ended: its last words
  SlaveExit exit;                    ///< of ended
  Duration silent{};                 ///< of hung
  unsigned failures = 0;             ///< so many in a row were too many; 0 = they were not
  std::optional<Duration> again_in;  ///< it is started again then
  friend bool operator==(const SlaveMishap&, const SlaveMishap&) = default;
};

/// The person at this computer wants it for himself.
struct Pause {
  std::uint64_t until_unix_s = 0;  ///< 0 = until somebody ends it
  std::uint64_t since_unix_s = 0;
};

/// The computer is not lent now, by the rules of the person who set up the daemon (--idle-only, --hours).
struct Withheld {
  enum class Why { in_use, unknown_use, outside_hours };
  Why why = Why::in_use;
  DailyHours hours;                ///< of outside_hours
  std::uint64_t until_unix_s = 0;  ///< of outside_hours: when they begin
};

/// Why somebody cannot have the daemon.
struct Refusal {
  OccupyRefusal kind = OccupyRefusal::unknown;
  std::optional<DaemonOwner> in_favour_of;  ///< of bound_to_other, reserved
  std::optional<Pause> pause;               ///< of paused, by the person
  std::optional<Withheld> withheld{};       ///< of paused, by the rules
};

/// Why the owner loses the daemon against its will.
struct Eviction {
  enum class Why { new_connection, taken_over, paused, withheld, stopped };
  Why why = Why::stopped;
  std::optional<DaemonOwner> by;  ///< of new_connection (the same master), taken_over
  std::optional<Pause> pause;     ///< of paused
  std::optional<Withheld> withheld{};
};

// News for the window and the log.

struct SlaveStartedFor {
  DaemonOwner owner;
  bool was_warm = false;  ///< it was there already, kept from an earlier render
};
struct SlaveStartedAgain {};
/// It hangs, or will be started again.
struct SlaveStumbled {
  SlaveMishap mishap;
};
struct SlaveCrashed {
  SlaveMishap mishap;
};
/// Nobody has it now; it is kept for so long.
struct SlaveKeptWarm {
  Duration keep{};
};
/// It is kept no longer.
struct WarmSlaveEnded {
  enum class Why { unused, memory_short, gpu_memory_short, hung, died, other_program };
  Why why = Why::unused;
  Duration kept{};               ///< of unused
  std::uint64_t free_bytes = 0;  ///< of memory_short and gpu_memory_short
  SlaveExit exit;                ///< of died
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
/// The rules say so.
struct NotLent {
  Withheld withheld;
};
struct LentAgain {};
struct DaemonStopping {};

using DaemonNews = std::variant<SlaveStartedFor, SlaveStartedAgain, SlaveStumbled, SlaveCrashed,
                                SlaveKeptWarm, WarmSlaveEnded, OwnerFinished, OwnerGone, OwnerEvicted,
                                PauseBegun, PauseOver, PauseEnded, NotLent, LentAgain, DaemonStopping>;

}  // namespace oct
