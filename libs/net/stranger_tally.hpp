#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/instant.hpp"

namespace oct {

struct StrangerLimits {
  std::size_t told = 64;                    ///< to people, in the life of a program
  std::size_t told_of_each = 4;             ///< address
  Duration summary_pause = seconds(60);     ///< before the first summary of the others; doubles each time
  Duration most_pause = seconds(6 * 3600);  ///< between two summaries
  std::size_t addresses = 1024;             ///< that a summary can count
};

/// Whoever can reach a port can have its owner told something: a line for each connection would fill a terminal, a log
/// and a report. So each address is told of once for each kind of reason, a limited number in all, and the rest are counted
/// and summed up from time to time, ever more rarely. Pure; one thread; time is a parameter.
class StrangerTally {
 public:
  explicit StrangerTally(const StrangerLimits& limits = {}) : limits_(limits), pause_(limits.summary_pause) {}

  /// Somebody was sent away. `kind`: connections told of before are those of the same address and kind. True when people
  /// are to be told of this one; else it is counted.
  bool on(const std::string& address, const std::string& kind, Instant now);

  struct Summary {
    std::uint64_t connections = 0;
    std::size_t addresses = 0;
  };
  /// Those counted since the last summary, when one is due.
  std::optional<Summary> due(Instant now);

 private:
  bool may_tell(const std::string& address, const std::string& kind) const;

  StrangerLimits limits_;
  std::map<std::string, std::set<std::string>> told_;  ///< kinds, by address
  std::size_t times_told_ = 0;
  std::set<std::string> addresses_;  ///< of those counted
  std::uint64_t counted_ = 0;
  std::optional<Instant> next_;
  Duration pause_;
};

}  // namespace oct
