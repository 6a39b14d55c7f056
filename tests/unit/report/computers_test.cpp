#include "report/computers.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

SlaveStatus slave(const char* name, const char* address, std::uint64_t samples, bool connected) {
  SlaveStatus status;
  status.name = name;
  status.address = address;
  status.samples = samples;
  status.leases_merged = 1;
  status.connected = connected;
  status.doing = connected ? SlaveDoing::rendering : SlaveDoing::lost;
  return status;
}

}  // namespace

TEST_CASE("a computer that came again is one entry, with all its work", "[report]") {
  const auto all = one_for_each_computer({slave("A", "10.0.0.11", 5, false), slave("B", "10.0.0.12", 1, true),
                                          slave("A", "10.0.0.11", 7, true), slave("A", "10.0.0.13", 2, false),
                                          slave("A", "10.0.0.11", 3, false)});
  REQUIRE(all.size() == 3);
  CHECK(all[0].samples == 15);
  CHECK(all[0].leases_merged == 3);
  CHECK(all[0].connected);  // of the connection that stands
  CHECK(all[0].doing == SlaveDoing::rendering);
  CHECK(all[1].name == "B");
  CHECK(all[2].samples == 2);
}

namespace {

/// With a GPU, here from one second to another.
SlaveStatus at_times(const char* address, int joined, int last, bool connected) {
  SlaveStatus status = slave("A", address, 1, connected);
  status.devices = {{DeviceKind::cuda, 0, "GPU", 8'000'000'000, 0}};
  status.joined = Instant{} + seconds(joined);
  status.last_progress = Instant{} + seconds(last);
  return status;
}

}  // namespace

TEST_CASE("a computer whose address changed in mid-render is one entry, with its present address",
          "[report]") {
  const auto moved =
      one_for_each_computer({at_times("10.0.0.11", 0, 5, false), at_times("10.0.0.12", 7, 9, false),
                             at_times("10.0.0.13", 9, 12, true)});
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].address == "10.0.0.13");
  CHECK(moved[0].samples == 3);
  CHECK(moved[0].joined == Instant{});
}

TEST_CASE("computers that are alike and worked at the same time are two", "[report]") {
  const SlaveStatus lost = at_times("10.0.0.11", 0, 5, false);
  CHECK(one_for_each_computer({lost, at_times("10.0.0.12", 4, 9, true)}).size() == 2);
  CHECK(
      one_for_each_computer({at_times("10.0.0.11", 0, 5, true), at_times("10.0.0.12", 7, 9, true)}).size() ==
      2);
  SlaveStatus other = at_times("10.0.0.12", 7, 9, true);
  other.devices[0].name = "another GPU";
  CHECK(one_for_each_computer({lost, other}).size() == 2);
  other.devices = lost.devices;
  other.name = "B";
  CHECK(one_for_each_computer({lost, other}).size() == 2);
}
