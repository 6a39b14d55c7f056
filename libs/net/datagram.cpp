#include "net/datagram.hpp"

#include <fmt/format.h>

#include <array>

#include "base/exhaustion.hpp"
#include "net/own_address.hpp"
#include "net/stream.hpp"

namespace oct {
namespace {

using asio::ip::udp;

/// Room for a thousand answers that come at once, and for neighbours that are asked for in vain.
constexpr int kBufferBytes = 4 << 20;
constexpr std::size_t kLargestDatagram = 2048;
constexpr Duration kErrorPause = milliseconds(1);

bool has_no_room(IoError error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::no_buffer_space;
}

}  // namespace

class DatagramSocket::Impl : public std::enable_shared_from_this<DatagramSocket::Impl> {
 public:
  Impl(asio::io_context& context, OnDatagram on_datagram)
      : socket_(context), pause_(context), on_datagram_(std::move(on_datagram)) {}

  Result<void> open(const DatagramOptions& options) {
    IoError error, ignored;
    const auto address = asio::ip::make_address(options.address, error);
    const udp::endpoint endpoint(address, options.port);
    if (!error) socket_.open(endpoint.protocol(), error);
    if (!error) {
      keep_from_children(socket_.native_handle());
      if (endpoint.protocol() == udp::v6()) socket_.set_option(asio::ip::v6_only(true), ignored);
      socket_.set_option(asio::socket_base::broadcast(true), ignored);
      socket_.set_option(asio::socket_base::receive_buffer_size(kBufferBytes), ignored);
      socket_.set_option(asio::socket_base::send_buffer_size(kBufferBytes), ignored);
      socket_.bind(endpoint, error);
    }
    if (!error) socket_.non_blocking(true, error);
    if (error) return fail(open_error(options, error));
    port = socket_.local_endpoint(ignored).port();
    receive();
    return {};
  }

  void close() {
    open_ = false;
    IoError ignored;
    socket_.close(ignored);
    pause_.cancel();
  }

  Sent send(const Endpoint& to, ByteView bytes) {
    IoError error;
    const auto address = asio::ip::make_address(to.address, error);
    if (error || !open_) return Sent::failed;
    socket_.send_to(asio::buffer(bytes.data(), bytes.size()), udp::endpoint(address, to.port), 0, error);
    if (!error) return Sent::done;
    return has_no_room(error) ? Sent::later : Sent::failed;
  }

  std::uint16_t port = 0;

 private:
  static Error open_error(const DatagramOptions& options, IoError error) {
    const std::string where = Endpoint{options.address, options.port}.text();
    if (is_out_of_files(error)) return out_of_files(fmt::format("cannot use UDP on {}", where));
    if (error == asio::error::address_in_use || error == asio::error::access_denied)
      return {ErrorKind::unavailable, fmt::format("UDP port {} is in use by another program", options.port)};
    return cannot_use_address(fmt::format("use UDP on {}", where), options.address, error);
  }

  void receive() {
    socket_.async_receive_from(asio::buffer(space_), from_,
                               [self = shared_from_this()](IoError error, std::size_t count) {
                                 if (self->open_) self->received(error, count);
                               });
  }

  /// Systems report a closed port at the other end as an error of receiving: not ours, so we go on, but not
  /// in a hurry.
  void received(IoError error, std::size_t count) {
    if (error) {
      pause_.expires_after(kErrorPause);
      pause_.async_wait([self = shared_from_this()](IoError) {
        if (self->open_) self->receive();
      });
      return;
    }
    const Endpoint from = endpoint_of(tcp::endpoint(from_.address(), from_.port()));
    on_datagram_(from, ByteView(space_).first(count));
    if (open_) receive();
  }

  udp::socket socket_;
  asio::steady_timer pause_;
  const OnDatagram on_datagram_;
  std::array<std::byte, kLargestDatagram> space_;
  udp::endpoint from_;
  bool open_ = true;
};

Result<std::unique_ptr<DatagramSocket>> DatagramSocket::open(EventLoop& loop, const DatagramOptions& options,
                                                             OnDatagram on_datagram) {
  auto impl = std::make_shared<Impl>(loop.context(), std::move(on_datagram));
  OCT_TRY(impl->open(options));
  return std::unique_ptr<DatagramSocket>(new DatagramSocket(std::move(impl)));
}

DatagramSocket::DatagramSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
DatagramSocket::~DatagramSocket() {
  impl_->close();
}

Sent DatagramSocket::send(const Endpoint& to, ByteView bytes) {
  return impl_->send(to, bytes);
}

std::uint16_t DatagramSocket::port() const {
  return impl_->port;
}

}  // namespace oct
