#include <algorithm>
#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/net_fixture.hpp"
#include "support/raw_client.hpp"
#include "support/relay.hpp"

namespace oct {
namespace {

using test::count_of;
using test::RawClient;
using test::TestServer;

/// Most must hold for plain and for encrypted connections. Nothing where this build cannot encrypt.
std::optional<NetworkAccess> plain_or_encrypted() {
  const bool encrypted = GENERATE(false, true);
  CAPTURE(encrypted);
  if (!encrypted) return NetworkAccess{};
  if (!has_tls()) return std::nullopt;
  return NetworkAccess{.key = FarmKey::generate()};
}

TEST_CASE("a heartbeat says how long writing has waited for the other side", "[net]") {
  Deadlines deadlines;
  deadlines.heartbeat = milliseconds(20);
  TestServer server(deadlines);
  RawClient raw(server.port());
  REQUIRE(raw.greet({.name = "reads later"}).has_value());
  REQUIRE(server.loop.wait_until([&] { return server.accepted.size() == 1; }));
  server.loop.on_loop([&] {
    Connection& connection = *server.accepted[0]->connection;
    connection.established(deadlines.heartbeat, deadlines.dead, [] { return std::uint64_t{7}; });
    Chunk chunk;
    chunk.content.resize(kMaxChunkBytes);
    for (int i = 0; i < 60; ++i) connection.send(chunk);  // 15 MB: more than the system takes unread
    return 0;
  });
  const auto written = [&] {
    return server.loop.on_loop([&] { return server.accepted[0]->connection->bytes_out(); });
  };
  for (std::uint64_t before = 0; before == 0 || before != written();) {
    before = written();
    std::this_thread::sleep_for(milliseconds(100));
  }
  // It has stood still for 100 ms, and every heartbeat from now on knows that.
  std::vector<std::uint64_t> waited;
  while (waited.empty() || waited.back() < 100'000) {
    REQUIRE(waited.size() < 500);
    auto packet = raw.receive_packet();
    REQUIRE(packet.has_value());
    if (packet->type != MessageType::heartbeat) continue;
    const auto message = decode_render_message(*std::move(packet));
    REQUIRE(message.has_value());
    waited.push_back(std::get<Heartbeat>(*message).waited_us);
  }
  CHECK(std::is_sorted(waited.begin(), waited.end()));
}

TEST_CASE("a name that nobody has is told of by that name, with what helps", "[net]") {
  TestServer server({}, {.name = "master"});
  server.connect_client({.name = "slave"}, {}, "not a name");
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value(); }));
  CHECK(server.failure->error.kind == ErrorKind::unavailable);
  CHECK(server.failure->error.message == "no computer is known by the name not a name");
  CHECK(server.failure->error.help.find("address") != std::string::npos);
}

TEST_CASE("messages travel both ways, and finish() lets everything arrive before the end", "[net]") {
  const auto access = plain_or_encrypted();
  if (!access) return;
  TestServer server({}, {.name = "master"}, *access);
  REQUIRE(server.connect_established());
  CHECK(server.accepted[0]->connection->preamble().name == "slave");
  CHECK(server.client->connection->preamble().name == "master");
  server.loop.on_loop([&] {
    server.client->connection->send(UpdateReport{.frame = 1, .bytes_missing = 5, .bytes_total = 9}, 77);
    for (int i = 0; i < 40; ++i) server.client->connection->send(LeaseReturn{.lease = 5, .text = "because"});
    server.client->connection->send(Goodbye{.reason = GoodbyeReason::leaving, .text = "CTRL-C"});
    server.client->connection->finish();
    server.client->connection->send(UpdateReport{});  // too late: not sent
    return 0;
  });
  REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
  auto& packets = server.accepted[0]->packets;
  CHECK(count_of(packets, MessageType::update_report) == 1);
  CHECK(count_of(packets, MessageType::lease_return) == 40);
  REQUIRE(packets.back().type == MessageType::goodbye);
  const auto goodbye = decode<Goodbye>(packets.back());
  REQUIRE(goodbye.has_value());
  CHECK(goodbye->text == "CTRL-C");
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::cancelled);
  // The server's end is dropped by its owner; only then is the client's finished, long before its linger
  // deadline.
  server.loop.on_loop([&] { return server.accepted.clear(), 0; });
  REQUIRE(server.loop.wait_until([&] { return !server.client->closed.empty(); }));
  CHECK(server.client->closed[0].kind == ErrorKind::cancelled);
  CHECK(server.client->connection->is_closed());
}

