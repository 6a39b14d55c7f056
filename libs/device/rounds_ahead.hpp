#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

namespace oct {

/// How many rounds a device is told to do at a time, and with how many paths: so many that the host seldom looks, so few
/// that a cancel, a new lease or the picture on a display need not wait. Follows the time that batches take. What is
/// rendered does not depend on it.
class RoundsAhead {
 public:
  static constexpr std::uint32_t kMost = 32;
  static constexpr std::uint32_t kAtFirst = 4;
  /// What a batch should take. Two of them are ahead.
  static constexpr std::chrono::nanoseconds kWanted = std::chrono::milliseconds(12);
  /// What a round may take: a display whose GPU this is waits for its launches.
  static constexpr std::chrono::nanoseconds kLongest = std::chrono::milliseconds(40);

  /// fixed  always so many rounds; 0 = by time
  /// few    paths whose launches take longer than they do; no limit is lower
  explicit RoundsAhead(std::uint32_t fixed = 0, std::uint32_t few = kFew) : fixed_(fixed), few_(few) {}

  /// Rounds for so many paths, 1 to kMost, or what was fixed.
  std::uint32_t rounds(std::uint64_t paths) const {
    if (fixed_ != 0) return fixed_;
    if (ns_per_path_ == 0) return kAtFirst;
    const double rounds = static_cast<double>(kWanted.count()) / (ns_per_path_ * at_least(paths));
    return static_cast<std::uint32_t>(std::clamp(rounds, 1.0, double{kMost}));
  }

  /// Paths under way in a round, of those that there is room for.
  std::uint32_t paths(std::uint32_t room) const {
    if (fixed_ != 0 || ns_per_path_ == 0) return room;
    const double paths = std::max<double>(few_, static_cast<double>(kLongest.count()) / ns_per_path_);
    return static_cast<std::uint32_t>(std::min<double>(paths, room));
  }

  /// What a batch of so many rounds for so many paths has taken.
  ///   at_most  it may have been less
  void took(std::chrono::nanoseconds time, std::uint32_t rounds, std::uint64_t paths, bool at_most = false) {
    const double each = std::max(1e-6, static_cast<double>(time.count()) / (rounds * at_least(paths)));
    if (!at_most || each < ns_per_path_) ns_per_path_ = each;
  }

 private:
  static constexpr std::uint32_t kFew = 1u << 16;

  /// With few paths it is the launches that take time.
  double at_least(std::uint64_t paths) const {
    return static_cast<double>(std::max<std::uint64_t>(paths, few_));
  }

  std::uint32_t fixed_;
  std::uint32_t few_;
  double ns_per_path_ = 0;  ///< and round; 0 = not known
};

}  // namespace oct
