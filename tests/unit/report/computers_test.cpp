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
