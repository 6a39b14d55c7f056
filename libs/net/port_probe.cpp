#include "net/port_probe.hpp"

#include "net/asio.hpp"
#include "net/stream.hpp"

namespace oct {
namespace {

using OnAnswer = std::function<void(PortAnswer)>;

PortAnswer answer_of(IoError error) {
  if (!error) return PortAnswer::connected;
  if (error == asio::error::connection_refused || error == asio::error::connection_reset)
    return PortAnswer::refused;
  if (error == asio::error::timed_out) return PortAnswer::silent;
  if (error == asio::error::access_denied || error == asio::error::no_permission)
    return PortAnswer::forbidden;
  return PortAnswer::unreachable;
}

class ProbeAttempt : public std::enable_shared_from_this<ProbeAttempt> {
 public:
  ProbeAttempt(asio::io_context& context, OnAnswer on_answer)
      : socket_(context), timer_(context), on_answer_(std::move(on_answer)) {}

  void start(const Endpoint& to, Duration patience) {
    IoError error;
    const tcp::endpoint endpoint(asio::ip::make_address(to.address, error), to.port);
    if (!error) socket_.open(endpoint.protocol(), error);
    timer_.expires_after(error ? Duration{} : patience);
    if (!error) {
      keep_from_children(socket_.native_handle());
      socket_.async_connect(endpoint, [self = shared_from_this()](IoError result) {
        if (result != asio::error::operation_aborted) self->end(answer_of(result));
      });
    }
    const PortAnswer late = error ? PortAnswer::unreachable : PortAnswer::silent;
    timer_.async_wait([self = shared_from_this(), late](IoError result) {
      if (!result) self->end(late);
    });
  }

  void cancel() {
    ended_ = true;
    close();
  }

 private:
  void close() {
    IoError ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

  void end(PortAnswer answer) {
    if (std::exchange(ended_, true)) return;
    close();
    on_answer_(answer);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  OnAnswer on_answer_;
  bool ended_ = false;
};

class ProbeHandle final : public PortProbe {
 public:
  explicit ProbeHandle(std::shared_ptr<ProbeAttempt> attempt) : attempt_(std::move(attempt)) {}
  ~ProbeHandle() override { attempt_->cancel(); }

 private:
  std::shared_ptr<ProbeAttempt> attempt_;
};

}  // namespace

const char* words_of(PortAnswer answer) {
  switch (answer) {
    case PortAnswer::connected: return "connected";
    case PortAnswer::refused: return "connection refused: nothing listens there";
    case PortAnswer::silent: return "no answer";
    case PortAnswer::unreachable: return "no such computer is reachable";
    case PortAnswer::forbidden: return "this computer's own system does not let it out";
  }
  return "unknown";
}

std::unique_ptr<PortProbe> probe_port(EventLoop& loop, const Endpoint& to, Duration patience,
                                      OnAnswer on_answer) {
  auto attempt = std::make_shared<ProbeAttempt>(loop.context(), std::move(on_answer));
  attempt->start(to, patience);
  return std::make_unique<ProbeHandle>(std::move(attempt));
}

}  // namespace oct
