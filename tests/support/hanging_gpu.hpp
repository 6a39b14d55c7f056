#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "device/device.hpp"

namespace oct::test {

/// Whoever waits at it goes on once it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    somebody_came_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  /// Until somebody waits, or has passed.
  void wait_for_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return somebody_came_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false, somebody_came_ = false;
};

/// A GPU whose leases wait at a gate, whatever they are cancelled for, as those of one that hangs; but for lease kFails, which
/// fails at once. It is lost by then.
class HangingGpu : public Device {
 public:
  static constexpr std::uint64_t kFails = 5;

  explicit HangingGpu(Gate& gate, std::uint32_t index = 0)
      : gate_(gate), info_{DeviceKind::cuda, index, "Test", 1, 0} {}

  const DeviceInfo& info() const override { return info_; }
  Result<void> upload(std::uint32_t, RenderDataPtr, std::stop_token, ProgressCounter&) override { return {}; }
  Result<void> render(std::uint32_t, const Lease& lease, std::stop_token, ProgressCounter&,
                      const ContributionSink&) override {
    if (lease.id != kFails) gate_.pass();
    return fail(ErrorKind::unavailable, "gone");
  }
  void release(std::uint32_t) override {}
  bool is_lost() override { return true; }
  Result<Digest> canary(std::stop_token) override { return sha256({}); }
  Result<void> trace(std::uint32_t, std::span<const Ray>, std::span<Hit>) override { return {}; }

 private:
  Gate& gate_;
  DeviceInfo info_;
};

}  // namespace oct::test
