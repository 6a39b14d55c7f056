#include "daemon/probe_answers.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

const Instant kStart{seconds(1000)};

DaemonStatus a_full_status() {
  DaemonStatus status;
  status.port = 48000;
  status.mode = DaemonMode::bound;
  status.id = "5b1e5b1e5b1e5b1e5b1e5b1e5b1e5b1e";
  status.name = "RENDER1";
  status.gpus = 2;
  status.slave_version = 1000000;
  status.owner = {{"studio@DESK", "10.0.0.103", 21000, 1}};
  return status;
}

DaemonProbe a_probe(std::uint32_t spread_ms = 0) {
  DaemonProbe probe;
  probe.nonce = 4711;
  probe.spread_ms = spread_ms;
  return probe;
}

/// A daemon's answers, with a secret that is always the same.
ProbeAnswers answers_of(const NetworkAccess& access, std::uint64_t seed = 1, const ProbeLimits& limits = {}) {
  return ProbeAnswers(access, Cookies(Secret<32>()), seed, limits);
}

DaemonProbe a_probe(const std::string& cookie) {
  DaemonProbe probe = a_probe();
  probe.cookie = cookie;
  return probe;
}

struct Asked {
  bool answered = false;
  DaemonStatus status;
  bool proved = false;
};

/// What a daemon with this access tells an asker with that.
Asked ask(const NetworkAccess& daemon, const NetworkAccess& asker, const std::string& address) {
  ProbeAnswers answers = answers_of(daemon);
  auto answer = answers.on(probe_datagram(a_probe(), asker), address, a_full_status(), kStart);
  if (!answer) return {};
  auto status = read_status(answer->datagram, asker);
  REQUIRE(status.has_value());
  if (is_cookie_alone(status->message)) {
    answer =
        answers.on(probe_datagram(a_probe(status->message.cookie), asker), address, a_full_status(), kStart);
    REQUIRE(answer.has_value());
    status = read_status(answer->datagram, asker);
  }
  REQUIRE(status.has_value());
  CHECK(answer->datagram.size() <= kProbeBytes);
  CHECK(status->message.nonce == 4711);
  return {true, status->message, status->proved};
}

void check_minimal(const Asked& asked, DaemonMode mode) {
  REQUIRE(asked.answered);
  CHECK(asked.status.mode == mode);
  CHECK(asked.status.port == 48000);
  CHECK(asked.status.id.empty());
  CHECK(asked.status.name.empty());
  CHECK(asked.status.gpus == 0);
  CHECK(asked.status.owner.empty());
}

}  // namespace

TEST_CASE("a probe has the size of the largest answer, and comes back as it was", "[daemon]") {
  for (const bool with_key : {false, true}) {
    NetworkAccess access;
    if (with_key) access.key = FarmKey::generate();
    const Bytes datagram = probe_datagram(a_probe(), access);
    CHECK(datagram.size() == kProbeBytes);
    const auto probe = read_probe(datagram, access);
    REQUIRE(probe.has_value());
    CHECK(probe->message.nonce == 4711);
    CHECK(probe->proved == with_key);
  }
}

TEST_CASE("members of the farm are told all, proved by a MAC", "[daemon]") {
  NetworkAccess farm;
  farm.key = FarmKey::generate();
  const Asked asked = ask(farm, farm, "10.0.0.103");
  REQUIRE(asked.answered);
  CHECK(asked.proved);
  CHECK(asked.status.name == "RENDER1");
  CHECK(asked.status.owner.at(0).nick == "studio@DESK");
  CHECK(asked.status.farm == farm.farm());
}

