#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire/daemon_messages.hpp"

namespace oct {

/// What people are told of a daemon. One vocabulary, never mixed with what slaves do.
enum class DaemonState {
  unknown,
  invalid_version,
  unbound,
  bound_to_other,
  authenticating,
  running,
  deactivated,
  crashed,
};

/// "bound to other"
const char* to_string(DaemonState state);
/// "bound_to_other", for JSON
std::string word_of(DaemonState state);

/// "studio@WS-02 (10.0.0.104)"
std::string who_occupies(const DaemonOwner& owner);

/// "11:58" of a moment today, else "2025-11-23 11:58"; local time.
std::string clock_text(std::uint64_t unix_seconds, std::uint64_t now_unix_seconds);

/// Why a daemon cannot be used.
struct DaemonReason {
  enum class Kind {
    none,
    not_seen,
    other_version,
    no_farm_key,
    other_farm,
    we_have_no_key,
    newer_release,
    told
  };
  Kind kind = Kind::none;
  std::uint32_t there = 0,
                here = 0;  ///< versions of other_version, farms of other_farm; of we_have_no_key its farm
  std::string text = {};   ///< of told: what the daemon says

  static DaemonReason told(std::string text) {
    return {text.empty() ? Kind::none : Kind::told, 0, 0, std::move(text)};
  }
  friend bool operator==(const DaemonReason&, const DaemonReason&) = default;
};

/// "version 999002, this master is 1000000"; empty for none.
std::string reason_text(const DaemonReason& reason);

/// A daemon that a render wants and that has no slave here yet.
struct WantedDaemonStatus {
  std::string name, address;
  DaemonState state = DaemonState::unknown;
  std::optional<DaemonOwner> owner;
  DaemonReason reason;
};

/// How many of the wanted daemons help a render, or are about to, and what keeps the others from it.
struct DaemonUse {
  enum class Kind { enabled, named, all };  ///< why they are wanted
  struct Other {
    std::string name;
    std::optional<DaemonState> state;  ///< none: not seen
  };
  Kind kind = Kind::enabled;
  std::size_t usable = 0, wanted = 0;
  std::vector<Other> others;  ///< wanted, not usable
  std::vector<Other> coming;  ///< usable, and their slave does not run yet
};

}  // namespace oct
