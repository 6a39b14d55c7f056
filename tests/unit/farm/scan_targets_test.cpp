#include "farm/scan_targets.hpp"

#include "farm/master_identity.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

Adapter adapter(const char* name, const char* address, unsigned prefix, bool physical) {
  Adapter adapter;
  adapter.name = name;
  adapter.address = address;
  adapter.prefix_length = prefix;
  adapter.physical = physical;
  adapter.loopback = std::string(name) == "lo";
  if (!adapter.loopback) adapter.broadcast = "10.0.0.255";
  return adapter;
}

std::vector<Adapter> three_adapters() {
  return {adapter("lo", "127.0.0.1", 8, false), adapter("eth0", "10.0.0.103", 24, true),
          adapter("docker0", "172.17.0.1", 16, false)};
}

}  // namespace

TEST_CASE("IPv4 addresses are four numbers and nothing else", "[farm]") {
  CHECK(ipv4_from_text("10.0.0.255") == Ipv4{0x0a0000ff});
  CHECK(ipv4_text(0xc0a80101) == "192.168.1.1");
  for (const char* wrong :
       {"", "10.0.0", "10.0.0.256", "10.0.0.1.", "10.0.0.1x", "a.b.c.d", "-1.0.0.0", "1..2.3"})
    CHECK_FALSE(ipv4_from_text(wrong));
}

TEST_CASE("a subnet has the addresses between its network and broadcast address", "[farm]") {
  const auto subnet = subnet_from_text("10.0.0.17/24");
  REQUIRE(subnet);
  CHECK(subnet->text() == "10.0.0.0/24");
  CHECK(subnet->host_count() == 254);
  CHECK(ipv4_text(subnet->host(0)) == "10.0.0.1");
  CHECK(ipv4_text(subnet->host(253)) == "10.0.0.254");
  CHECK(subnet->contains(*ipv4_from_text("10.0.0.200")));
  CHECK_FALSE(subnet->contains(*ipv4_from_text("10.0.1.0")));
  CHECK(subnet_from_text("10.0.0.4/31")->host_count() == 2);
  CHECK(subnet_from_text("10.0.0.4")->host_count() == 1);
  CHECK(ipv4_text(subnet_from_text("10.0.0.4/32")->host(0)) == "10.0.0.4");
  CHECK(subnet_from_text("0.0.0.0/0")->host_count() == 4294967294u);
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/2x", "eth0", "", "10.0.0/24"})
    CHECK_FALSE(subnet_from_text(wrong));
}

TEST_CASE("physical adapters are scanned, others only where none is physical", "[farm]") {
  const auto adapters = three_adapters();
  const auto targets = scan_targets({}, adapters);
  REQUIRE(targets);
  REQUIRE(targets->subnets.size() == 1);
  CHECK(targets->text() == "10.0.0.0/24 (eth0) port 48000");
  CHECK(targets->subnets[0].broadcast == "10.0.0.255");
  CHECK(targets->warnings.empty());

  const auto virtual_ones = scan_targets({}, {adapters[0], adapters[2]});
  REQUIRE(virtual_ones);
  REQUIRE(virtual_ones->subnets.size() == 1);
  CHECK(virtual_ones->subnets[0].subnet.text() == "172.17.0.0/16");
  CHECK(virtual_ones->warnings.size() == 1);

  const auto none = scan_targets({}, {adapters[0]});
  REQUIRE(none);
  CHECK(none->text() == "this computer port 48000");
}

TEST_CASE("subnets are named by numbers or adapters", "[farm]") {
  ScanChoice choice;
  choice.subnets = {"docker0", "10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/24"};
  const auto targets = scan_targets(choice, three_adapters());
  REQUIRE(targets);
  REQUIRE(targets->subnets.size() == 3);
  CHECK(targets->subnets[1].broadcast == "10.0.0.255");  // it is an adapter's own
  CHECK(targets->subnets[2].broadcast.empty());
  choice.subnets = {"eth7"};
  const auto wrong = scan_targets(choice, three_adapters());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message == "eth7: is neither a subnet such as 10.0.0.0/24 nor an adapter");
  CHECK(wrong.error().help == "adapters of this computer: lo, eth0, docker0");
}

