#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/net_fixture.hpp"
#include "support/random.hpp"
#include "support/raw_client.hpp"
#include "support/relay.hpp"

// Encrypted connections over loopback, with somebody in between who may do anything.

namespace oct {
namespace {

using test::count_of;
using test::has;
using test::RawClient;
using test::Relay;
using test::TestServer;
using Act = Relay::Act;
using Way = Relay::Way;

constexpr std::size_t kWordAt = 16, kFarmAt = 20;  ///< within a preamble

NetworkAccess new_access() {
  return {.key = FarmKey::generate()};
}

/// Overwrites the four bytes at `place` of the stream, if they are within this piece.
void overwrite(Bytes& bytes, std::uint64_t offset, std::size_t place, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (place + i >= offset && place + i < offset + bytes.size())
      bytes[place + i - offset] = static_cast<std::byte>(value >> 8 * i);
  }
}

TEST_CASE("what travels under a key is not what is sent", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  Bytes seen;
  {
    const Relay relay(server.port(), [&](Way, std::uint64_t, Bytes& bytes) {
      seen.insert(seen.end(), bytes.begin(), bytes.end());
      return Act::pass;
    });
    REQUIRE(server.connect_established({}, relay.port()));
    server.loop.on_loop([&] {
      server.client->connection->send(
          Goodbye{.reason = GoodbyeReason::leaving, .text = "a word in confidence"});
      server.client->connection->finish();
      return 0;
    });
    REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
  }  // its threads write what was seen
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::cancelled);
  CHECK(decode<Goodbye>(server.accepted[0]->packets.back())->text == "a word in confidence");
  const std::string_view words(reinterpret_cast<const char*>(seen.data()), seen.size());
  CHECK(words.find("octane render") != std::string_view::npos);  // what a capture may know
  CHECK(words.find("confidence") == std::string_view::npos);
  CHECK(words.find("OCPK") == std::string_view::npos);
}

TEST_CASE("another farm is refused on both sides, with both names", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  const NetworkAccess other = new_access();
  server.connect_client({.name = "WS-07"}, {}, "127.0.0.1", 0, other);
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value() && server.refused.size() == 1; }));
  const std::string theirs = farm_text(other.farm()), ours = farm_text(server.access.farm());
  CHECK(server.refused[0].error.message ==
        fmt::format("refused: farm {}, this master is farm {}", theirs, ours));
  CHECK(server.failure->error.message ==
        fmt::format("refused: farm {}, master 127.0.0.1:{} is farm {}", theirs, server.port(), ours));
  CHECK(server.failure->word == PreambleWord::other_farm);
  CHECK(server.failure->error.kind == ErrorKind::incompatible);
  CHECK(server.accepted.empty());
}

TEST_CASE("an equal farm number does not help with another key", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  const NetworkAccess other = new_access();
  const Relay relay(server.port(), [&](Way way, std::uint64_t offset, Bytes& bytes) {
    overwrite(bytes, offset, kFarmAt, way == Way::to_server ? server.access.farm() : other.farm());
    return Act::pass;
  });
  server.connect_client({.name = "liar"}, {}, "127.0.0.1", relay.port(), other);
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value() && server.refused.size() == 1; }));
  CHECK(server.accepted.empty());
  CHECK(server.refused[0].error.kind == ErrorKind::incompatible);
  CHECK(has(server.refused[0].error.message, "it has another key"));
  CHECK(server.failure->word == PreambleWord::other_farm);
  CHECK(server.failure->error.kind == ErrorKind::incompatible);
  CHECK(has(server.failure->error.message, "has another key"));
}

