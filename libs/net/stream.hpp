#pragma once
#include <memory>
#include <span>
#include <tuple>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/asio.hpp"

// Inside net/ only.

namespace oct {

/// Bytes both ways, in order: a TCP socket, plain or with a layer of encryption upon it. One read and one
/// write at a time.
class Stream {
 public:
  using IoResult = std::tuple<IoError, std::size_t>;

  virtual ~Stream() = default;
  /// At least one byte, or an error; asio::error::eof when the peer sends no more.
  virtual asio::awaitable<IoResult> read_some(std::span<std::byte> space) = 0;
  virtual asio::awaitable<IoResult> write_some(std::span<const std::byte> bytes) = 0;
  /// Tells the peer that nothing follows; what was written still arrives.
  virtual asio::awaitable<void> end_writing() = 0;
  /// At once; reads and writes in progress end with an error.
  virtual void close() = 0;
  /// Last words before close(): as much as the system takes at once, the rest is lost. Not while a write is
  /// in progress.
  virtual void write_now(std::span<const std::byte> bytes) = 0;
};

/// What ends an encrypted stream besides the errors of its socket.
enum class StreamFault {
  damaged = 1,  ///< something else arrived than was sent
  cut_off,      ///< the socket ended, the encryption did not
};
IoError make_error_code(StreamFault fault);

std::unique_ptr<Stream> make_plain_stream(tcp::socket socket);

/// Writes all bytes, or the first error.
asio::awaitable<IoError> write_all(Stream& stream, std::span<const std::byte> bytes);

/// Reads and forgets until the peer has closed.
asio::awaitable<void> read_to_end(Stream& stream);

Endpoint endpoint_of(const tcp::endpoint& endpoint);

/// Handles that no child process inherits. For listening sockets, too.
void keep_from_children(asio::detail::socket_type socket);  // each protocol's handle converts to it

/// What every connected socket of ours has: no delay for small packets, little unsent data in the system, no
/// inheritance.
void set_up(tcp::socket& socket);

/// What a socket's error asks for, in the same words on every system.
Error error_of(IoError error, const std::string& what);

}  // namespace oct
