#include "master/slave_server.hpp"

#include <atomic>
#include <future>
#include <utility>

#include "film/contribution_codec.hpp"
#include "net/connector.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/loop_thread.hpp"
#include "support/raw_client.hpp"

namespace oct {
namespace {

using test::RawClient;

/// Counts connections that the server saw ending: it says so in the log, before anybody is told.
class EndLog final : public Log {
 public:
  LogLevel level() const override { return LogLevel::debug; }
  void write(LogLevel, std::string_view, std::string_view text) override {
    if (text.find(" closed: ") != std::string_view::npos) ++ends;
  }
  std::atomic<int> ends = 0;
};

/// A worker that does nothing until it is released.
class HeldWorker {
 public:
  HeldWorker() {
    queue_.post([gate = gate_.get_future().share()] { gate.wait(); });
  }
  ~HeldWorker() { release(); }

  WorkQueue& queue() { return queue_; }
  void release() {
    if (std::exchange(held_, false)) gate_.set_value();
  }

 private:
  std::promise<void> gate_;
  bool held_ = true;
  WorkQueue queue_;
};

/// A slave server on loopback whose only worker is held, and all that it tells its owner.
struct Rig {
  Rig() {
    loop.on_loop([this] {
      NetworkChoice choice;
      choice.port = 0;
      choice.automatic_port = false;
      auto opened = SlaveServer::open(loop.loop(), worker.queue(), choice, log);
      OCT_CHECK(opened.has_value());
      server = *std::move(opened);
      RenderData data;
      data.settings = {settings};
      auto scene = std::make_shared<const ChunkedScene>(std::make_shared<const RenderData>(data));
      server->serve(1, std::move(scene), {});
      server->begin([this](MasterEvent event) { events.push_back(std::move(event)); });
      return 0;
    });
  }
  ~Rig() { close_server(); }
  void close_server() {
    loop.on_loop([this] {
      server.reset();
      return 0;
    });
  }

  template <class Event>
  int count() {
    return loop.on_loop([this] {
      int found = 0;
      for (const MasterEvent& event : events) found += std::holds_alternative<Event>(event);
      return found;
    });
  }
  template <class Event>
  bool wait_for(int wanted) {
    return loop.wait_until([this, wanted] {
      int found = 0;
      for (const MasterEvent& event : events) found += std::holds_alternative<Event>(event);
      return found >= wanted;
    });
  }

  /// A slave that said hello and was granted lease 1: pass 0 of every tile.
  void join(RawClient& slave) {
    REQUIRE(slave.greet({.name = "slave"}).has_value());
    SlaveHello hello;
    hello.name = "slave";
    hello.devices.resize(1);
    hello.canaries.resize(1);
    REQUIRE(slave.send_message(hello));
    REQUIRE(wait_for<LinkMessage>(1));
    LeaseGrant grant;
    grant.lease = 1;
    grant.frame = 1;
    for (std::uint32_t tile = 0; tile < tile_count(settings); ++tile) grant.units.push_back({tile, 0, 1});
    loop.on_loop([&] {
      SendToSlave action{1, grant};
      server->carry_out(action);
      return 0;
    });
    // Read, since closing with something unread would tear down the connection instead.
    REQUIRE(slave.receive_packet().has_value());
  }

  /// The answer to tile `tile` of lease 1.
  FilmContributions answer(std::uint32_t tile) const {
    const std::vector<FilmContribution> contributions = {a_contribution(settings, {tile, 0, 1})};
    return pack_contributions(1, 1, contributions, 0).at(0);
  }

  std::string broken_because() {
    return loop.on_loop([this] {
      for (const MasterEvent& event : events)
        if (const auto* broken = std::get_if<LinkBroken>(&event)) return broken->why;
      return std::string();
    });
  }