TEST_CASE("strangers are told that a daemon is here, and why it is none of theirs", "[daemon]") {
  NetworkAccess farm, other, insecure;
  farm.key = FarmKey::generate();
  other.key = FarmKey::generate();
  insecure.insecure = true;
  check_minimal(ask(farm, other, "10.0.0.103"), DaemonMode::other_farm);
  check_minimal(ask(farm, {}, "127.0.0.1"), DaemonMode::other_farm);
  check_minimal(ask({}, {}, "10.0.0.103"), DaemonMode::not_activated);
  check_minimal(ask({}, farm, "127.0.0.1"), DaemonMode::not_activated);
  CHECK(ask({}, {}, "127.0.0.1").status.name == "RENDER1");
  CHECK(ask(insecure, insecure, "10.0.0.103").status.name == "RENDER1");
}

TEST_CASE("a probe whose bits were flipped is not of our farm", "[daemon]") {
  NetworkAccess farm;
  farm.key = FarmKey::generate();
  Bytes datagram = probe_datagram(a_probe(), farm);
  datagram.at(600) ^= std::byte{1};
  ProbeAnswers answers = answers_of(farm);
  const auto answer = answers.on(datagram, "10.0.0.103", a_full_status(), kStart);
  REQUIRE(answer.has_value());
  CHECK(read_status(answer->datagram, farm)->message.mode == DaemonMode::other_farm);
}

TEST_CASE("what is no probe, or is smaller than an answer, is not answered", "[daemon]") {
  ProbeAnswers answers = answers_of({});
  const Bytes good = probe_datagram(a_probe(), {});
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, kProbeBytes - 1}) {
    CHECK_FALSE(answers.on(ByteView(good).first(size), "127.0.0.1", a_full_status(), kStart).has_value());
  }
  CHECK_FALSE(
      answers.on(Bytes(kProbeBytes, std::byte{'x'}), "127.0.0.1", a_full_status(), kStart).has_value());
  const Bytes status = status_datagram(a_full_status(), {});
  CHECK_FALSE(answers.on(status, "127.0.0.1", a_full_status(), kStart).has_value());
}

TEST_CASE("answers are spread over the time that the asker names", "[daemon]") {
  ProbeAnswers answers = answers_of({}, 5);
  Duration least = seconds(1), most{};
  Instant now = kStart;
  for (int i = 0; i < 200; ++i, now += milliseconds(100)) {
    const auto answer = answers.on(probe_datagram(a_probe(200), {}), "127.0.0.1", a_full_status(), now);
    REQUIRE(answer.has_value());
    least = std::min(least, answer->delay);
    most = std::max(most, answer->delay);
  }
  CHECK(least < milliseconds(20));
  CHECK(most > milliseconds(180));
  CHECK(most <= milliseconds(200));
}

TEST_CASE("who asks too often is not answered, others still are", "[daemon]") {
  ProbeAnswers answers =
      answers_of({}, 1, {.per_second = 200, .burst = 400, .per_address_second = 20, .address_burst = 40});
  const Bytes probe = probe_datagram(a_probe(), {});
  const auto asks = [&](const std::string& address, Instant now) {
    return answers.on(probe, address, a_full_status(), now).has_value();
  };
  int answered = 0;
  for (int i = 0; i < 1000; ++i) answered += asks("127.0.0.1", kStart) ? 1 : 0;
  CHECK(answered == 40);
  CHECK(asks("127.0.0.2", kStart));
  CHECK(asks("127.0.0.1", kStart + seconds(1)));
}

TEST_CASE("answers to all together are bounded, and so is the memory of askers", "[daemon]") {
  ProbeAnswers answers = answers_of({}, 1, {.per_second = 10, .burst = 50, .addresses = 16});
  const Bytes probe = probe_datagram(a_probe(), {});
  int answered = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string address = "127.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    answered += answers.on(probe, address, a_full_status(), kStart).has_value() ? 1 : 0;
  }
  CHECK(answered == 50);
}

namespace {

/// A daemon of a farm, and what it tells who sends these very bytes from that address.
class FarmDaemon {
 public:
  FarmDaemon() { farm.key = FarmKey::generate(); }

