#include "net/link_watch.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

constexpr Instant kStart{seconds(100)};
constexpr Duration kDead = seconds(15);

/// Checks every tick from `from` on, calling `between(now)` before each; the moment of death, or `until`.
template <class Between>
Instant run(LinkWatch& watch, Instant from, Instant until, Between between) {
  for (Instant now = from; now < until; now += watch.tick()) {
    between(now);
    if (watch.check(now)) return now;
  }
  return until;
}

TEST_CASE("silence for the deadline is death, any byte before it is life", "[net]") {
  LinkWatch watch(kStart, kStart + seconds(10));
  watch.established(kStart, kDead);
  const Instant last_byte = kStart + seconds(60);
  const Instant death = run(watch, kStart, kStart + seconds(200), [&](Instant now) {
    if (now <= last_byte) watch.heard(now);
  });
  CHECK(death - last_byte >= kDead - watch.tick());
  CHECK(death - last_byte <= kDead + 2 * watch.tick());
}

TEST_CASE("a write that moves nothing for the deadline is death, though bytes come in", "[net]") {
  LinkWatch watch(kStart, kStart + seconds(10));
  watch.established(kStart, kDead);
  watch.write_began(kStart);
  const Instant last_move = kStart + seconds(30);
  const Instant death = run(watch, kStart, kStart + seconds(200), [&](Instant now) {
    watch.heard(now);
    if (now <= last_move) watch.write_moved(now);
  });
  CHECK(death > last_move + kDead - 2 * watch.tick());
  CHECK(death <= last_move + kDead + 2 * watch.tick());
  CHECK(watch.check(death)->message.find("took nothing") != std::string::npos);
}

TEST_CASE("nothing to write is no stuck write", "[net]") {
  LinkWatch watch(kStart, kStart + seconds(10));
  watch.established(kStart, kDead);
  watch.write_began(kStart);
  watch.write_ended();
  const Instant end = kStart + seconds(300);
  CHECK(run(watch, kStart, end, [&](Instant now) { watch.heard(now); }) == end);
}

TEST_CASE("a peer has the whole handshake's time, and no more, whatever it sends", "[net]") {
  LinkWatch watch(kStart, kStart + seconds(10));
  const Instant death = run(watch, kStart, kStart + seconds(100), [&](Instant now) { watch.heard(now); });
  CHECK(death - kStart >= seconds(10));
  CHECK(death - kStart <= seconds(10) + watch.tick());
}

TEST_CASE("time in which this process stood still kills nobody", "[net]") {
  LinkWatch watch(kStart, kStart + seconds(10));
  watch.established(kStart, kDead);
  const Instant suspended = run(watch, kStart, kStart + seconds(20), [&](Instant now) { watch.heard(now); });
  const Instant resumed = suspended + std::chrono::hours(8);
  CHECK_FALSE(watch.check(resumed).has_value());
  // The other side is really gone: found a deadline later.
  const Instant death = run(watch, resumed, resumed + seconds(200), [](Instant) {});
  CHECK(death - resumed >= kDead - 3 * watch.tick());
  CHECK(death - resumed <= kDead + watch.tick());
}

}  // namespace
}  // namespace oct
