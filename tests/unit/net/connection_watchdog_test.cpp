#include "net/connection_watchdog.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

constexpr Instant kStart{seconds(100)};
constexpr Duration kDead = seconds(15);

/// Checks every tick from `from` on, calling `between(now)` before each; the moment of death, or `until`.
template <class Between>
Instant run(ConnectionWatchdog& watchdog, Instant from, Instant until, Between between) {
  for (Instant now = from; now < until; now += watchdog.tick()) {
    between(now);
    if (watchdog.check(now)) return now;
  }
  return until;
}

TEST_CASE("silence for the deadline is death, any byte before it is life", "[net]") {
  ConnectionWatchdog watchdog(kStart, kStart + seconds(10));
  watchdog.established(kStart, kDead);
  const Instant last_byte = kStart + seconds(60);
  const Instant death = run(watchdog, kStart, kStart + seconds(200), [&](Instant now) {
    if (now <= last_byte) watchdog.heard(now);
  });
  CHECK(death - last_byte >= kDead - watchdog.tick());
  CHECK(death - last_byte <= kDead + 2 * watchdog.tick());
}

TEST_CASE("a write that moves nothing for the deadline is death, though bytes come in", "[net]") {
  ConnectionWatchdog watchdog(kStart, kStart + seconds(10));
  watchdog.established(kStart, kDead);
  watchdog.write_began(kStart);
  const Instant last_move = kStart + seconds(30);
  const Instant death = run(watchdog, kStart, kStart + seconds(200), [&](Instant now) {
    watchdog.heard(now);
    if (now <= last_move) watchdog.write_moved(now);
  });
  CHECK(death > last_move + kDead - 2 * watchdog.tick());
  CHECK(death <= last_move + kDead + 2 * watchdog.tick());
  CHECK(watchdog.check(death)->message.find("took nothing") != std::string::npos);
}

TEST_CASE("a write of nothing is not stuck", "[net]") {
  ConnectionWatchdog watchdog(kStart, kStart + seconds(10));
  watchdog.established(kStart, kDead);
  watchdog.write_began(kStart);
  watchdog.write_ended();
  const Instant end = kStart + seconds(300);
  CHECK(run(watchdog, kStart, end, [&](Instant now) { watchdog.heard(now); }) == end);
}

TEST_CASE("a peer has the whole handshake's time, and no more, whatever it sends", "[net]") {
  ConnectionWatchdog watchdog(kStart, kStart + seconds(10));
  const Instant death =
      run(watchdog, kStart, kStart + seconds(100), [&](Instant now) { watchdog.heard(now); });
  CHECK(death - kStart >= seconds(10));
  CHECK(death - kStart <= seconds(10) + watchdog.tick());
}

TEST_CASE("time in which this process stood still kills nobody", "[net]") {
  ConnectionWatchdog watchdog(kStart, kStart + seconds(10));
  watchdog.established(kStart, kDead);
  const Instant suspended =
      run(watchdog, kStart, kStart + seconds(20), [&](Instant now) { watchdog.heard(now); });
  const Instant resumed = suspended + std::chrono::hours(8);
  CHECK_FALSE(watchdog.check(resumed).has_value());
  // The other side is really gone: found a deadline later.
  const Instant death = run(watchdog, resumed, resumed + seconds(200), [](Instant) {});
  CHECK(death - resumed >= kDead - 3 * watchdog.tick());
  CHECK(death - resumed <= kDead + watchdog.tick());
}

}  // namespace
}  // namespace oct
