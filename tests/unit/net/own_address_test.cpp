#include "net/own_address.hpp"

#include <algorithm>

#include "net/address.hpp"
#include "net/connector.hpp"
#include "net/listener.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("this computer's address is that of a card, or of what leads to others", "[net]") {
  Adapter loopback{"lo", "127.0.0.1", 8, "", true};
  Adapter bridge{"docker0", "172.17.0.1", 16, "172.17.255.255"};
  Adapter unplugged{"eth1", "", 0, "", false, true};
  Adapter card{"eth0", "10.0.0.103", 24, "10.0.0.255", false, true};
  Adapter bond{"bond0", "10.1.0.103", 24, "10.1.0.255", false, false, true};
  CHECK(own_address({}) == "127.0.0.1");
  CHECK(own_address({loopback, unplugged}) == "127.0.0.1");
  CHECK(own_address({loopback, bridge}) == "172.17.0.1");
  CHECK(own_address({loopback, bridge, unplugged, card, bond}) == "10.0.0.103");
  CHECK(own_address({loopback, bridge, bond, card}) == "10.1.0.103");
}

TEST_CASE("this computer's IPv6 address is one that others reach", "[net]") {
  CHECK(own_ipv6_address({}) == "::1");
  CHECK(own_ipv6_address({"127.0.0.1", "10.0.0.103", "::1", "fe80::1%eth0"}) == "::1");
  CHECK(own_ipv6_address({"10.0.0.103", "::1", "fe80::1%eth0", "fd00::11", "fd00::12"}) == "fd00::11");
}

TEST_CASE("numeric addresses are told from names", "[net]") {
  CHECK(*numeric_address("10.0.0.103") == "10.0.0.103");
  CHECK(*numeric_address("[FD00:0::11]") == "fd00::11");
  CHECK(*numeric_address("::1") == "::1");
  for (const char* wrong :
       {"", "[]", "DESK", "eth0", "10.0.0", "10.0.0.256", "10.0.0.1:21000", "[10.0.0.1]", "[::1", "::1]"})
    CHECK_FALSE(numeric_address(wrong));
  CHECK(is_any_address("0.0.0.0"));
  CHECK(is_any_address("::"));
  CHECK_FALSE(is_any_address("10.0.0.103"));
  CHECK_FALSE(is_any_address(""));
  CHECK(is_ipv6("fd00::11"));
  CHECK_FALSE(is_ipv6("10.0.0.103"));
}

TEST_CASE("an address that this computer does not have is refused with those that it has", "[net]") {
  const auto addresses = list_addresses();
  CHECK(std::count(addresses.begin(), addresses.end(), "127.0.0.1") == 1);
  EventLoop loop;
  ListenOptions options;
  options.address = "192.0.2.1";  // belongs to nobody
  options.ports = {21000, 1};
  const auto listener = Listener::open(
      loop, options, [](auto) {}, [](const auto&) {});
  REQUIRE_FALSE(listener);
  CHECK(listener.error().kind == ErrorKind::invalid_input);
  CHECK(listener.error().message ==
        "cannot listen on 192.0.2.1:21000: this computer does not have that address");
  CHECK(listener.error().help.starts_with("addresses of this computer: "));
  CHECK(listener.error().help.find("127.0.0.1") != std::string::npos);
}

#if defined(__linux__)

TEST_CASE("a connection comes from the address that was chosen", "[net]") {
  EventLoop loop;
  std::string seen, failed;
  std::unique_ptr<Connection> here, there;
  ListenOptions options;
  options.address = "127.0.0.1";
  const auto listener = Listener::open(
      loop, options,
      [&](std::unique_ptr<Connection> connection) {
        there = std::move(connection);
        seen = there->peer().address;
        loop.stop();
      },
      [](const auto&) {});
  REQUIRE(listener);
  ConnectOptions to;
  to.host = "127.0.0.1";
  to.port = (*listener)->port();
  const auto try_from = [&](const char* source) {
    seen.clear();
    failed.clear();
    to.source = source;
    const auto attempt = connect(
        loop, to, [&](std::unique_ptr<Connection> connection) { here = std::move(connection); },
        [&](const ConnectFailure& failure) {
          failed = failure.error.message;
          loop.stop();
        });
    loop.run();
  };
  try_from("127.0.0.77");
  CHECK(seen == "127.0.0.77");
  try_from("");
  CHECK(seen == "127.0.0.1");
  try_from("::1");
  CHECK(failed.find("is not reached from ::1") != std::string::npos);
  try_from("192.0.2.1");
  CHECK(seen.empty());
  CHECK_FALSE(failed.empty());
}

#endif
