#include "daemon/daemon_app.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "daemon/control_client.hpp"
#include "net/connector.hpp"
#include "net/datagram.hpp"
#include "net/discovery.hpp"
#include "support/catch.hpp"
#include "support/loop_thread.hpp"
#include "support/temp_dir.hpp"
#include "wire/codec.hpp"

#if !defined(_WIN32)

namespace oct {
namespace {

/// A daemon in this process, on a thread of its own, whose slave is a shell script.
class TestDaemon {
 public:
  explicit TestDaemon(const NetworkAccess& access = {}, const LendingChoice& lending = {}) {
    DaemonConfig config;
    config.access = access;
    config.lending = lending;
    config.port = 0;
    config.bind = "127.0.0.1";
    config.name = "RENDER1";
    config.folder = folder_.path() / "config";
    config.slave = std::filesystem::absolute("tests/support/fake_slave.sh").string();
    config.quiet = true;
    config.limits.grace = seconds(2);
    app_ = std::make_unique<DaemonApp>(config);
    app_->watch_input_with([this](Instant) { return std::optional<Duration>(idle.load()); });
    std::promise<std::uint16_t> opened;
    auto coming = opened.get_future();
    app_->when_open([&](std::uint16_t number) { opened.set_value(number); });
    thread_ = std::thread([this] { code_ = app_->run(); });
    port = coming.get();
  }
  ~TestDaemon() { stop(); }

  ExitCode stop() {
    if (thread_.joinable()) {
      app_->ask_to_stop();
      thread_.join();
    }
    return code_;
  }

  std::uint16_t port = 0;
  std::atomic<Duration> idle = Duration::zero();  ///< nobody has touched this computer for so long

 private:
  test::TempDir folder_;
  std::unique_ptr<DaemonApp> app_;
  std::thread thread_;
  ExitCode code_ = ExitCode::internal;
};

/// A master's connection to it, with all that was said.
class TestMaster {
 public:
  TestMaster(test::LoopThread& loop, std::uint16_t port, const NetworkAccess& access = {}) : loop_(loop) {
    loop_.on_loop([&] {
      ConnectOptions options;
      options.host = "127.0.0.1";
      options.port = port;
      options.access = access;
      options.question.conversation = Conversation::daemon;
      connecting_ = connect(
          loop_.loop(), std::move(options),
          [this](std::unique_ptr<Connection> made) {
            connection = std::move(made);
            connection->start({.on_packet = [this](Packet packet) { keep(std::move(packet)); },
                               .on_closed = [this](const Error&) { closed = true; }});
            connection->established(milliseconds(100), seconds(10), [] { return std::uint64_t{0}; });
          },
          [this](const ConnectFailure& why) { failure = why; });
      return 0;
    });
    REQUIRE(loop_.wait_until([this] { return connection != nullptr || failure.has_value(); }));
  }
  ~TestMaster() { close(); }

  void close() {
    loop_.on_loop([this] {
      connection.reset();
      return 0;
    });
  }
  template <class Message>
  void say(Message message) {
    loop_.on_loop([&] {
      connection->send(message, 1);
      return 0;
    });
  }
  /// Waits for such a message that passes the test.
  template <class Message, class Test>
  bool heard(Test test) {
    return loop_.wait_until([&] {
      for (const DaemonMessage& message : messages) {
        const auto* found = std::get_if<Message>(&message);
        if (found != nullptr && test(*found)) return true;
      }
      return false;
    });
  }
  template <class Message>
  bool heard() {
    return heard<Message>([](const Message&) { return true; });
  }
  bool heard_stage(SlaveStage stage) {
    return heard<SlaveReport>([stage](const SlaveReport& report) { return report.stage == stage; });
  }

  std::unique_ptr<Connection> connection;
  std::vector<DaemonMessage> messages;
  std::optional<ConnectFailure> failure;
  bool closed = false;

 private:
  void keep(Packet packet) {
    auto message = decode_daemon_message(std::move(packet));
    if (message && std::holds_alternative<DaemonMessage>(*message))
      messages.push_back(std::get<DaemonMessage>(std::move(*message)));
  }

