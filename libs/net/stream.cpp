#include "net/stream.hpp"

#include <fmt/format.h>

#include "base/exhaustion.hpp"
#include "wire/limits.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <netinet/tcp.h>
#endif

namespace oct {
namespace {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<IoResult> read_some(std::span<std::byte> space) override {
    return socket_.async_read_some(asio::buffer(space.data(), space.size()), kAsValue);
  }
  asio::awaitable<IoResult> write_some(std::span<const std::byte> bytes) override {
    return socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), kAsValue);
  }
  asio::awaitable<void> end_writing() override {
    IoError ignored;  // the peer may have gone already
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }
  void close() override {
    IoError ignored;
    socket_.close(ignored);
  }
  void write_now(std::span<const std::byte> bytes) override {
    IoError ignored;
    socket_.non_blocking(true, ignored);
    if (!bytes.empty() && !ignored) socket_.send(asio::buffer(bytes.data(), bytes.size()), 0, ignored);
  }

 private:
  tcp::socket socket_;
};

class StreamFaults final : public std::error_category {
 public:
  const char* name() const noexcept override { return "encrypted stream"; }
  std::string message(int value) const override {
    return value == static_cast<int>(StreamFault::damaged)
               ? "the encrypted connection was damaged on its way (changed bits, or somebody interferes)"
               : "connection cut off by the other side";
  }
};

std::string text_of(IoError error) {
  if (error == asio::error::connection_refused) return "connection refused: nothing listens there";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return "connection broken by the other side";
  if (error == asio::error::connection_aborted) return "connection broken";
  if (error == asio::error::eof) return "connection closed by the other side";
  if (error == asio::error::timed_out) return "no answer";
  if (error == asio::error::host_unreachable) return "no such computer is reachable";
  if (error == asio::error::network_unreachable) return "network is not reachable";
  if (error == asio::error::host_not_found || error == asio::error::host_not_found_try_again ||
      error == asio::error::no_data)
    return "no computer of that name is known";
  return error.message();
}

}  // namespace

IoError make_error_code(StreamFault fault) {
  static const StreamFaults faults;
  return {static_cast<int>(fault), faults};
}

std::unique_ptr<Stream> make_plain_stream(tcp::socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

asio::awaitable<IoError> write_all(Stream& stream, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto [error, count] = co_await stream.write_some(bytes);
    if (error) co_return error;
    bytes = bytes.subspan(count);
  }
  co_return IoError();
}

asio::awaitable<void> read_to_end(Stream& stream) {
  std::array<std::byte, 4096> forgotten;
  while (true) {
    const auto [error, count] = co_await stream.read_some(forgotten);
    if (error) co_return;
  }
}

Endpoint endpoint_of(const tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return {address.to_string(), endpoint.port()};
}

void keep_from_children(asio::detail::socket_type socket) {
#if defined(_WIN32)
  SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
#else
  // Asio opens sockets without SOCK_CLOEXEC. Children are spawned by the loop's own thread, so none can slip
  // between.
  ::fcntl(socket, F_SETFD, ::fcntl(socket, F_GETFD) | FD_CLOEXEC);
#endif
}

void set_up(tcp::socket& socket) {
  keep_from_children(socket.native_handle());
  IoError ignored;  // each is an improvement, none a condition
  socket.set_option(tcp::no_delay(true), ignored);
#if defined(TCP_NOTSENT_LOWAT)
  const int unsent = static_cast<int>(kUnsentBytes);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, reinterpret_cast<const char*>(&unsent),
               sizeof unsent);
#else
  socket.set_option(asio::socket_base::send_buffer_size(static_cast<int>(kUnsentBytes)), ignored);
#endif
}

Error error_of(IoError error, const std::string& what) {
  if (is_out_of_files(error)) return out_of_files(what);
  const ErrorKind kind = error == asio::error::timed_out ? ErrorKind::timed_out : ErrorKind::unavailable;
  return {kind, what.empty() ? text_of(error) : fmt::format("{}: {}", what, text_of(error))};
}

}  // namespace oct
