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

struct Asked {
  bool answered = false;
  DaemonStatus status;
  bool proved = false;
};

/// What a daemon with this access tells an asker with that.
Asked ask(const NetworkAccess& daemon, const NetworkAccess& asker, const std::string& address) {
  ProbeAnswers answers(daemon, 1);
  const auto answer = answers.on(probe_datagram(a_probe(), asker), address, a_full_status(), kStart);
  if (!answer) return {};
  const auto status = read_status(answer->datagram, asker);
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
  ProbeAnswers answers(farm, 1);
  const auto answer = answers.on(datagram, "10.0.0.103", a_full_status(), kStart);
  REQUIRE(answer.has_value());
  CHECK(read_status(answer->datagram, farm)->message.mode == DaemonMode::other_farm);
}

TEST_CASE("what is no probe, or is smaller than an answer, is not answered", "[daemon]") {
  ProbeAnswers answers({}, 1);
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
  ProbeAnswers answers({}, 5);
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
  ProbeAnswers answers({}, 1,
                       {.per_second = 200, .burst = 400, .per_address_second = 20, .address_burst = 40});
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
  ProbeAnswers answers({}, 1, {.per_second = 10, .burst = 50, .addresses = 16});
  const Bytes probe = probe_datagram(a_probe(), {});
  int answered = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string address = "127.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    answered += answers.on(probe, address, a_full_status(), kStart).has_value() ? 1 : 0;
  }
  CHECK(answered == 50);
}
