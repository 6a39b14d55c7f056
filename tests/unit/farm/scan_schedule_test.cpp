#include "farm/scan_schedule.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr Instant kStart{};

ScanTargets targets_in(const char* cidr, const char* broadcast = "") {
  ScanTargets targets;
  targets.subnets.push_back({*subnet_from_text(cidr), "eth0", broadcast});
  return targets;
}

struct Counted {
  std::size_t rounds = 0;
  std::vector<Endpoint> swept, asked;
};

/// Lets the schedule run from `from` for `length`, in steps of 20 ms.
Counted run(ScanSchedule& schedule, Instant from, Duration length) {
  Counted counted;
  for (Instant now = from; now < from + length; now += milliseconds(20)) {
    const auto due = schedule.due(now);
    counted.rounds += due.round ? 1 : 0;
    for (const Probe& probe : due.probes) (probe.sweep ? counted.swept : counted.asked).push_back(probe.to);
  }
  return counted;
}

bool contains(const std::vector<Endpoint>& all, const Endpoint& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("a round comes at once and then every five seconds", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/24", "10.0.0.255"), kStart);
  schedule.set_known({{"10.9.0.1", 48010}, {"10.0.0.255", 48000}});
  const Counted counted = run(schedule, kStart, seconds(21));
  CHECK(counted.rounds == 5);
  CHECK(contains(counted.asked, {"10.0.0.255", 48000}));
  CHECK(contains(counted.asked, {"127.0.0.1", 48000}));
  CHECK(contains(counted.asked, {"10.9.0.1", 48010}));
  CHECK(counted.asked.size() == 15);  // nobody twice in a round
}

TEST_CASE("a sweep asks each address once, at most 250 a second", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/22"), kStart);
  CHECK(schedule.sweeping());
  const Counted first = run(schedule, kStart, seconds(1));
  CHECK(first.swept.size() <= 251);
  CHECK(first.swept.size() >= 225);
  const Counted rest = run(schedule, kStart + seconds(1), seconds(4));
  CHECK_FALSE(schedule.sweeping());
  std::set<std::string> all;
  for (const Endpoint& to : first.swept) all.insert(to.address);
  for (const Endpoint& to : rest.swept) all.insert(to.address);
  CHECK(all.size() == 1022);
  CHECK(first.swept.size() + rest.swept.size() == 1022);
}

TEST_CASE("after a pause of the program the sweep makes no burst", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/16"), kStart);
  run(schedule, kStart, seconds(1));
  const auto due = schedule.due(kStart + seconds(30));
  const auto swept =
      std::count_if(due.probes.begin(), due.probes.end(), [](const Probe& probe) { return probe.sweep; });
  CHECK(swept <= 25);
}

TEST_CASE("the sweep comes again once a minute, and on request", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/28"), kStart);
  CHECK(run(schedule, kStart, seconds(59)).swept.size() == 14);
  CHECK(run(schedule, kStart + seconds(59), seconds(10)).swept.size() == 14);
  CHECK(run(schedule, kStart + seconds(69), seconds(10)).swept.empty());
  schedule.request(kStart + seconds(79));
  const Counted again = run(schedule, kStart + seconds(79), seconds(1));
  CHECK(again.swept.size() == 14);
  CHECK(again.rounds == 1);
}

TEST_CASE("what the system has no room for comes again, and nobody is left out", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/26"), kStart);
  std::set<std::string> done;
  std::size_t asked = 0;
  Instant now = kStart;
  for (int step = 0; step < 2000 && schedule.sweeping(); ++step, now += milliseconds(20)) {
    for (const Probe& probe : schedule.due(now).probes) {
      if (!probe.sweep) continue;
      if (++asked % 3 != 0) {
        schedule.postpone(probe, now);
      } else {
        CHECK(done.insert(probe.to.address).second);
      }
    }
  }
  CHECK_FALSE(schedule.sweeping());
  CHECK(done.size() == 62);
}

TEST_CASE("other subnets begin a sweep, the same ones do not", "[farm]") {
  ScanSchedule schedule({}, targets_in("10.0.0.0/28"), kStart);
  run(schedule, kStart, seconds(3));
  ScanTargets same = targets_in("10.0.0.0/28");
  same.addresses.push_back({"RENDER1", 48000});
  schedule.set_targets(same, kStart + seconds(3));
  CHECK_FALSE(schedule.sweeping());
  schedule.set_targets(targets_in("10.0.1.0/28"), kStart + seconds(3));
  CHECK(run(schedule, kStart + seconds(3), seconds(1)).swept.front().address == "10.0.1.1");
}
