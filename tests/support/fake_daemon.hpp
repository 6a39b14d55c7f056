#pragma once
#include <map>
#include <memory>
#include <vector>

#include "base/check.hpp"
#include "net/datagram.hpp"
#include "net/discovery.hpp"
#include "net/listener.hpp"
#include "support/daemons.hpp"
#include "wire/codec.hpp"

namespace oct::test {

/// A daemon of this computer, with nothing behind it: it answers probes and requests as told, and records who
/// owns it. Lives on the loop.
class FakeDaemon {
 public:
  explicit FakeDaemon(EventLoop& loop, char digit = 'a', const std::string& name = "RENDER1")
      : status(a_status(digit, name)) {
    ListenOptions options;
    options.address = "127.0.0.1";
    options.answer.conversation = Conversation::daemon;
    options.answer.name = name;
    auto listener = Listener::open(
        loop, options, [this](std::unique_ptr<Connection> connection) { accept(std::move(connection)); },
        [](const RefusedPeer&) {});
    OCT_CHECK(listener.has_value());
    listener_ = *std::move(listener);
    status.port = listener_->port();
    auto socket =
        DatagramSocket::open(loop, {"127.0.0.1", port()},
                             [this](const Endpoint& from, ByteView bytes) { answer_probe(from, bytes); });
    OCT_CHECK(socket.has_value());
    socket_ = *std::move(socket);
  }

  std::uint16_t port() const { return listener_->port(); }
  bool owned() const { return owner_ != 0; }

  /// Ends the owner's occupancy, by somebody else.
  void rob(const std::string& nick) {
    DaemonTaken taken;
    taken.by = {an_owner(nick, "10.0.0.104")};
    peers_.at(owner_)->send(taken);
    free();
  }
  void tell_owner(const SlaveReport& report) { peers_.at(owner_)->send(report); }

  DaemonStatus status;
  bool reachable = true;             ///< what it answers to TryReach
  bool large_packets_arrive = true;  ///< else it answers TestPath as little as if it had not come
  int occupied = 0, released = 0;

 private:
  void answer_probe(const Endpoint& from, ByteView bytes) {
    const auto probe = read_probe(bytes, {});
    if (!probe) return;
    DaemonStatus answer = status;
    answer.nonce = probe->message.nonce;
    socket_->send(from, status_datagram(answer, {}));
  }

  void accept(std::unique_ptr<Connection> connection) {
    const int peer = ++last_peer_;
    ConnectionEvents events;
    events.on_packet = [this, peer](Packet packet) {
      auto message = decode_daemon_message(std::move(packet));
      OCT_CHECK(message.has_value());
      on_message(peer, std::get<DaemonMessage>(*message));
    };
    events.on_closed = [this, peer](const Error&) {
      if (peer == owner_) free();
      peers_.erase(peer);
    };
    peers_[peer] = std::move(connection);
    peers_[peer]->start(std::move(events));
    peers_[peer]->established(milliseconds(1000), milliseconds(15000), [] { return std::uint64_t{0}; });
  }

  void on_message(int peer, const DaemonMessage& message) {
    Connection& connection = *peers_.at(peer);
    if (const auto* occupy = std::get_if<OccupyDaemon>(&message)) {
      owner_ = peer;
      ++occupied;
      status.mode = DaemonMode::bound;
      status.owner = {an_owner(occupy->nick, connection.peer().address)};
      connection.send(DaemonOccupied());
    } else if (std::holds_alternative<ReleaseDaemon>(message)) {
      ++released;
      free();
      connection.send(DaemonReleased());
    } else if (std::holds_alternative<DescribeDaemon>(message)) {
      DaemonDescription description;
      description.id = status.id;
      description.name = status.name;
      description.mode = status.mode;
      description.reason = status.reason;
      description.slave_version = status.slave_version;
      description.owner = status.owner;
      connection.send(description);
    } else if (const auto* test = std::get_if<TestPath>(&message)) {
      if (large_packets_arrive) connection.send(PathTested{Bytes(test->answer_bytes)});
    } else if (std::holds_alternative<TryReach>(message)) {
      connection.send(ReachResult{reachable ? 1u : 0u, reachable ? "" : "no answer"});
    }
  }

  void free() {
    owner_ = 0;
    status.mode = DaemonMode::unbound;
    status.owner.clear();
  }

  int last_peer_ = 0, owner_ = 0;
  std::map<int, std::unique_ptr<Connection>> peers_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<DatagramSocket> socket_;
};

}  // namespace oct::test
