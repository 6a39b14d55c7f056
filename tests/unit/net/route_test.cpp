#include "net/route.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr std::uint32_t kOwn = 0x0a000067;  // 10.0.0.103/24

bool beyond(std::uint32_t destination, unsigned prefix_length) {
  return leads_beyond({"eth0", destination, prefix_length}, kOwn, 24);
}

}  // namespace

TEST_CASE("a route to other networks is one, a route to the own subnet or to a group is not", "[net]") {
  CHECK(beyond(0, 0));
  CHECK(beyond(0x0a000100, 24));
  CHECK(beyond(0x0a000000, 8));
  CHECK_FALSE(beyond(0x0a000000, 24));
  CHECK_FALSE(beyond(0x0a000067, 32));
  CHECK_FALSE(beyond(0x0a0000ff, 32));
  CHECK_FALSE(beyond(0xe0000000, 4));
  CHECK_FALSE(beyond(0xffffffff, 32));
  CHECK_FALSE(beyond(0xa9fe0000, 16));
  CHECK(leads_beyond({"wg0", 0x0a000000, 24}, 0x0a630001, 32));  // a tunnel's own address is alone
}

TEST_CASE("the table of Linux is read", "[net]") {
  const auto routes = routes_from_proc(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "br0\t00000000\t01004D0A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
      "br0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
      "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
      "*\t0000A8C0\t00000000\t0200\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
      "nonsense\n");
  REQUIRE(routes.size() == 3);
  CHECK(routes[0] == Route{"br0", 0, 0});
  CHECK(routes[1] == Route{"br0", 0x0a4d0000, 24});
  CHECK(routes[2] == Route{"docker0", 0xac110000, 16});
  CHECK(routes_from_proc("").empty());
}