TEST_CASE("addresses may have a port, in either version of IP", "[farm]") {
  CHECK(*host_port_from_text("RENDER1", 48000) == HostPort{"RENDER1", 48000});
  CHECK(*host_port_from_text("10.0.0.11:48010", 48000) == HostPort{"10.0.0.11", 48010});
  CHECK(*host_port_from_text("fe80::1", 48000) == HostPort{"fe80::1", 48000});
  CHECK(*host_port_from_text("[fe80::1]:48010", 48000) == HostPort{"fe80::1", 48010});
  CHECK(*host_port_from_text("[fe80::1]", 48000) == HostPort{"fe80::1", 48000});
  CHECK(host_port_from_text("[fe80::1]:48010", 1)->text() == "[fe80::1]:48010");
  CHECK(bracketed("fe80::1") == "[fe80::1]");
  CHECK(bracketed("10.0.0.11") == "10.0.0.11");
  for (const char* wrong : {"", ":48000", "a:0", "a:65536", "a:x", "[fe80::1", "[fe80::1]x", "fe80::1]", "[]",
                            "[a]b]", "a b", "a/b"})
    CHECK_FALSE(host_port_from_text(wrong, 48000));
}

TEST_CASE("what stands in for a card or carries routes is scanned, what is left out is named", "[farm]") {
  Adapter bridge = adapter("br0", "10.77.0.103", 24, false);
  bridge.uplink = true;
  auto adapters = three_adapters();
  adapters.push_back(bridge);
  const auto targets = scan_targets({}, adapters);
  REQUIRE(targets);
  CHECK(targets->subnets_text() == "10.0.0.0/24, 10.77.0.0/24");
  CHECK(targets->left_out_text() == "172.17.0.0/16 (docker0)");

  adapters[1].physical = false;  // the bridge is all there is
  CHECK(scan_targets({}, adapters)->subnets_text() == "10.77.0.0/24");
  ScanChoice choice;
  choice.subnets = {"docker0"};
  CHECK(scan_targets(choice, adapters)->left_out_text().empty());
}

TEST_CASE("a card without an address does not make virtual networks count less, nor does an unknown name",
          "[farm]") {
  auto adapters = three_adapters();
  Adapter late = adapter("eth1", "", 0, true);
  adapters.push_back(late);
  adapters[1].physical = false;
  const auto targets = scan_targets({}, adapters);
  REQUIRE(targets);
  CHECK(targets->subnets_text() == "10.0.0.0/24, 172.17.0.0/16");
  ScanChoice choice;
  choice.subnets = {"eth1"};
  const auto nothing_yet = scan_targets(choice, adapters);
  REQUIRE(nothing_yet);
  CHECK(nothing_yet->subnets.empty());
  CHECK(addresses_of(adapters) == std::vector<std::string>{"127.0.0.1", "10.0.0.103", "172.17.0.1"});
}

TEST_CASE("who asks from one address asks the subnet of that address", "[farm]") {
  ScanChoice choice;
  choice.source = three_adapters()[1].address;
  const auto targets = scan_targets(choice, three_adapters());
  REQUIRE(targets);
  REQUIRE(targets->subnets.size() == 1);
  CHECK(targets->subnets[0].adapter == three_adapters()[1].name);
  CHECK(targets->this_computer == choice.source);
  CHECK(scan_targets({}, three_adapters())->this_computer == "127.0.0.1");
  choice.source = "fd00::11";  // IPv6 is not scanned
  CHECK(scan_targets(choice, three_adapters())->subnets.empty());
  choice.subnets = {"10.9.0.0/24"};
  CHECK(scan_targets(choice, three_adapters())->subnets_text() == "10.9.0.0/24");
}