TEST_CASE("plain and tls never meet, whoever changes the words between them", "[net][tls]") {
  if (!has_tls()) return;
  const NetworkAccess key = new_access(), none;
  const bool server_has_key = GENERATE(false, true), client_has_key = GENERATE(false, true);
  const bool to_server = GENERATE(false, true), to_client = GENERATE(false, true);
  if (server_has_key == client_has_key && !to_server && !to_client) return;  // they may
  CAPTURE(server_has_key, client_has_key, to_server, to_client);
  TestServer server(test::short_deadlines(), {.name = "master"}, server_has_key ? key : none);
  const Relay relay(server.port(), [&](Way way, std::uint64_t offset, Bytes& bytes) {
    // to the server as if the client were of its kind, and back the other way
    const bool as_key = way == Way::to_server
                            ? server_has_key == client_has_key ? !server_has_key : server_has_key
                        : server_has_key == client_has_key ? !client_has_key
                                                           : client_has_key;
    if (way == Way::to_server ? to_server : to_client) {
      overwrite(bytes, offset, kWordAt,
                static_cast<std::uint32_t>(as_key ? PreambleWord::tls : PreambleWord::plain));
      overwrite(bytes, offset, kFarmAt, as_key ? key.farm() : 0);
    }
    return Act::pass;
  });
  server.connect_client({.name = "slave"}, test::short_deadlines(), "127.0.0.1", relay.port(),
                        client_has_key ? key : none);
  // Who lets the other in without a key on its own side has nothing to protect; who has a key never does.
  REQUIRE(server.loop.wait_until([&] {
    const bool client_done = server.failure.has_value() || (server.client && !server.client->closed.empty());
    const bool server_done =
        !server.refused.empty() || (!server.accepted.empty() && !server.accepted[0]->closed.empty());
    return client_done && (server_done || server.accepted.empty());
  }));
  if (server_has_key) CHECK(server.accepted.empty());
  if (client_has_key) CHECK(server.client == nullptr);
  for (const auto& accepted : server.accepted) CHECK(accepted->packets.empty());
}

TEST_CASE("a recorded conversation said again is nobody", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  Bytes recorded;
  {
    const Relay relay(server.port(), [&](Way way, std::uint64_t, Bytes& bytes) {
      if (way == Way::to_server) recorded.insert(recorded.end(), bytes.begin(), bytes.end());
      return Act::pass;
    });
    REQUIRE(server.connect_established({}, relay.port()));
    server.loop.on_loop([&] {
      server.client->connection->send(UpdateReport{.frame = 1});
      server.client->connection->finish();
      return 0;
    });
    REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
  }
  RawClient replay(server.port());
  REQUIRE(replay.send(recorded));
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1; }));
  CHECK(replay.receive_to_end().has_value());
  CHECK(server.refused[0].error.kind == ErrorKind::protocol);
  INFO(server.refused[0].error.message);
  CHECK(has(server.refused[0].error.message, "TLS handshake failed"));
  CHECK(server.accepted.size() == 1);
}

TEST_CASE("a flipped bit ends its own connection, explained, and no other", "[net][tls]") {
  if (!has_tls()) return;
  const Way way = GENERATE(Way::to_server, Way::to_client);
  TestServer server({}, {.name = "master"}, new_access());
  REQUIRE(server.connect_established());
  const auto healthy = std::move(server.client);
  std::atomic<bool> flip = false;  // the relay has threads of its own
  const Relay relay(server.port(), [&](Way piece_way, std::uint64_t, Bytes& bytes) {
    if (flip && piece_way == way && bytes.size() > 100) bytes[bytes.size() / 2] ^= std::byte{4};
    return Act::pass;
  });
  server.connect_client({.name = "slave"}, {}, "127.0.0.1", relay.port());
  REQUIRE(server.loop.wait_until([&] { return server.client && server.accepted.size() == 2; }));
  auto& from = way == Way::to_server ? *server.client : *server.accepted[1];
  auto& to = way == Way::to_server ? *server.accepted[1] : *server.client;
  flip = true;  // the relay's hook is quiet until the next byte
  server.loop.on_loop([&] {
    Chunk chunk;
    chunk.content.resize(kMaxChunkBytes);
    from.connection->send(chunk);
    return 0;
  });
  REQUIRE(server.loop.wait_until([&] { return !to.closed.empty() && !from.closed.empty(); }));
  CHECK(to.closed[0].kind == ErrorKind::unavailable);
  CHECK(has(to.closed[0].message, "the encrypted connection was damaged on its way"));
  CHECK(from.closed[0].kind == ErrorKind::unavailable);
  CHECK(to.packets.empty());
  server.loop.on_loop([&] { return healthy->connection->send(UpdateReport{.frame = 3}), 0; });
  CHECK(server.loop.wait_until(
      [&] { return count_of(server.accepted[0]->packets, MessageType::update_report) == 1; }));
  server.loop.on_loop([&] {
    CHECK(healthy->closed.empty());
    healthy->connection.reset();
    return 0;
  });
}

