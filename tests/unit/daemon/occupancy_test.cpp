#include "daemon/occupancy.hpp"

#include "daemon/daemon_words.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr std::uint64_t kUnix = 1'760'000'000;

Moment at(int second) {
  return {Instant(seconds(1000 + second)), kUnix + static_cast<std::uint64_t>(second)};
}

DaemonOwner master(const std::string& nick, std::uint32_t port = 21000) {
  return {nick, "10.0.0.1", port, kUnix};
}

std::optional<OccupyRefusal> refusal(const Occupancy& daemon, const DaemonOwner& asker, int second,
                                     bool steals = false) {
  const auto refused = daemon.refusal(asker, steals, at(second));
  if (!refused) return std::nullopt;
  return refused->kind;
}

}  // namespace

TEST_CASE("an owner keeps others out, but not itself and no thief", "[daemon]") {
  Occupancy daemon(seconds(30));
  CHECK(refusal(daemon, master("a"), 0) == std::nullopt);
  daemon.take(1, master("a"), at(0));
  CHECK(daemon.is_owner(1));
  CHECK_FALSE(daemon.is_owner(2));
  CHECK(refusal(daemon, master("a"), 0) == std::nullopt);
  CHECK(refusal(daemon, master("a", 21001), 0) == OccupyRefusal::bound_to_other);
  CHECK(refusal(daemon, master("b"), 0) == OccupyRefusal::bound_to_other);
  CHECK(refusal(daemon, master("b"), 0, true) == std::nullopt);
  CHECK(daemon.eviction_by(master("a")).why == Eviction::Why::new_connection);
  CHECK(daemon.eviction_by(master("b")).why == Eviction::Why::taken_over);
  daemon.release();
  CHECK(refusal(daemon, master("b"), 0) == std::nullopt);
}

TEST_CASE("it is kept for a thief for a moment, whatever port his next master has", "[daemon]") {
  Occupancy daemon(seconds(30));
  daemon.keep_for(master("thief", 0), at(0));
  CHECK(refusal(daemon, master("a"), 29) == OccupyRefusal::reserved);
  CHECK(refusal(daemon, master("a"), 29, true) == OccupyRefusal::reserved);
  CHECK(refusal(daemon, master("thief"), 29) == std::nullopt);
  CHECK(refusal(daemon, master("a"), 30) == std::nullopt);
}

TEST_CASE("a pause ends by the wall clock, or when somebody ends it", "[daemon]") {
  Occupancy daemon(seconds(30));
  daemon.begin_pause(1, at(0));
  CHECK(refusal(daemon, master("a"), 59, true) == OccupyRefusal::paused);
  CHECK(daemon.pause_end(at(20)) == at(60).instant);
  CHECK_FALSE(daemon.end_pause_if_over(at(59)));
  CHECK(daemon.end_pause_if_over(at(60)));
  CHECK_FALSE(daemon.end_pause_if_over(at(61)));
  daemon.begin_pause(0, at(70));
  CHECK(daemon.pause_end(at(70)) == std::nullopt);
  CHECK(daemon.pause(at(1'000'000)));
  CHECK(daemon.end_pause());
  CHECK_FALSE(daemon.end_pause());
}

TEST_CASE("a daemon that is about to end refuses everybody", "[daemon]") {
  Occupancy daemon(seconds(30));
  daemon.take(1, master("a"), at(0));
  daemon.begin_end();
  CHECK(refusal(daemon, master("a"), 0) == OccupyRefusal::ending);
  CHECK(refusal(daemon, master("b"), 0, true) == OccupyRefusal::ending);
}

TEST_CASE("every refusal and eviction has words", "[daemon]") {
  const Pause pause{0, kUnix};
  CHECK(words_of(Refusal{OccupyRefusal::bound_to_other, master("a"), {}}) == "bound to a (10.0.0.1:21000)");
  CHECK(words_of(Refusal{OccupyRefusal::reserved, master("a", 0), {}}) ==
        "kept for a (10.0.0.1) for a moment");
  CHECK(words_of(Refusal{OccupyRefusal::paused, {}, pause}) == "paused by the user");
  CHECK(words_of(Refusal{OccupyRefusal::ending, {}, {}}) == "the daemon is about to end");
  CHECK(words_of(Eviction{Eviction::Why::taken_over, master("a"), {}}) == "taken over by a (10.0.0.1:21000)");
  CHECK(words_of(Eviction{Eviction::Why::new_connection, {}, {}}) == "the same master has a new connection");
  CHECK(words_of(Eviction{Eviction::Why::paused, {}, pause}) == "paused by the user");
  CHECK(words_of(Eviction{Eviction::Why::stopped, {}, {}}) == "the daemon was stopped there");
}
