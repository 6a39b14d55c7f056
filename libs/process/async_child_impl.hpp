#pragma once
#include <memory>
#include <string>
#include <utility>

#include "process/async_child.hpp"

// Inside process/ only.

namespace oct {

/// The child, and who is told of it. The loop's thread only.
class AsyncChild::Impl {
 public:
  Impl(std::unique_ptr<ChildProcess> child, ChildEvents events)
      : child_(std::move(child)), events_(std::move(events)) {}
  virtual ~Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void say(const std::string& line) { child_->say(line); }
  void ask_to_leave() { child_->ask_to_leave(); }
  void kill() { child_->kill(); }
  /// Ends it; nothing more is told.
  void abandon() {
    abandoned_ = true;
    stop_watching();
    child_.reset();
  }

 protected:
  bool abandoned() const { return abandoned_; }
  void tell_line(std::string line) {
    if (!abandoned_) events_.on_line(std::move(line));
  }
  void tell_end(const ChildExit& exit) {
    if (!abandoned_) std::exchange(events_.on_ended, {})(exit);
  }

  std::unique_ptr<ChildProcess> child_;

 private:
  /// The child is still there.
  virtual void stop_watching() = 0;

  ChildEvents events_;
  bool abandoned_ = false;
};

}  // namespace oct