  const RenderSettings settings = a_setting(64, 32, 4);
  EndLog log;
  test::LoopThread loop;
  HeldWorker worker;
  std::unique_ptr<SlaveServer> server;
  std::vector<MasterEvent> events;
};

TEST_CASE("what a slave sent before it left counts, although a worker still has it", "[master]") {
  Rig rig;
  RawClient slave(rig.server->port());
  rig.join(slave);
  for (std::uint32_t tile = 0; tile < tile_count(rig.settings); ++tile)
    REQUIRE(slave.send_message(rig.answer(tile)));
  REQUIRE(slave.send_message(Goodbye{GoodbyeReason::leaving, {}}));
  slave.close();
  REQUIRE(rig.loop.wait_until([&] { return rig.log.ends == 1; }));
  CHECK(rig.count<LinkClosed>() == 0);
  CHECK(rig.count<LinkAnswers>() == 0);

  rig.worker.release();
  REQUIRE(rig.wait_for<LinkClosed>(1));
  rig.loop.stop();
  const std::size_t answers = tile_count(rig.settings);
  REQUIRE(rig.events.size() == answers + 4);
  CHECK(std::holds_alternative<LinkOpened>(rig.events[0]));
  CHECK(std::holds_alternative<LinkMessage>(rig.events[1]));  // hello
  for (std::uint32_t tile = 0; tile < answers; ++tile) {
    const auto* answer = std::get_if<LinkAnswers>(&rig.events[2 + tile]);
    REQUIRE(answer != nullptr);
    CHECK(answer->lease_id == 1);
    REQUIRE(answer->contributions.size() == 1);
    CHECK(answer->contributions[0].units.tile == tile);
  }
  const auto* goodbye = std::get_if<LinkMessage>(&rig.events[2 + answers]);
  REQUIRE(goodbye != nullptr);
  CHECK(std::holds_alternative<Goodbye>(goodbye->message));
  CHECK(std::holds_alternative<LinkClosed>(rig.events[3 + answers]));
  CHECK(rig.server->open_connections() == 0);
}

TEST_CASE("slaves come by IPv6, too, to the same port", "[master]") {
  Rig rig;
  std::unique_ptr<Connecting> attempt;
  std::unique_ptr<Connection> connection;
  bool failed = false;
  rig.loop.on_loop([&] {
    auto probe = Listener::open(
        rig.loop.loop(), {.address = "::1", .ports = {0, 1}, .access = {}, .answer = {}, .deadlines = {}},
        [](std::unique_ptr<Connection>) {}, [](const RefusedPeer&) {});
    if (!probe) {
      WARN("this computer has no IPv6: " << probe.error().message);
      return 0;
    }
    ConnectOptions options;
    options.host = "::1";
    options.port = rig.server->port();
    options.question.name = "slave";
    attempt = connect(
        rig.loop.loop(), options, [&](std::unique_ptr<Connection> made) { connection = std::move(made); },
        [&](const ConnectFailure&) { failed = true; });
    return 0;
  });
  if (attempt) CHECK(rig.wait_for<LinkOpened>(1));
  rig.loop.on_loop([&] {
    attempt.reset();
    connection.reset();
    return 0;
  });
  CHECK_FALSE(failed);
}

TEST_CASE("a server may go while a worker still has something of it", "[master]") {
  Rig rig;
  RawClient slave(rig.server->port());
  rig.join(slave);
  REQUIRE(slave.send_message(rig.answer(0)));
  REQUIRE(rig.loop.wait_until([&] { return rig.worker.queue().waiting() == 1; }));
  rig.close_server();
  rig.worker.release();
  REQUIRE(rig.loop.wait_until([&] { return rig.worker.queue().waiting() == 0; }));
  CHECK(rig.count<LinkAnswers>() == 0);
}

TEST_CASE("a slave that answers more than it was asked for is dropped, and nothing of it waits", "[master]") {
  Rig rig;
  RawClient slave(rig.server->port());
  rig.join(slave);
  const std::uint32_t tiles = tile_count(rig.settings);
  for (std::uint32_t tile = 0; tile < tiles; ++tile) REQUIRE(slave.send_message(rig.answer(tile)));
  for (int again = 0; again < 1000 && slave.send_message(rig.answer(0)); ++again) {
  }
  REQUIRE(rig.wait_for<LinkBroken>(1));
  CHECK(rig.broken_because() == "it answered lease 1, which it does not hold");

  // Only the packet that the worker has is still unpacked; what waited behind it is gone.
  rig.worker.release();
  slave.close();
  REQUIRE(rig.wait_for<LinkClosed>(1));
  CHECK(rig.count<LinkAnswers>() == 1);
  CHECK(rig.count<LinkBroken>() == 1);
}

TEST_CASE("a slave that pours in messages while others are unpacked is dropped", "[master]") {
  Rig rig;
  RawClient slave(rig.server->port());
  rig.join(slave);
  REQUIRE(slave.send_message(rig.answer(0)));
  for (std::size_t i = 0; i <= kMaxInboxPackets; ++i) {
    if (!slave.send_message(Heartbeat{i})) break;
  }
  REQUIRE(rig.wait_for<LinkBroken>(1));
  CHECK(rig.broken_because() == "it sends messages faster than they can be read");
  CHECK(rig.count<LinkMessage>() == 1);  // hello: the others waited, and are gone
}

}  // namespace
}  // namespace oct
