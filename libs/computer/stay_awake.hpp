#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "net/event_loop.hpp"

namespace oct {

class AsyncChild;

/// Keeps this computer from falling asleep by itself, while it is on. On Linux a lock of logind, which systemd-inhibit
/// holds as our child: on sleep and idleness, or on idleness alone where the user may not have more. On Windows the
/// execution state of the loop's thread. Where there is nothing of the kind it does nothing. The loop's thread only.
class StayAwake {
 public:
  /// `why` is shown to people who ask what keeps the computer awake. `log` must outlive it.
  StayAwake(EventLoop& loop, Log& log, std::string why);
  ~StayAwake();
  StayAwake(const StayAwake&) = delete;
  StayAwake& operator=(const StayAwake&) = delete;

  /// Cheap when nothing changes.
  void set(bool on);

 private:
  void take_lock(std::size_t attempt);
  void lost(std::size_t attempt);

  EventLoop& loop_;
  Log& log_;
  std::string why_;
  bool on_ = false;
  std::unique_ptr<AsyncChild> lock_;
  std::string last_words_;  ///< of lock_
};

}  // namespace oct
