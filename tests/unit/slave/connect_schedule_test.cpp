#include "slave/connect_schedule.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

const Instant kStart{seconds(100)};

}  // namespace

TEST_CASE("pauses double to 30 s, and attempts come up to a fifth later", "[slave]") {
  ConnectSchedule schedule(7, std::nullopt);
  for (const int expected : {1, 2, 4, 8, 16, 30, 30}) {
    CHECK(schedule.plan_next(kStart) == seconds(expected));
    CHECK_FALSE(schedule.is_due(kStart + seconds(expected) - milliseconds(1)));
    CHECK(schedule.is_due(kStart + milliseconds(expected * 1200)));
  }
}

TEST_CASE("slaves of other seeds do not knock at the same moment", "[slave]") {
  ConnectSchedule first(1, std::nullopt), second(2'000'000'001, std::nullopt);
  first.plan_next(kStart);
  second.plan_next(kStart);
  bool differ = false;
  for (int ms = 1000; ms <= 1200; ++ms) {
    const Instant now = kStart + milliseconds(ms);
    differ = differ || first.is_due(now) != second.is_due(now);
  }
  CHECK(differ);
}

TEST_CASE("after a master, and after a render, pauses begin anew", "[slave]") {
  ConnectSchedule schedule(1, std::nullopt);
  schedule.plan_next(kStart);
  schedule.plan_next(kStart);
  schedule.reached();
  CHECK(schedule.plan_next(kStart) == seconds(1));
  schedule.plan_next(kStart);
  schedule.plan_soon(kStart);
  CHECK(schedule.is_due(kStart + seconds(1)));
  CHECK(schedule.plan_next(kStart) == seconds(1));
}

TEST_CASE("a slave gives up when it had no master for its timeout", "[slave]") {
  ConnectSchedule patient(1, std::nullopt), schedule(1, seconds(10));
  patient.lost(kStart);
  schedule.lost(kStart);
  CHECK_FALSE(schedule.is_over(kStart + milliseconds(9999)));
  CHECK(schedule.is_over(kStart + seconds(10)));
  CHECK_FALSE(patient.is_over(kStart + seconds(100000)));
  schedule.lost(kStart + seconds(10));
  CHECK_FALSE(schedule.is_over(kStart + seconds(19)));
}