TEST_CASE("bits flipped anywhere in the handshake let nobody in who would not come in without",
          "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  test::Random random(7);
  for (const Way way : {Way::to_server, Way::to_client}) {
    for (std::uint64_t place = kPreambleBytes; place < kPreambleBytes + 260; place += 1 + random.below(12)) {
      CAPTURE(place);
      std::atomic<bool> flipped = false;
      const auto bit = static_cast<std::byte>(1u << random.below(8));
      const Relay relay(server.port(), [&](Way piece_way, std::uint64_t offset, Bytes& bytes) {
        if (piece_way == way && place >= offset && place < offset + bytes.size()) {
          bytes[place - offset] ^= bit;
          flipped = true;
        }
        return Act::pass;
      });
      const std::size_t refused = server.loop.on_loop([&] {
        server.failure.reset();
        return server.refused.size();
      });
      // A damaged length may leave both waiting for more: then the deadline ends it.
      server.connect_client({.name = "slave"}, test::short_deadlines(), "127.0.0.1", relay.port());
      REQUIRE(server.loop.wait_until([&] {
        if (!server.client) return server.failure.has_value();
        return !server.client->closed.empty() || !flipped;
      }));
      if (flipped && server.loop.on_loop([&] { return server.failure.has_value(); }))
        CHECK(server.loop.wait_until([&] { return server.refused.size() > refused; }));
      server.loop.on_loop([&] {
        for (const auto& accepted : server.accepted) CHECK(accepted->packets.empty());
        server.client.reset();
        server.attempt.reset();
        return 0;
      });
    }
  }
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() > 20; }));
  server.loop.on_loop([&] { return server.accepted.clear(), 0; });
  REQUIRE(server.connect_established());  // and the server is well
}

TEST_CASE("browsers and rubbish at a port with a key are told, or end", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  RawClient browser(server.port());
  REQUIRE(browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto answer = browser.receive_to_end();
  REQUIRE(answer.has_value());
  CHECK(std::string_view(reinterpret_cast<const char*>(answer->data()), answer->size())
            .starts_with("HTTP/1.1 400 "));
  RawClient liar(server.port());
  const auto accepted = liar.greet({.word = PreambleWord::tls, .farm = server.access.farm(), .name = "liar"});
  REQUIRE(accepted.has_value());
  CHECK(accepted->word == PreambleWord::tls);
  REQUIRE(liar.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(liar.receive_to_end().has_value());
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 2; }));
  CHECK(has(server.refused[0].error.message, "HTTP request"));
  CHECK(server.refused[1].error.kind == ErrorKind::protocol);
  CHECK(has(server.refused[1].error.message, "TLS handshake failed"));
  CHECK(server.refused[1].preamble.name == "liar");
  CHECK(server.accepted.empty());
}

TEST_CASE("who stops in the middle of the handshake is closed at the deadline", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server(test::short_deadlines(), {.name = "master"}, new_access());
  SECTION("a client") {
    RawClient mute(server.port());
    REQUIRE(mute.greet({.word = PreambleWord::tls, .farm = server.access.farm(), .name = "stranger"})
                .has_value());
    CHECK(mute.receive_to_end().has_value());
  }
  SECTION("the line between both") {
    const Way way = GENERATE(Way::to_server, Way::to_client);
    const Relay relay(server.port(), [&](Way piece_way, std::uint64_t offset, Bytes&) {
      return piece_way == way && offset >= kPreambleBytes ? Act::hold : Act::pass;
    });
    server.connect_client({.name = "slave"}, test::short_deadlines(), "127.0.0.1", relay.port());
    REQUIRE(server.loop.wait_until([&] { return server.failure.has_value(); }));
    // Both ends have the same deadline: the one that is a moment later finds the line closed.
    const ErrorKind kind = server.failure->error.kind;
    CHECK((kind == ErrorKind::timed_out || kind == ErrorKind::unavailable));
  }
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1; }));
  CHECK(has(server.refused[0].error.message, "in the middle of the TLS handshake"));
  CHECK(server.accepted.empty());
}

