#pragma once
#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/connector.hpp"
#include "net/listener.hpp"
#include "support/loop_thread.hpp"

namespace oct::test {

/// One end of a connection and everything it was told. Lives on the loop.
struct RecordedConnection {
  explicit RecordedConnection(std::unique_ptr<Connection> made) : connection(std::move(made)) {}

  void start() {
    connection->start({.on_packet = [this](Packet packet) { packets.push_back(std::move(packet)); },
                       .on_bulk_room = [this] { ++bulk_rooms; },
                       .on_closed = [this](const Error& error) { closed.push_back(error); }});
  }

  std::unique_ptr<Connection> connection;
  std::vector<Packet> packets;
  std::vector<Error> closed;
  int bulk_rooms = 0;
};

inline std::size_t count_of(const std::vector<Packet>& packets, MessageType type) {
  return static_cast<std::size_t>(std::count_if(
      packets.begin(), packets.end(), [type](const Packet& packet) { return packet.type == type; }));
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Deadlines for tests that wait for them to pass.
inline Deadlines short_deadlines() {
  return {.heartbeat = milliseconds(20),
          .suspect = milliseconds(60),
          .dead = milliseconds(300),
          .connect = milliseconds(2000),
          .handshake = milliseconds(300),
          .linger = milliseconds(300)};
}

/// A listener on a free port, with all that it accepted and refused. Its clients have its access unless told
/// otherwise.
class TestServer {
 public:
  explicit TestServer(Deadlines deadlines = {}, Preamble answer = {.name = "master"},
                      const NetworkAccess& server_access = {})
      : access(server_access) {
    loop.on_loop([&] {
      ListenOptions options{.address = "127.0.0.1",
                            .ports = {0, 1},
                            .access = access,
                            .answer = answer,
                            .deadlines = deadlines};
      auto opened = Listener::open(
          loop.loop(), options,
          [this](std::unique_ptr<Connection> connection) {
            if (on_accepted) return on_accepted(std::move(connection));
            accepted.push_back(std::make_unique<RecordedConnection>(std::move(connection)));
            accepted.back()->start();
          },
          [this](const RefusedPeer& peer) { refused.push_back(peer); });
      OCT_CHECK(opened.has_value());
      listener = *std::move(opened);
      return 0;
    });
  }
  ~TestServer() {
    loop.on_loop([this] {
      attempt.reset();
      client.reset();
      accepted.clear();
      listener.reset();
      return 0;
    });
  }

  std::uint16_t port() const { return listener->port(); }

  /// Connects with the product's own connector; client or failure is set when it is done.
  void connect_client(Preamble question = {.name = "slave"}, Deadlines deadlines = {},
                      std::string host = "127.0.0.1", std::uint16_t to_port = 0,
                      std::optional<NetworkAccess> client_access = std::nullopt) {
    if (to_port == 0) to_port = port();
    loop.on_loop([&] {
      attempt = connect(
          loop.loop(),
          {.host = host,
           .port = to_port,
           .access = client_access.value_or(access),
           .question = question,
           .deadlines = deadlines},
          [this](std::unique_ptr<Connection> connection) {
            client = std::make_unique<RecordedConnection>(std::move(connection));
            client->start();
          },
          [this](const ConnectFailure& what) { failure = what; });
      return 0;
    });
  }

  /// Both ends of one connection, with heartbeats on; through `to_port` where it is not the server's own.
  bool connect_established(Deadlines deadlines = {}, std::uint16_t to_port = 0) {
    connect_client({.name = "slave"}, deadlines, "127.0.0.1", to_port);
    if (!loop.wait_until([this] { return client && accepted.size() == 1; })) return false;
    loop.on_loop([&] {
      for (RecordedConnection* end : {client.get(), accepted[0].get()})
        end->connection->established(deadlines.heartbeat, deadlines.dead, [] { return std::uint64_t{7}; });
      return 0;
    });
    return true;
  }

  const NetworkAccess access;
  LoopThread loop;
  Listener::OnConnection on_accepted;  ///< when set, takes connections in place of `accepted`
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<RecordedConnection>> accepted;
  std::vector<RefusedPeer> refused;
  std::unique_ptr<Connecting> attempt;
  std::unique_ptr<RecordedConnection> client;
  std::optional<ConnectFailure> failure;
};

}  // namespace oct::test
