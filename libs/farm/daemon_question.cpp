#include "farm/daemon_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace oct {

DaemonQuestion::DaemonQuestion(EventLoop& loop, const Endpoint& to, const NetworkAccess& access,
                               Request request, Duration patience,
                               std::function<void(Result<DaemonMessage>)> on_answer)
    : loop_(loop), request_(std::move(request)), to_(to.text()), on_answer_(std::move(on_answer)) {
  Deadlines deadlines;
  deadlines.connect = std::min(deadlines.connect, std::chrono::duration_cast<milliseconds>(patience));
  deadlines.dead = std::max(deadlines.dead, std::chrono::duration_cast<milliseconds>(patience));
  TalkEvents events;
  events.on_open = [this] { std::visit([this](const auto& message) { talk_->send(message); }, request_); };
  events.on_message = [this](const DaemonMessage& message) { on_message(message); };
  events.on_end = [this](const TalkEnd& end) { answer(fail(end.error)); };
  talk_ =
      std::make_unique<DaemonTalk>(loop, HostPort{to.address, to.port}, access, deadlines, std::move(events));
  patience_ = loop.after(
      patience, [this] { answer(fail(ErrorKind::timed_out, fmt::format("daemon {}: no answer", to_))); });
}

DaemonQuestion::~DaemonQuestion() = default;

void DaemonQuestion::on_message(const DaemonMessage& message) {
  const bool is_answer = std::holds_alternative<DaemonDescription>(message) ||
                         std::holds_alternative<DaemonReleased>(message) ||
                         std::holds_alternative<OccupyRefused>(message);
  if (is_answer) return answer(message);
  if (std::holds_alternative<Unsupported>(message))
    answer(fail(ErrorKind::incompatible, fmt::format("daemon {}: it is too old for that", to_),
                "copy this release folder there"));
}

/// Once, and not from inside the conversation's own call.
void DaemonQuestion::answer(Result<DaemonMessage> result) {
  if (!on_answer_) return;
  patience_.reset();
  auto shared = std::make_shared<Result<DaemonMessage>>(std::move(result));
  answering_ = loop_.after(Duration{}, [call = std::exchange(on_answer_, nullptr), shared] {
    const auto copy = call;
    copy(std::move(*shared));
  });
}

}  // namespace oct
