#include "net/stranger_tally.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

const Instant kEvening{seconds(1000)};

std::string stranger_address(int i) {
  return "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
}

}  // namespace

TEST_CASE("an address is told of once for each kind of reason, the rest is summed up", "[net]") {
  StrangerTally tally;
  CHECK(tally.on("10.0.0.11", "foreign", kEvening));
  CHECK(tally.on("10.0.0.11", "ours", kEvening));
  CHECK_FALSE(tally.due(kEvening + seconds(600)).has_value());
  for (int i = 0; i < 100; ++i) CHECK_FALSE(tally.on("10.0.0.11", i % 2 == 0 ? "foreign" : "ours", kEvening));
  CHECK_FALSE(tally.due(kEvening + seconds(59)).has_value());
  const auto summary = tally.due(kEvening + seconds(60));
  REQUIRE(summary.has_value());
  CHECK(summary->connections == 100);
  CHECK(summary->addresses == 1);
  CHECK_FALSE(tally.due(kEvening + seconds(6000)).has_value());
}

TEST_CASE("one address cannot have everything told", "[net]") {
  StrangerTally tally;
  int told = 0;
  for (int i = 0; i < 100; ++i)
    told += tally.on("10.0.0.11", "version " + std::to_string(i), kEvening) ? 1 : 0;
  CHECK(told == 4);
  CHECK(tally.on("10.0.0.12", "version 1", kEvening));
}

TEST_CASE("a night of strangers is a few lines", "[net]") {
  StrangerTally tally;
  int lines = 0;
  Instant now = kEvening;
  for (int i = 0; i < 100'000; ++i, now += milliseconds(360)) {  // ten hours
    lines += tally.on(stranger_address(i), "foreign", now) ? 1 : 0;
    lines += tally.due(now) ? 1 : 0;
  }
  CHECK(lines > 64);
  CHECK(lines < 80);
}
