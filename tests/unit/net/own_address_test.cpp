#include "net/own_address.hpp"

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