  std::optional<DaemonStatus> ask(const Bytes& datagram, const std::string& address, Instant now) {
    const auto answer = answers().on(datagram, address, a_full_status(), now);
    if (!answer) return std::nullopt;
    const auto status = read_status(answer->datagram, farm);
    REQUIRE(status.has_value());
    CHECK(status->proved);
    return status->message;
  }
  /// A probe with a cookie for that address.
  Bytes fresh_probe(const std::string& address, Instant now) {
    const auto first = ask(probe_datagram(a_probe(), farm), address, now);
    REQUIRE(first.has_value());
    return probe_datagram(a_probe(first->cookie), farm);
  }
  ProbeAnswers& answers() {
    if (!answers_) answers_.emplace(answers_of(farm));
    return *answers_;
  }

  NetworkAccess farm;

 private:
  std::optional<ProbeAnswers> answers_;
};

void check_says_nothing(const std::optional<DaemonStatus>& status) {
  REQUIRE(status.has_value());
  CHECK(status->id.empty());
  CHECK(status->name.empty());
  CHECK(status->run == 0);
  CHECK(status->gpus == 0);
  CHECK(status->slave_version == 0);
  CHECK(status->mode == DaemonMode::unknown);
  CHECK(status->owner.empty());
  CHECK_FALSE(status->cookie.empty());
}

}  // namespace

TEST_CASE("a probe tells something only where it was written, and only for a minute", "[daemon]") {
  FarmDaemon daemon;
  check_says_nothing(daemon.ask(probe_datagram(a_probe(), daemon.farm), "10.0.0.103", kStart));
  const Bytes fresh = daemon.fresh_probe("10.0.0.103", kStart);
  CHECK(daemon.ask(fresh, "10.0.0.103", kStart)->name == "RENDER1");
  CHECK(daemon.ask(fresh, "10.0.0.103", kStart + seconds(29))->name == "RENDER1");

  SECTION("recorded and sent from elsewhere") {
    check_says_nothing(daemon.ask(fresh, "10.0.0.66", kStart));
  }
  SECTION("recorded and sent later") {
    check_says_nothing(daemon.ask(fresh, "10.0.0.103", kStart + seconds(61)));
  }
  SECTION("with a cookie that another daemon gave") {
    FarmDaemon other;
    other.farm = daemon.farm;
    ProbeAnswers second(daemon.farm, Cookies::with_random_secret(), 1);
    const auto answer = second.on(fresh, "10.0.0.103", a_full_status(), kStart);
    REQUIRE(answer.has_value());
    check_says_nothing(read_status(answer->datagram, daemon.farm)->message);
  }
  SECTION("with a cookie in a probe that nobody of the farm wrote") {
    NetworkAccess stranger;
    stranger.key = FarmKey::generate();
    const auto cookie = daemon.ask(probe_datagram(a_probe(), daemon.farm), "10.0.0.66", kStart)->cookie;
    const auto answer =
        daemon.answers().on(probe_datagram(a_probe(cookie), stranger), "10.0.0.66", a_full_status(), kStart);
    REQUIRE(answer.has_value());
    const auto status = read_status(answer->datagram, daemon.farm);
    CHECK(status->message.name.empty());
    CHECK(status->message.cookie.empty());
  }
}

TEST_CASE("neither strangers nor recordings take the answers of members", "[daemon]") {
  FarmDaemon daemon;
  const Bytes fresh = daemon.fresh_probe("10.0.0.103", kStart);
  const Bytes recorded = probe_datagram(a_probe(), daemon.farm);
  const Bytes strange = probe_datagram(a_probe(), {});
  const auto flood = [&](const Bytes& datagram) {
    int answered = 0;
    for (int i = 0; i < 3000; ++i) {
      const std::string address = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
      answered += daemon.answers().on(datagram, address, a_full_status(), kStart) ? 1 : 0;
    }
    return answered;
  };
  CHECK(flood(strange) == 400);
  // A member's first question, and then its second.
  check_says_nothing(daemon.ask(recorded, "10.0.0.104", kStart));
  CHECK(flood(recorded) < 400);
  CHECK(daemon.ask(fresh, "10.0.0.103", kStart)->name == "RENDER1");
}
