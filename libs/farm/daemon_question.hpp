#pragma once
#include <functional>
#include <memory>
#include <variant>

#include "farm/daemon_talk.hpp"

namespace oct {

/// One question to one daemon, and its answer. The loop's thread only; destroying it, from inside its call
/// too, ends it without a call.
class DaemonQuestion {
 public:
  using Request = std::variant<DescribeDaemon, RetryDaemon, StealDaemon>;

  /// Calls `on_answer` once, never from inside this call: with DaemonDescription, DaemonReleased or
  /// OccupyRefused; or with why there is none.
  DaemonQuestion(EventLoop& loop, const Endpoint& to, const NetworkAccess& access, Request request,
                 Duration patience, std::function<void(Result<DaemonMessage>)> on_answer);
  ~DaemonQuestion();
  DaemonQuestion(const DaemonQuestion&) = delete;
  DaemonQuestion& operator=(const DaemonQuestion&) = delete;

 private:
  void on_message(const DaemonMessage& message);
  void answer(Result<DaemonMessage> result);

  EventLoop& loop_;
  const Request request_;
  const std::string to_;
  std::function<void(Result<DaemonMessage>)> on_answer_;
  std::unique_ptr<Timer> patience_, answering_;
  std::unique_ptr<DaemonTalk> talk_;
};

}  // namespace oct