TEST_CASE("bulk arrives whole and in order while control passes it", "[net]") {
  const auto access = plain_or_encrypted();
  if (!access) return;
  TestServer server({}, {.name = "master"}, *access);
  REQUIRE(server.connect_established());
  constexpr std::uint32_t kChunks = 200;  // 50 MB
  std::uint32_t sent = 0;
  const auto fill = [&] {
    while (sent < kChunks && server.client->connection->bulk_has_room()) {
      Chunk chunk;
      chunk.raw_bytes = ++sent;
      chunk.content.assign(kMaxChunkBytes - sent, static_cast<std::byte>(sent * 37));
      server.client->connection->send(chunk);
    }
    return 0;
  };
  server.loop.on_loop(fill);
  // on_bulk_room only counts here; the test refills as an owner would.
  REQUIRE(server.loop.wait_until([&] {
    fill();
    return count_of(server.accepted[0]->packets, MessageType::chunk) == kChunks;
  }));
  server.loop.stop();
  CHECK(server.client->bulk_rooms > 0);
  std::uint32_t expected = 0;
  for (const Packet& packet : server.accepted[0]->packets) {
    if (packet.type != MessageType::chunk) continue;
    const auto chunk = decode<Chunk>(packet);
    REQUIRE(chunk.has_value());
    REQUIRE(chunk->raw_bytes == ++expected);
    REQUIRE(chunk->content == Bytes(kMaxChunkBytes - expected, static_cast<std::byte>(expected * 37)));
  }
  CHECK(server.client->connection->bytes_out() >= kChunks * (kMaxChunkBytes - kChunks));
  CHECK(server.accepted[0]->connection->bytes_in() >= kChunks * (kMaxChunkBytes - kChunks));
}

TEST_CASE("heartbeats with progress flow both ways and keep an idle connection alive", "[net]") {
  const Deadlines deadlines = test::short_deadlines();
  const auto access = plain_or_encrypted();
  if (!access) return;
  TestServer server(deadlines, {.name = "master"}, *access);
  REQUIRE(server.connect_established(deadlines));
  // Several deadlines' worth of heartbeats.
  const std::size_t wanted = 4 * static_cast<std::size_t>(deadlines.dead / deadlines.heartbeat) / 2;
  REQUIRE(server.loop.wait_until([&] {
    return server.client->packets.size() >= wanted && server.accepted[0]->packets.size() >= wanted;
  }));
  server.loop.stop();
  CHECK(server.client->closed.empty());
  CHECK(server.accepted[0]->closed.empty());
  const auto heartbeat = decode<Heartbeat>(server.client->packets[0]);
  REQUIRE(heartbeat.has_value());
  CHECK(heartbeat->progress == 7);
}

TEST_CASE("a peer that falls silent is dead after the deadline, half a packet or not", "[net]") {
  const Deadlines deadlines = test::short_deadlines();
  TestServer server(deadlines);
  RawClient raw(server.port());
  REQUIRE(raw.greet({.name = "raw"}).has_value());
  const bool half = GENERATE(false, true);
  if (half) REQUIRE(raw.send(ByteView(encode(Heartbeat{1})).first(9)));
  REQUIRE(server.loop.wait_until([&] { return server.accepted.size() == 1; }));
  server.loop.on_loop([&] {
    server.accepted[0]->connection->established(deadlines.heartbeat, deadlines.dead, [] { return 0; });
    return 0;
  });
  REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::timed_out);
  CHECK(server.accepted[0]->closed[0].message.find("silent") != std::string::npos);
}

