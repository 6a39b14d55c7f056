#include "daemon/control_client.hpp"

#include <fmt/format.h>

#include <optional>

#include "net/connector.hpp"
#include "net/event_loop.hpp"
#include "wire/codec.hpp"

namespace oct {
namespace {

constexpr Duration kPatience = seconds(20);

/// One question and its answer, on a loop of its own.
class Question {
 public:
  Question(std::string address, std::uint16_t port, const ControlRequest& request)
      : where_(Endpoint{address, port}.text()), request_(request) {
    options_.host = std::move(address);
    options_.port = port;
    options_.question.conversation = Conversation::control;  // in plain: it never leaves this computer
    options_.question.name = host_name();
  }

  Result<ControlAnswer> ask() {
    connecting_ = connect(
        loop_, options_, [this](std::unique_ptr<Connection> made) { on_connected(std::move(made)); },
        [this](const ConnectFailure& failure) { done(no_daemon(failure.error.message)); });
    const auto limit = loop_.after(kPatience, [this] { done(no_daemon("it does not answer")); });
    loop_.run();
    connection_.reset();
    return *std::move(answer_);
  }

 private:
  void on_connected(std::unique_ptr<Connection> made) {
    connection_ = std::move(made);
    ConnectionEvents events;
    events.on_packet = [this](Packet packet) { on_packet(std::move(packet)); };
    events.on_closed = [this](const Error& reason) { done(no_daemon(reason.message)); };
    connection_->start(std::move(events));
    connection_->established(options_.deadlines.heartbeat, options_.deadlines.dead,
                             [] { return std::uint64_t{0}; });
    connection_->send(request_, 1);
  }

  void on_packet(Packet packet) {
    auto message = decode_daemon_message(std::move(packet));
    if (!message) return done(fail(message.error()));
    auto* known = std::get_if<DaemonMessage>(&*message);
    if (known == nullptr || std::holds_alternative<Heartbeat>(*known)) return;
    auto* answer = std::get_if<ControlAnswer>(known);
    if (answer == nullptr || answer->description.empty())
      return done(no_daemon("it does not know this request; it is of another release"));
    done(std::move(*answer));
  }

  Unexpected no_daemon(const std::string& why) const {
    return fail(ErrorKind::unavailable, fmt::format("no daemon answers at {}: {}", where_, why),
                "octane_daemon --port N names another port");
  }

  /// The first word counts.
  void done(Result<ControlAnswer> answer) {
    if (!answer_) answer_ = std::move(answer);
    loop_.stop();
  }

  EventLoop loop_;
  std::string where_;
  ControlRequest request_;
  ConnectOptions options_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Connection> connection_;
  std::optional<Result<ControlAnswer>> answer_;
};

}  // namespace

Result<ControlAnswer> ask_running_daemon(const std::string& address, std::uint16_t port,
                                         const ControlRequest& request) {
  return Question(address, port, request).ask();
}

}  // namespace oct
