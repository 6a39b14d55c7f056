#include "farm/known_daemons.hpp"

#include "support/catch.hpp"
#include "support/daemons.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr std::uint16_t kPort = 48000;

std::vector<std::string> addresses(const std::vector<KnownDaemon>& known) {
  std::vector<std::string> all;
  for (const KnownDaemon& one : known) all.push_back(one.address);
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a daemon is known by the names that lists show", "[farm]") {
  SeenDaemon render1 = a_daemon('a', "RENDER1", "10.0.0.11"), render2 = a_daemon('b', "render2", "10.0.0.12");
  render1.endpoint.port = kPort;
  render2.endpoint.port = 48010;
  const std::vector<SeenDaemon> seen{render1, render2, a_daemon('c', "render2", "fd00::12")};
  const std::vector<EnabledDaemon> enabled{{daemon_id('a'), "RENDER1", "10.0.0.7"},
                                           {daemon_id('d'), "RENDER9", "10.0.0.19"}};
  const auto known = [&](const std::string& word) { return known_daemons(word, seen, enabled, kPort); };

  REQUIRE(known("render1").size() == 1);
  CHECK(known("render1")[0].name == "render1");
  CHECK(addresses(known("render1")) == Texts{"10.0.0.11"});  // where it is, not where it was
  CHECK(addresses(known(daemon_id('a').substr(0, 8))) == Texts{"10.0.0.11"});
  CHECK(known("RENDER2").size() == 2);  // both of that name
  CHECK(known("RENDER2")[0].address == "10.0.0.12:48010");
  CHECK(addresses(known("render9")) == Texts{"10.0.0.19"});  // not seen
  CHECK(addresses(known("somewhere")) == Texts{"somewhere"});
  CHECK(known("somewhere")[0].name.empty());
}

TEST_CASE("an address is examined as it was typed", "[farm]") {
  const std::vector<SeenDaemon> seen{a_daemon('a', "RENDER1", "10.0.0.11")};
  for (const char* word : {"10.0.0.11", "10.0.0.11:48010", "[fd00::12]:48010"}) {
    const auto known = known_daemons(word, seen, {}, kPort);
    REQUIRE(known.size() == 1);
    CHECK(known[0].address == word);
    CHECK(known[0].name.empty());
  }
}