TEST_CASE("a peer that goes in the middle of a packet has broken the connection", "[net]") {
  TestServer server;
  RawClient raw(server.port());
  REQUIRE(raw.greet({}).has_value());
  REQUIRE(raw.send_message(Heartbeat{3}));
  REQUIRE(raw.send(ByteView(encode(Heartbeat{1})).first(21)));
  raw.end_sending();
  REQUIRE(server.loop.wait_until(
      [&] { return server.accepted.size() == 1 && !server.accepted[0]->closed.empty(); }));
  CHECK(server.accepted[0]->packets.size() == 1);
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::unavailable);
}

TEST_CASE("bytes that are no packet end the connection with a protocol error", "[net]") {
  TestServer server;
  RawClient raw(server.port());
  REQUIRE(raw.greet({}).has_value());
  REQUIRE(raw.send("this is no packet of ours, however long one looks at it"));
  REQUIRE(server.loop.wait_until(
      [&] { return server.accepted.size() == 1 && !server.accepted[0]->closed.empty(); }));
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::protocol);
  CHECK(raw.receive_to_end().has_value());  // and the peer sees the end
}

TEST_CASE("a packet that comes in single bytes is a packet", "[net]") {
  TestServer server;
  RawClient raw(server.port());
  REQUIRE(raw.greet({}).has_value());
  const Bytes bytes = encode(Goodbye{.reason = GoodbyeReason::leaving, .text = "slowly"});
  for (const std::byte& byte : bytes) REQUIRE(raw.send(ByteView(&byte, 1)));
  REQUIRE(server.loop.wait_until(
      [&] { return server.accepted.size() == 1 && server.accepted[0]->packets.size() == 1; }));
  CHECK(decode<Goodbye>(server.accepted[0]->packets[0])->text == "slowly");
}

TEST_CASE("two ends that no longer hear of each other both find the other dead, encrypted or not", "[net]") {
  const auto access = plain_or_encrypted();
  if (!access) return;
  const Deadlines deadlines = test::short_deadlines();
  TestServer server({}, {.name = "master"}, *access);
  std::atomic<bool> hold = false;  // the relay has threads of its own
  const test::Relay relay(server.port(), [&](test::Relay::Way, std::uint64_t, Bytes&) {
    return hold ? test::Relay::Act::hold : test::Relay::Act::pass;
  });
  REQUIRE(server.connect_established(deadlines, relay.port()));
  hold = true;
  REQUIRE(server.loop.wait_until(
      [&] { return !server.client->closed.empty() && !server.accepted[0]->closed.empty(); }));
  CHECK(server.client->closed[0].kind == ErrorKind::timed_out);
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::timed_out);
}

TEST_CASE("a peer that sends but never reads is dead when nothing moves for the deadline", "[net]") {
  const Deadlines deadlines = test::short_deadlines();
  TestServer server(deadlines);
  RawClient raw(server.port());
  REQUIRE(raw.greet({}).has_value());
  REQUIRE(server.loop.wait_until([&] { return server.accepted.size() == 1; }));
  server.loop.on_loop([&] {
    server.accepted[0]->connection->established(deadlines.heartbeat, deadlines.dead, [] { return 0; });
    return 0;
  });
  Chunk chunk;
  chunk.content.resize(kMaxChunkBytes);
  const bool closed = server.loop.wait_until([&] {
    auto& end = *server.accepted[0];
    for (int i = 0; i < 4 && end.connection->bulk_has_room() && end.closed.empty(); ++i)
      end.connection->send(chunk);
    raw.send_message(Heartbeat{1});
    return !end.closed.empty();
  });
  REQUIRE(closed);
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::timed_out);
  CHECK(server.accepted[0]->closed[0].message.find("took nothing") != std::string::npos);
}

}  // namespace
}  // namespace oct