TEST_CASE("a handshake that comes in single bytes is a handshake", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  const Relay relay(
      server.port(), [](Way, std::uint64_t, Bytes&) { return Act::pass; }, 1);
  REQUIRE(server.connect_established({}, relay.port()));
  // on the loop's thread: the relay is about to end, and the connection with it
  CHECK(server.loop.on_loop([&] { return server.accepted[0]->closed.empty(); }));
}

TEST_CASE("what comes together with the end of the handshake is not lost", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  Bytes held;
  const Relay relay(server.port(), [&](Way way, std::uint64_t offset, Bytes& bytes) {
    constexpr std::size_t kFinishedBytes = 64;
    if (way == Way::to_client || offset < kPreambleBytes + 200) return Act::pass;
    held.insert(held.end(), bytes.begin(), bytes.end());
    bytes.clear();
    if (held.size() > kFinishedBytes) bytes.swap(held);
    return Act::pass;
  });
  std::unique_ptr<Connection> accepted;
  std::vector<Packet> packets;
  bool inside_start = false, event_inside_start = false;
  server.on_accepted = [&](std::unique_ptr<Connection> connection) {
    accepted = std::move(connection);
    inside_start = true;
    accepted->start({.on_packet =
                         [&](Packet packet) {
                           event_inside_start = event_inside_start || inside_start;
                           packets.push_back(std::move(packet));
                         },
                     .on_closed = [](const Error&) {}});
    inside_start = false;
  };
  server.connect_client({.name = "slave"}, {}, "127.0.0.1", relay.port());
  REQUIRE(server.loop.wait_until([&] { return server.client != nullptr; }));
  server.loop.on_loop([&] { return server.client->connection->send(UpdateReport{.frame = 9}), 0; });
  REQUIRE(server.loop.wait_until([&] { return packets.size() == 1; }));
  server.loop.on_loop([&] { return accepted.reset(), 0; });
  CHECK(decode<UpdateReport>(packets[0])->frame == 9);
  CHECK_FALSE(event_inside_start);  // its owner is not ready before
}

TEST_CASE("a connection cut without the end of its encryption is told from one that was closed",
          "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  std::atomic<bool> cut = false;
  const Relay relay(server.port(), [&](Way, std::uint64_t, Bytes&) { return cut ? Act::cut : Act::pass; });
  REQUIRE(server.connect_established({}, relay.port()));
  SECTION("cut") {
    cut = true;
    server.loop.on_loop([&] { return server.client->connection->send(UpdateReport{}), 0; });
    REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
    CHECK(server.accepted[0]->closed[0].kind == ErrorKind::unavailable);
  }
  SECTION("closed by its owner, without finish()") {
    server.loop.on_loop([&] { return server.client.reset(), 0; });
    REQUIRE(server.loop.wait_until([&] { return !server.accepted[0]->closed.empty(); }));
    CHECK(server.accepted[0]->closed[0].kind == ErrorKind::cancelled);
  }
}

TEST_CASE("strangers in their handshake are bounded in number, too", "[net][tls]") {
  if (!has_tls()) return;
  TestServer server({}, {.name = "master"}, new_access());
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (std::size_t i = 0; i < kMaxPendingConnections; ++i) {
    strangers.push_back(std::make_unique<RawClient>(server.port()));
    REQUIRE(strangers.back()
                ->greet({.word = PreambleWord::tls, .farm = server.access.farm(), .name = "stranger"})
                .has_value());
  }
  RawClient too_many(server.port());
  CHECK(too_many.receive_to_end().has_value());
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1; }));
  // on the loop's thread: others may be refused at any moment
  CHECK(server.loop.on_loop([&] { return server.refused[0].error.kind; }) == ErrorKind::exhausted);
  strangers.clear();
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1 + kMaxPendingConnections; }));
  CHECK(server.connect_established());
}

}  // namespace
}  // namespace oct
