#include "support/catch.hpp"
#include "support/net_fixture.hpp"
#include "support/raw_client.hpp"

namespace oct {
namespace {

using test::has;
using test::RawClient;
using test::TestServer;

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("a browser is told what this port is", "[net]") {
  TestServer server;
  RawClient raw(server.port());
  REQUIRE(raw.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n" + std::string(3000, 'x')));
  const auto answer = raw.receive_to_end();
  REQUIRE(answer.has_value());
  CHECK(text_of(*answer).starts_with("HTTP/1.1 400 "));
  CHECK(has(text_of(*answer), "not for browsers"));
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1; }));
  CHECK(server.refused[0].error.kind == ErrorKind::protocol);
  CHECK(has(server.refused[0].error.message, "HTTP request"));
  CHECK(server.refused[0].peer.address == "127.0.0.1");
}

TEST_CASE("garbage, half a preamble and nothing at all are told apart, and end", "[net]") {
  TestServer server(test::short_deadlines());
  const auto preamble = encode_preamble({.name = "half"});
  RawClient garbage(server.port()), half(server.port()), silent(server.port()), closed(server.port());
  REQUIRE(garbage.send("\x01\x02\x03 rubbish \x1b[31m"));
  REQUIRE(half.send(ByteView(preamble).first(20)));
  half.end_sending();
  closed.close();
  CHECK(garbage.receive_to_end().has_value());
  CHECK(half.receive_to_end().has_value());
  CHECK(silent.receive_to_end().has_value());  // after the handshake deadline
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 4; }));
  const auto count = [&](ErrorKind kind, std::string_view part) {
    int found = 0;
    for (const RefusedPeer& peer : server.refused)
      found += peer.error.kind == kind && has(peer.error.message, part);
    return found;
  };
  CHECK(count(ErrorKind::protocol, "none of ours") == 1);
  CHECK(count(ErrorKind::protocol, "middle of its preamble") == 1);
  CHECK(count(ErrorKind::protocol, "said nothing") == 1);
  CHECK(count(ErrorKind::timed_out, "deadline") == 1);
  for (const RefusedPeer& peer : server.refused) CHECK_FALSE(has(peer.error.message, "\x1b"));
}

TEST_CASE("who passes the preamble and then says nothing is closed at the same deadline", "[net]") {
  TestServer server(test::short_deadlines());
  RawClient raw(server.port());
  REQUIRE(raw.greet({.name = "mute"}).has_value());
  REQUIRE(server.loop.wait_until(
      [&] { return server.accepted.size() == 1 && !server.accepted[0]->closed.empty(); }));
  CHECK(server.accepted[0]->closed[0].kind == ErrorKind::timed_out);
}

TEST_CASE("another version is explained on both sides", "[net]") {
  TestServer server({}, {.version = 1000000, .name = "master"});
  server.connect_client({.version = 999002, .name = "WS-07"});
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value() && server.refused.size() == 1; }));
  CHECK(server.failure->error.kind == ErrorKind::incompatible);
  CHECK(server.failure->word == PreambleWord::other_version);
  CHECK(server.failure->peer_version == 1000000);
  CHECK(has(server.failure->error.message, "has version 1000000, this slave is 999002"));
  CHECK(server.refused[0].preamble.name == "WS-07");
  CHECK(server.refused[0].preamble.version == 999002);
  CHECK(server.refused[0].error.message == "refused, slave version 999002, this master is 1000000");
  CHECK(has(server.refused[0].error.help, "WS-07"));
}

TEST_CASE("a caller that wants encryption, or another service, is refused by name", "[net]") {
  TestServer server;
  server.connect_client({.name = "keyed"}, {}, "127.0.0.1", 0, NetworkAccess{.key = FarmKey::generate()});
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value(); }));
  CHECK(server.failure->word == PreambleWord::not_activated);
  server.failure.reset();
  server.connect_client({.conversation = Conversation::daemon, .name = "lost"});
  REQUIRE(server.loop.wait_until([&] { return server.failure.has_value(); }));
  CHECK(server.failure->word == PreambleWord::other_service);
  CHECK(server.failure->error.kind == ErrorKind::protocol);
  CHECK(server.accepted.empty());
}

TEST_CASE("strangers are bounded in number, and those who came in make room", "[net]") {
  TestServer server;
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (std::size_t i = 0; i < kMaxPendingConnections; ++i) {
    strangers.push_back(std::make_unique<RawClient>(server.port()));
    REQUIRE(strangers.back()->greet({}).has_value());
  }
  RawClient too_many(server.port());
  CHECK(too_many.receive_to_end().has_value());
  REQUIRE(server.loop.wait_until([&] { return server.refused.size() == 1; }));
  CHECK(server.refused[0].error.kind == ErrorKind::exhausted);
  server.loop.on_loop([&] {
    server.accepted[0]->connection->established(milliseconds(1000), milliseconds(15000), [] { return 0; });
    return 0;
  });
  RawClient welcome(server.port());
  CHECK(welcome.greet({}).has_value());
  strangers[5]->close();
  REQUIRE(server.loop.wait_until([&] { return !server.accepted[5]->closed.empty(); }));
  RawClient another(server.port());
  CHECK(another.greet({}).has_value());
}

TEST_CASE("an attempt to connect says what it met", "[net]") {
  TestServer server(test::short_deadlines());
  const auto fails = [&](std::string host, std::uint16_t port, Preamble question = {}) {
    server.failure.reset();
    server.connect_client(question, test::short_deadlines(), host, port);
    REQUIRE(server.loop.wait_until([&] { return server.failure.has_value(); }));
    return *server.failure;
  };
  SECTION("nothing listens") {
    const std::uint16_t free_port = [] {
      test::TestServer other;
      return other.port();
    }();
    const auto failure = fails("127.0.0.1", free_port);
    CHECK(failure.error.kind == ErrorKind::unavailable);
    CHECK(has(failure.error.message, "connection refused"));
    CHECK_FALSE(failure.word.has_value());
  }
  SECTION("an address beyond this computer, without a key") {
    const auto failure = fails("192.0.2.1", 21000);
    CHECK(failure.error.kind == ErrorKind::incompatible);
    CHECK(failure.word == PreambleWord::not_activated);
    CHECK(has(failure.error.help, "--net-insecure"));
  }
  SECTION("a name, which is looked up") {
    server.connect_client({}, {}, "localhost");
    CHECK(server.loop.wait_until([&] { return server.client != nullptr; }));
  }
}

}  // namespace
}  // namespace oct
