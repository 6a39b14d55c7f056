#pragma once
#include <functional>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/event_loop.hpp"

namespace oct {

struct DatagramOptions {
  std::string address = "0.0.0.0";  ///< numeric, of this computer; "::" for IPv6
  std::uint16_t port = 0;           ///< 0 = any
};

/// What became of a datagram handed to the system.
enum class Sent {
  done,
  later,   ///< no room: unreachable neighbours fill the socket's buffer for seconds; try again then
  failed,  ///< no way to that address, or not allowed
};

/// A UDP socket that may broadcast. Errors that a datagram sent earlier brought back (a closed port there)
/// never end it. A resource; the loop's thread only; destroying it, from inside its call too, silences it.
class DatagramSocket {
 public:
  using OnDatagram = std::function<void(const Endpoint& from, ByteView bytes)>;

  /// unavailable when the port is in use; invalid_input when the address is not one of this computer.
  static Result<std::unique_ptr<DatagramSocket>> open(EventLoop& loop, const DatagramOptions& options,
                                                      OnDatagram on_datagram);
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  /// Never blocks.
  Sent send(const Endpoint& to, ByteView bytes);

  std::uint16_t port() const;

 private:
  class Impl;
  explicit DatagramSocket(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
