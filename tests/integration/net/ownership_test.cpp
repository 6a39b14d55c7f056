#include <fmt/format.h>

#include <filesystem>

#include "support/catch.hpp"
#include "support/net_fixture.hpp"
#include "support/raw_client.hpp"

#if defined(__linux__)
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#endif

namespace oct {
namespace {

using test::RawClient;
using test::TestServer;

TEST_CASE("an owner may destroy a connection from inside its events", "[net]") {
  TestServer server;
  RawClient raw(server.port());
  REQUIRE(raw.greet({}).has_value());
  REQUIRE(server.loop.wait_until([&] { return server.accepted.size() == 1; }));
  const bool in_closed = GENERATE(false, true);
  int events = 0;
  std::unique_ptr<Connection> connection;
  server.loop.on_loop([&] {
    server.accepted.clear();
    server.on_accepted = [&](std::unique_ptr<Connection> made) {
      connection = std::move(made);
      connection->start({.on_packet =
                             [&](Packet) {
                               ++events;
                               if (!in_closed) connection.reset();
                             },
                         .on_closed =
                             [&](const Error&) {
                               ++events;
                               connection.reset();
                             }});
    };
    return 0;
  });
  RawClient second(server.port());
  REQUIRE(second.greet({}).has_value());
  REQUIRE(second.send_message(Heartbeat{1}));
  REQUIRE(second.send_message(Heartbeat{2}));
  if (in_closed) second.end_sending();
  REQUIRE(server.loop.wait_until([&] { return events > 0 && !connection; }));
  CHECK(second.receive_to_end().has_value());  // closed at once
  CHECK(server.loop.on_loop([&] { return events; }) == (in_closed ? 3 : 1));
}

TEST_CASE("a destroyed attempt to connect calls nobody", "[net]") {
  TestServer server;
  server.loop.on_loop([&] {
    server.attempt = connect(
        server.loop.loop(),
        {.host = "127.0.0.1", .port = server.port(), .access = {}, .question = {}, .deadlines = {}},
        [&](std::unique_ptr<Connection>) { FAIL("connected"); },
        [&](const ConnectFailure&) { FAIL("failed"); });
    server.attempt.reset();
    return 0;
  });
  // A later one works; by then the first would have called.
  server.connect_client();
  CHECK(server.loop.wait_until([&] { return server.client != nullptr; }));
}

TEST_CASE("connections outlive their listener", "[net]") {
  TestServer server;
  REQUIRE(server.connect_established());
  server.loop.on_loop([&] { return server.listener.reset(), 0; });
  server.loop.on_loop([&] { return server.client->connection->send(UpdateReport{.frame = 3}), 0; });
  CHECK(server.loop.wait_until([&] {
    for (const Packet& packet : server.accepted[0]->packets)
      if (packet.type == MessageType::update_report) return true;
    return false;
  }));
}

TEST_CASE("a port in use is told from a free one, and a range finds the next", "[net]") {
  TestServer server;
  server.loop.on_loop([&] {
    const auto open = [&](PortRange ports) {
      return Listener::open(
          server.loop.loop(),
          {.address = "127.0.0.1", .ports = ports, .access = {}, .answer = {}, .deadlines = {}},
          [](std::unique_ptr<Connection>) {}, [](const RefusedPeer&) {});
    };
    const std::uint16_t taken = server.port();
    const auto refused = open({taken, 1});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::unavailable);
    CHECK(refused.error().message ==
          fmt::format("port {} is in use by another program (maybe another master)", taken));
    CHECK(refused.error().help == "--net-master-port 0 takes the first free port of 21000-21015");
    const auto next = open({taken, 16});
    REQUIRE(next.has_value());
    CHECK((*next)->port() > taken);
    CHECK((*next)->port() < taken + 16);
    return 0;
  });
}

#if defined(__linux__)
TEST_CASE("no socket of ours is inherited by a child process", "[net]") {
  TestServer server;
  REQUIRE(server.connect_established());
  int sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    struct stat status {};
    if (fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) continue;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    if (address.ss_family != AF_INET) continue;  // ctest's own
    INFO("descriptor " << descriptor);
    CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    ++sockets;
  }
  CHECK(sockets >= 3);  // the listener and both ends
}
#endif

}  // namespace
}  // namespace oct
