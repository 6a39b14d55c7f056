#include "net/connection.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "net/connection_impl.hpp"

namespace oct {
namespace {

std::uint64_t microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

/// Time for the reader to take what the peer sent before it stopped reading from us: the reason, most likely.
constexpr Duration kLastWords = milliseconds(500);

}  // namespace

Connection::Impl::Impl(asio::io_context& context, std::unique_ptr<Stream> stream, Endpoint peer_endpoint,
                       Preamble peer_preamble, Instant handshake_end, Duration linger,
                       std::unique_ptr<StrangerSlot> slot)
    : peer(std::move(peer_endpoint)),
      preamble(std::move(peer_preamble)),
      last_heard(steady_now()),
      context_(context),
      stream_(std::move(stream)),
      linger_(linger),
      slot_(std::move(slot)),
      watchdog_(steady_now(), handshake_end),
      wake_writer_(context),
      wake_watchdog_(context),
      pause_(context) {}

void Connection::Impl::start(ConnectionEvents events) {
  OCT_CHECK(!started_);
  OCT_CHECK(events.on_packet && events.on_bulk_room && events.on_closed);
  started_ = true;
  events_ = std::move(events);
  asio::co_spawn(context_, run(), [self = shared_from_this()](std::exception_ptr exception) {
    if (exception) std::rethrow_exception(exception);  // the owner's on_closed threw: out of EventLoop::run
  });
}

void Connection::Impl::established(Duration heartbeat, Duration dead,
                                   std::function<std::uint64_t()> progress) {
  slot_.reset();
  progress_ = std::move(progress);
  heartbeat_ = heartbeat;
  next_heartbeat_ = steady_now();
  watchdog_.established(steady_now(), dead);
  wake_watchdog_.cancel();
}

void Connection::Impl::send(Lane lane, Bytes packet) {
  if (closed || finishing_ || is_silent()) return;
  if (!queue_.push(lane, std::move(packet)))
    return end({ErrorKind::exhausted, "the other side does not read what it is sent"});
  wake_writer();
}

void Connection::Impl::finish() {
  if (finishing_) return;
  finishing_ = true;
  wake_writer();
}

void Connection::Impl::end(Error reason) {
  if (end_reason_) return;
  end_reason_ = std::move(reason);
  wake_watchdog_.cancel();
}

void Connection::Impl::abandon() {
  abandoned_ = true;
  if (!started_) return stream_->close();
  end({ErrorKind::cancelled, "closed by its owner"});
}

asio::awaitable<Error> Connection::Impl::guarded(asio::awaitable<Error> part) {
  try {
    co_return co_await std::move(part);
  } catch (const std::exception& exception) {
    co_return Error{ErrorKind::internal,
                    fmt::format("connection ended by an exception: {}", exception.what())};
  }
}

/// Root. The first part to end tells why; `||` then ends the others.
asio::awaitable<void> Connection::Impl::run() {
  // Never from inside start(): an encrypted stream may have whole packets already, decrypted with the
  // handshake.
  co_await asio::post(context_, asio::use_awaitable);
  const auto first = co_await (guarded(read()) || guarded(write()) || guarded(run_watchdog()));
  const Error reason = std::visit([](const Error& error) { return error; }, first);
  stream_->close();
  slot_.reset();
  closed = true;
  if (!abandoned_) events_.on_closed(end_reason_ ? *end_reason_ : reason);
  events_ = {};
  progress_ = {};
}

asio::awaitable<Error> Connection::Impl::read() {
  while (true) {
    const auto [error, count] = co_await stream_->read_some(cutter_.space());
    if (error) co_return end_of_reading(error);
    bytes_in += count;
    last_heard = steady_now();
    watchdog_.heard(last_heard);
    cutter_.written(count);
    if (auto fault = deliver()) co_return *fault;
  }
}

/// Hands all whole packets to the owner; what ends the connection, if anything does.
std::optional<Error> Connection::Impl::deliver() {
  while (true) {
    auto packet = cutter_.next();
    if (!packet) return packet.error();
    if (!packet->has_value() || is_silent()) return std::nullopt;
    if (finishing_) continue;
    events_.on_packet(std::move(**packet));
  }
}

Error Connection::Impl::end_of_reading(IoError error) const {
  if (error != asio::error::eof) return error_of(error, "");
  if (cutter_.in_the_middle())
    return {ErrorKind::unavailable, "connection closed in the middle of a message"};
  return {ErrorKind::cancelled, "connection closed by the other side"};
}

asio::awaitable<Error> Connection::Impl::write() {
  while (true) {
    const bool had_room = queue_.has_room();
    auto packet = queue_.next();
    if (packet) {
      if (!had_room && queue_.has_room() && !is_silent()) events_.on_bulk_room();
      const std::optional<Error> fault = co_await write_packet(std::move(*packet));
      if (fault) co_return *fault;
      continue;
    }
    if (finishing_) co_return co_await end_writing();
    wake_writer_.expires_at(Instant::max());
    co_await wake_writer_.async_wait(kAsValue);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Error{ErrorKind::cancelled, ""};
  }
}

asio::awaitable<std::optional<Error>> Connection::Impl::write_packet(Bytes packet) {
  ByteView rest = packet;
  watchdog_.write_began(steady_now());
  while (!rest.empty()) {
    waiting_since_ = steady_now();
    const auto [error, count] = co_await stream_->write_some(rest);
    waited_ = waited();
    waiting_since_.reset();
    if (error) {
      pause_.expires_after(kLastWords);
      co_await pause_.async_wait(kAsValue);
      co_return error_of(error, "");
    }
    watchdog_.write_moved(steady_now());
    bytes_out += count;
    rest = rest.subspan(count);
  }
  watchdog_.write_ended();
  co_return std::nullopt;
}

/// Time in which the system took nothing, the write in progress included.
Duration Connection::Impl::waited() const {
  return waited_ + (waiting_since_ ? steady_now() - *waiting_since_ : Duration());
}

/// The reader ends the connection when the peer has read all and closes; else time does.
asio::awaitable<Error> Connection::Impl::end_writing() {
  co_await stream_->end_writing();
  wake_writer_.expires_after(linger_);
  co_await wake_writer_.async_wait(kAsValue);
  co_return Error{ErrorKind::cancelled, "finished"};
}

asio::awaitable<Error> Connection::Impl::run_watchdog() {
  while (true) {
    wake_watchdog_.expires_after(heartbeat_ > Duration() ? std::min(watchdog_.tick(), heartbeat_)
                                                         : watchdog_.tick());
    if (!end_reason_) co_await wake_watchdog_.async_wait(kAsValue);
    if (end_reason_) co_return *end_reason_;
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Error{ErrorKind::cancelled, ""};
    if (auto fault = watchdog_.check(steady_now())) co_return *fault;
    if (steady_now() < next_heartbeat_) continue;
    next_heartbeat_ = steady_now() + heartbeat_;
    if (!finishing_) send(Lane::control, encode(Heartbeat{progress_(), microseconds(waited())}));
  }
}

Connection::Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() {
  impl_->abandon();
}

void Connection::start(ConnectionEvents events) {
  impl_->start(std::move(events));
}
void Connection::established(std::chrono::milliseconds heartbeat, std::chrono::milliseconds dead,
                             std::function<std::uint64_t()> progress) {
  impl_->established(heartbeat, dead, std::move(progress));
}
void Connection::send_packet(Lane lane, Bytes packet) {
  impl_->send(lane, std::move(packet));
}
bool Connection::bulk_has_room() const {
  return impl_->bulk_has_room();
}
void Connection::finish() {
  impl_->finish();
}
const Endpoint& Connection::peer() const {
  return impl_->peer;
}
const Preamble& Connection::preamble() const {
  return impl_->preamble;
}
bool Connection::is_closed() const {
  return impl_->closed;
}
std::uint64_t Connection::bytes_in() const {
  return impl_->bytes_in;
}
std::uint64_t Connection::bytes_out() const {
  return impl_->bytes_out;
}
Instant Connection::last_heard() const {
  return impl_->last_heard;
}

std::unique_ptr<Connection> make_connection(asio::io_context& context, std::unique_ptr<Stream> stream,
                                            Endpoint peer, Preamble preamble, Instant handshake_end,
                                            Duration linger, std::unique_ptr<StrangerSlot> slot) {
  return std::make_unique<Connection>(
      std::make_shared<Connection::Impl>(context, std::move(stream), std::move(peer), std::move(preamble),
                                         handshake_end, linger, std::move(slot)));
}

}  // namespace oct
