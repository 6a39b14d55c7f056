#pragma once
#include <memory>
#include <optional>

#include "net/connection.hpp"
#include "net/connection_watchdog.hpp"
#include "net/send_queue.hpp"
#include "net/stream.hpp"

// Inside net/ only: the coroutines of a connection and what they share.

namespace oct {

/// A place among the strangers; free again when destroyed. The count may outlive its listener.
class StrangerSlot {
 public:
  explicit StrangerSlot(std::shared_ptr<std::size_t> count) : count_(std::move(count)) { ++*count_; }
  ~StrangerSlot() { --*count_; }
  StrangerSlot(const StrangerSlot&) = delete;
  StrangerSlot& operator=(const StrangerSlot&) = delete;

 private:
  std::shared_ptr<std::size_t> count_;
};

class Connection::Impl : public std::enable_shared_from_this<Connection::Impl> {
 public:
  Impl(asio::io_context& context, std::unique_ptr<Stream> stream, Endpoint peer, Preamble preamble,
       Instant handshake_end, Duration linger, std::unique_ptr<StrangerSlot> slot);

  void start(ConnectionEvents events);
  void established(Duration heartbeat, Duration dead, std::function<std::uint64_t()> progress);
  void send(Lane lane, Bytes packet);
  void finish();
  /// Ends the coroutines soon; on_closed tells `reason` unless the owner has gone.
  void end(Error reason);
  /// The owner has gone: no event any more.
  void abandon();

  const Endpoint peer;
  const Preamble preamble;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  Instant last_heard;
  bool closed = false;
  bool bulk_has_room() const { return queue_.has_room(); }

 private:
  asio::awaitable<void> run();
  /// The same, with exceptions as errors: `||` would swallow them and go on without the one that threw.
  static asio::awaitable<Error> guarded(asio::awaitable<Error> part);
  asio::awaitable<Error> read();
  asio::awaitable<Error> write();
  asio::awaitable<std::optional<Error>> write_packet(Bytes packet);
  asio::awaitable<Error> end_writing();
  asio::awaitable<Error> run_watchdog();
  std::optional<Error> deliver();
  Error end_of_reading(IoError error) const;
  void wake_writer() { wake_writer_.cancel(); }
  Duration waited() const;
  bool is_silent() const { return abandoned_ || end_reason_.has_value(); }

  asio::io_context& context_;
  std::unique_ptr<Stream> stream_;
  const Duration linger_;
  std::unique_ptr<StrangerSlot> slot_;
  ConnectionEvents events_;
  PacketCutter cutter_;
  SendQueue queue_;
  ConnectionWatchdog watchdog_;
  std::function<std::uint64_t()> progress_;
  Duration heartbeat_{};
  Instant next_heartbeat_ = Instant::max();
  Duration waited_{};                     ///< in writes that have ended
  std::optional<Instant> waiting_since_;  ///< of the write in progress
  asio::steady_timer wake_writer_, wake_watchdog_, pause_;
  std::optional<Error> end_reason_;
  bool started_ = false, abandoned_ = false, finishing_ = false;
};

/// A connection over a stream whose preambles have been exchanged.
std::unique_ptr<Connection> make_connection(asio::io_context& context, std::unique_ptr<Stream> stream,
                                            Endpoint peer, Preamble preamble, Instant handshake_end,
                                            Duration linger, std::unique_ptr<StrangerSlot> slot);

}  // namespace oct
