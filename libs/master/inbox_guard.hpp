#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "wire/messages.hpp"

namespace oct {

/// Bounds what one slave can make the master keep while its messages wait for a worker: contributions by the
/// leases that it was granted (each unit range once, at the size that a tile can have), everything else by
/// kMaxInboxPackets and kMaxInboxBytes. Pure; one thread.
class InboxGuard {
 public:
  /// A lease was sent: this much will be answered.
  void granted(const LeaseGrant& grant);

  /// A message has come and will wait. What the slave did wrong, for people, if it sent what it may not.
  std::optional<std::string> arrived(const Result<RenderMessage>& message, std::size_t bytes);

  /// A message, as given to arrived(), waits no longer.
  void taken(const Result<RenderMessage>& message, std::size_t bytes);

 private:
  std::optional<std::string> answered(const FilmContributions& answer);

  std::map<std::uint64_t, std::size_t> unanswered_;  ///< unit ranges by lease
  std::size_t packets_ = 0, bytes_ = 0;              ///< waiting, contributions aside
};

}  // namespace oct