  test::LoopThread& loop_;
  std::unique_ptr<Connecting> connecting_;
};

OccupyDaemon occupation(const std::string& nick) {
  return {.nick = nick, .master_port = 21000, .steal = 0, .heartbeat_ms = 100, .dead_ms = 10'000};
}

TEST_CASE("a daemon is occupied, refuses others, is released, and ends", "[daemon]") {
  TestDaemon daemon;
  test::LoopThread loop;
  TestMaster first(loop, daemon.port), second(loop, daemon.port);
  first.say(occupation("studio@DESK"));
  REQUIRE(first.heard<DaemonOccupied>());
  REQUIRE(first.heard_stage(SlaveStage::running));
  second.say(occupation("lee@WS-02"));
  REQUIRE(second.heard<OccupyRefused>(
      [](const OccupyRefused& refused) { return refused.owner.at(0).nick == "studio@DESK"; }));
  CHECK(first.heard<Heartbeat>([](const Heartbeat& heartbeat) { return heartbeat.progress > 0; }));

  first.say(ReleaseDaemon{});
  REQUIRE(first.heard<DaemonReleased>());
  second.say(occupation("lee@WS-02"));
  REQUIRE(second.heard<DaemonOccupied>());
  REQUIRE(second.heard_stage(SlaveStage::running));
  CHECK(daemon.stop() == ExitCode::done);
  CHECK(second.heard<DaemonTaken>());
}

TEST_CASE("with a farm key a daemon serves members alone, and the person there without", "[daemon]") {
  if (!has_tls()) return;
  NetworkAccess farm, other;
  farm.key = FarmKey::generate();
  other.key = FarmKey::generate();
  TestDaemon daemon(farm);
  test::LoopThread loop;
  TestMaster member(loop, daemon.port, farm), stranger(loop, daemon.port, other), nobody(loop, daemon.port);
  member.say(occupation("studio@DESK"));
  CHECK(member.heard<DaemonOccupied>());
  REQUIRE(stranger.failure.has_value());
  CHECK(stranger.failure->word == PreambleWord::other_farm);
  REQUIRE(nobody.failure.has_value());
  CHECK(nobody.failure->word == PreambleWord::not_activated);
  const auto answer = ask_running_daemon("127.0.0.1", daemon.port, {ControlCommand::status, 0});
  REQUIRE(answer.has_value());
  CHECK(answer->description.at(0).owner.at(0).nick == "studio@DESK");
}

TEST_CASE("a daemon answers probes of members with what it is", "[daemon]") {
  TestDaemon daemon;
  test::LoopThread loop;
  std::unique_ptr<DatagramSocket> socket;
  std::vector<DaemonStatus> answers;
  loop.on_loop([&] {
    auto opened = DatagramSocket::open(loop.loop(), {"127.0.0.1", 0}, [&](const Endpoint&, ByteView bytes) {
      auto status = read_status(bytes, {});
      if (status) answers.push_back(status->message);
    });
    REQUIRE(opened.has_value());
    socket = *std::move(opened);
    for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
      DaemonProbe probe;
      probe.nonce = nonce;
      probe.spread_ms = nonce == 1 ? 0 : 100;
      socket->send({"127.0.0.1", daemon.port}, probe_datagram(probe, {}));
    }
    return 0;
  });
  CHECK(loop.wait_until([&] { return answers.size() == 3; }));
  loop.on_loop([&] {
    socket.reset();
    return 0;
  });
  std::uint64_t nonces = 0;
  for (const DaemonStatus& status : answers) {
    CHECK(status.name == "RENDER1");
    CHECK(status.port == daemon.port);
    nonces += status.nonce;
  }
  CHECK(nonces == 6);
}

TEST_CASE("a daemon looks whether somebody uses its computer, and lends it when nobody does", "[daemon]") {
  TestDaemon daemon({}, {std::chrono::minutes(10), {}});
  const auto mode = [&] {
    const auto answer = ask_running_daemon("127.0.0.1", daemon.port, {ControlCommand::status, 0});
    return answer ? answer->description.at(0).mode : DaemonMode::unknown;
  };
  CHECK(mode() == DaemonMode::paused);
  daemon.idle = std::chrono::minutes(11);
  const Instant end = steady_now() + seconds(60);
  while (mode() == DaemonMode::paused && steady_now() < end) std::this_thread::sleep_for(milliseconds(50));
  CHECK(mode() == DaemonMode::unbound);
}

TEST_CASE("with a key a daemon tells who it is to the second question, which has its cookie", "[daemon]") {
  NetworkAccess access;
  access.key = FarmKey::generate();
  TestDaemon daemon(access);
  test::LoopThread loop;
  std::unique_ptr<DatagramSocket> socket;
  std::vector<DaemonStatus> answers;
  const auto ask = [&](const std::string& cookie) {
    DaemonProbe probe;
    probe.nonce = 5;
    probe.spread_ms = 0;
    probe.cookie = cookie;
    socket->send({"127.0.0.1", daemon.port}, probe_datagram(probe, access));
  };
  loop.on_loop([&] {
    auto opened = DatagramSocket::open(loop.loop(), {"127.0.0.1", 0}, [&](const Endpoint&, ByteView bytes) {
      const auto status = read_status(bytes, access);
      if (!status || !status->proved) return;
      answers.push_back(status->message);
      if (answers.size() == 1) ask(status->message.cookie);
    });
    REQUIRE(opened.has_value());
    socket = *std::move(opened);
    ask("");
    return 0;
  });
  CHECK(loop.wait_until([&] { return answers.size() == 2; }));
  loop.on_loop([&] {
    socket.reset();
    return 0;
  });
  REQUIRE(answers.size() == 2);
  CHECK(is_cookie_alone(answers[0]));
  CHECK(answers[0].name.empty());
  CHECK(answers[1].name == "RENDER1");
  CHECK(answers[1].run != 0);
}

TEST_CASE("the person at the computer is answered over loopback", "[daemon]") {
  TestDaemon daemon;
  const auto answer = ask_running_daemon("127.0.0.1", daemon.port, {ControlCommand::pause, 5});
  REQUIRE(answer.has_value());
  CHECK(answer->port == daemon.port);
  CHECK(answer->description.at(0).mode == DaemonMode::paused);
  CHECK(answer->description.at(0).paused_until_unix_s > 0);
  const auto stopped = ask_running_daemon("127.0.0.1", daemon.port, {ControlCommand::stop, 0});
  CHECK(stopped.has_value());
  CHECK(daemon.stop() == ExitCode::done);
  const auto nobody = ask_running_daemon("127.0.0.1", daemon.port, {ControlCommand::status, 0});
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().kind == ErrorKind::unavailable);
}

}  // namespace
}  // namespace oct

#endif
