#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/work_queue.hpp"
#include "net/event_loop.hpp"
#include "slave/address_follower.hpp"

namespace oct {

/// Looks at a master's address file once a second: the shell of AddressFollower. A thread of its own reads, since
/// network drives hang. The loop's thread only.
class AddressWatch {
 public:
  /// `on_step` is never called from inside a call.
  AddressWatch(EventLoop& loop, const std::string& file,
               std::function<void(const AddressFollower::Step&)> on_step);
  /// Waits for the look in progress.
  ~AddressWatch();
  AddressWatch(const AddressWatch&) = delete;
  AddressWatch& operator=(const AddressWatch&) = delete;

  /// Looks no more.
  void stop() { timer_.reset(); }
  /// A look is not ending: its drive hangs, and nobody knows for how long.
  bool is_stuck() const;

 private:
  void look();

  EventLoop& loop_;
  const std::filesystem::path path_;
  const std::function<void(const AddressFollower::Step&)> on_step_;
  AddressFollower follower_;
  std::optional<Instant> looking_since_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
  WorkQueue reader_;
};

}  // namespace oct
