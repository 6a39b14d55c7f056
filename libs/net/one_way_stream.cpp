#include "net/one_way_stream.hpp"

#include <deque>
#include <exception>
#include <functional>
#include <utility>

#include "net/asio.hpp"
#include "net/preamble_exchange.hpp"
#include "net/stream.hpp"

namespace oct {
namespace {

/// Shared by the handle and the coroutines, so that either may go first.
class OneWayState : public std::enable_shared_from_this<OneWayState> {
 public:
  OneWayState(asio::io_context& context, std::string host, std::uint16_t port, OneWayEvents events)
      : context_(context), host_(std::move(host)), port_(port), events_(std::move(events)) {}

  void start(Duration limit) {
    asio::co_spawn(context_, run(limit), asio::bind_cancellation_slot(cancel_.slot(), ended()));
  }

  void close() {
    closed_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
    if (stream_) stream_->close();
  }

  void send(Bytes bytes, std::function<void()> on_sent) {
    queue_.emplace_back(std::move(bytes), std::move(on_sent));
    if (stream_ && !std::exchange(writing_, true)) asio::co_spawn(context_, write_queue(), ended());
  }

 private:
  /// What a coroutine leaves: nothing after close(), which may interrupt it anywhere.
  std::function<void(std::exception_ptr)> ended() {
    return [self = shared_from_this()](std::exception_ptr exception) {
      if (exception && !self->closed_) std::rethrow_exception(exception);
    };
  }

  asio::awaitable<void> run(Duration limit) {
    auto connected = co_await within(context_, limit, reach());
    if (closed_) co_return;
    if (!connected) failure_ = {ErrorKind::timed_out, Endpoint{host_, port_}.text() + ": no answer"};
    if (!connected || !*connected) co_return lost();
    stream_ = std::move(*connected);
    events_.on_connected();
    std::byte dropped[512];
    while (!closed_) {
      const auto [error, count] = co_await stream_->read_some(dropped);
      if (!error) continue;
      failure_ = error_of(error, Endpoint{host_, port_}.text());
      co_return lost();
    }
  }

  /// Connected to the first address that takes it; without one, failure_ tells of the last.
  asio::awaitable<std::unique_ptr<Stream>> reach() {
    tcp::resolver resolver(context_);
    auto [unknown, found] = co_await resolver.async_resolve(host_, std::to_string(port_), kAsValue);
    if (unknown) failure_ = error_of(unknown, host_);
    for (const auto& entry : found) {
      tcp::socket socket(context_);
      IoError error;
      socket.open(entry.endpoint().protocol(), error);
      if (!error) {
        set_up(socket);
        std::tie(error) = co_await socket.async_connect(entry.endpoint(), kAsValue);
      }
      if (!error) co_return make_plain_stream(std::move(socket));
      failure_ = error_of(error, Endpoint{host_, port_}.text());
    }
    co_return nullptr;
  }

  asio::awaitable<void> write_queue() {
    while (!closed_ && !queue_.empty()) {
      auto [bytes, on_sent] = std::move(queue_.front());
      queue_.pop_front();
      const IoError error = co_await write_all(*stream_, bytes);
      if (closed_) co_return;
      if (error) {
        stream_->close();  // the read under way tells of it
        co_return;
      }
      on_sent();
    }
    writing_ = false;
  }

  void lost() {
    if (!std::exchange(closed_, true)) events_.on_lost(failure_);
  }

  asio::io_context& context_;
  const std::string host_;
  const std::uint16_t port_;
  const OneWayEvents events_;
  asio::cancellation_signal cancel_;
  std::unique_ptr<Stream> stream_;
  std::deque<std::pair<Bytes, std::function<void()>>> queue_;
  Error failure_{ErrorKind::unavailable, "no address"};
  bool writing_ = false;
  bool closed_ = false;
};

class OneWayHandle final : public OneWayStream {
 public:
  OneWayHandle(std::shared_ptr<OneWayState> state, Duration limit) : state_(std::move(state)) {
    state_->start(limit);
  }
  ~OneWayHandle() override { state_->close(); }
  void send(Bytes bytes, std::function<void()> on_sent) override {
    state_->send(std::move(bytes), std::move(on_sent));
  }

 private:
  std::shared_ptr<OneWayState> state_;
};

}  // namespace

std::unique_ptr<OneWayStream> open_one_way_stream(EventLoop& loop, const std::string& host,
                                                  std::uint16_t port, Duration limit, OneWayEvents events) {
  auto state = std::make_shared<OneWayState>(loop.context(), host, port, std::move(events));
  return std::make_unique<OneWayHandle>(std::move(state), limit);
}

}  // namespace oct
