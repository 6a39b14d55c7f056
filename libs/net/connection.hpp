#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "wire/codec.hpp"
#include "wire/limits.hpp"
#include "wire/packet.hpp"
#include "wire/preamble.hpp"

namespace oct {

/// What a connection tells its owner, on the loop's thread, never from inside a call of the owner.
struct ConnectionEvents {
  std::function<void(Packet)> on_packet;
  /// The bulk queue fell below kBulkRoomBytes: time to hand over more.
  std::function<void()> on_bulk_room = [] {};
  /// Exactly once, and then nothing more. `cancelled`: the peer closed in order, or finish() is done;
  /// `timed_out`: silent or stuck; `protocol`: it broke the rules; `unavailable`: the system reports it
  /// broken; `exhausted`: it does not read.
  std::function<void(const Error&)> on_closed;
};

/// One connection to a peer that passed the preamble, carrying packets both ways: a reader, a writer and a
/// watchdog. Control messages pass bulk ones; what is silent, or takes nothing, for the deadline is dead. A
/// resource: destroying it, from inside an event too, closes at once and silences its events. The loop's
/// thread only.
class Connection {
 public:
  class Impl;
  explicit Connection(std::shared_ptr<Impl> impl);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to read. Until established() everything must happen within the handshake deadline.
  void start(ConnectionEvents events);

  /// The peer's hello or welcome was accepted: from now on heartbeats are sent, with `progress()` and the
  /// time that writing has waited in them, and watched for. Before it no heartbeat is sent.
  void established(std::chrono::milliseconds heartbeat, std::chrono::milliseconds dead,
                   std::function<std::uint64_t()> progress);

  /// Queues a message in its lane. Too much queued ends the connection (`exhausted`). Nothing after finish()
  /// or the end.
  template <class Message>
  void send(const Message& message, std::uint32_t request_id = 0) {
    send_packet(Message::kLane, encode(message, request_id));
  }
  void send_packet(Lane lane, Bytes packet);

  /// Whether bulk may be handed over now; else on_bulk_room tells when.
  bool bulk_has_room() const;

  /// Sends what is queued, lets the peer read it, and closes. Packets that still arrive are dropped.
  void finish();

  const Endpoint& peer() const;      ///< numeric address
  const Preamble& preamble() const;  ///< what the peer said first: name, version
  bool is_closed() const;
  std::uint64_t bytes_in() const;
  std::uint64_t bytes_out() const;
  /// When the last byte came.
  Instant last_heard() const;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
