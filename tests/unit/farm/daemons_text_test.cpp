#include "farm/daemons_text.hpp"
#include "farm/imported_addresses.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/daemons.hpp"

using namespace oct;
using namespace oct::test;

namespace {

std::vector<DaemonView> two_daemons() {
  MasterIdentity identity;
  identity.nick = "studio@DESK";
  DaemonView first = view_of(a_daemon('a', "RENDER1", "10.0.0.11"), identity);
  SeenDaemon one_gpu = a_daemon('b', "render2", "10.0.0.12");
  one_gpu.status.gpus = 1;
  return {first, view_of(one_gpu, identity)};
}

}  // namespace

TEST_CASE("the list has the columns that people read", "[farm]") {
  TableChoice choice;
  choice.scanned = "scanned 10.0.0.0/24 (Ethernet) port 48000 in 1.3 s";
  const auto lines = daemons_table(two_daemons(), choice);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] ==
        "ADDRESS     NAME     STATE    GPUS  VERSION  BOUND TO  ENABLED        scanned 10.0.0.0/24 "
        "(Ethernet) port "
        "48000 in 1.3 s");
  CHECK(lines[1] == "10.0.0.11   RENDER1  unbound  2     1000000  -         no");
  CHECK(lines[2] == "10.0.0.12   render2  unbound  1     1000000  -         no");
}

TEST_CASE("reasons stand below their daemon, last lines when asked for", "[farm]") {
  auto daemons = two_daemons();
  daemons[0].state = DaemonState::crashed;
  daemons[0].reason = DaemonReason::told("ended by signal 11");
  daemons[0].log = {"CUDA error 700"};
  daemons[0].owner = an_owner("studio@WS-02", "10.0.0.104");
  daemons[0].endpoint.port = 48010;
  TableChoice choice;
  auto lines = daemons_table(daemons, choice);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].starts_with("10.0.0.11:48010  RENDER1  crashed  2     1000000  studio@WS-02"));
  CHECK(lines[2] == "  RENDER1: crashed: ended by signal 11");
  choice.verbose = true;
  lines = daemons_table(daemons, choice);
  REQUIRE(lines.size() == 6);
  CHECK(lines[3].starts_with("  RENDER1: bound to studio@WS-02 (10.0.0.104), slaves to port 21000, since "));
  CHECK(lines[4] == "    CUDA error 700");
}

TEST_CASE("the list as JSON has the keys that programs read", "[farm]") {
  auto daemons = two_daemons();
  daemons[1].state = DaemonState::bound_to_other;
  daemons[1].owner = an_owner("studio@WS-02", "10.0.0.104");
  daemons[1].enabled = true;
  const auto json = nlohmann::json::parse(daemons_json(daemons, 48000));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["id"] == daemon_id('a'));
  CHECK(json[0]["state"] == "unbound");
  CHECK(json[0]["bound_to"].is_null());
  CHECK(json[0]["reason"].is_null());
  CHECK(json[0]["log"].empty());
  CHECK(json[1]["state"] == "bound_to_other");
  CHECK(json[1]["bound_to"]["nick_name"] == "studio@WS-02");
  CHECK(json[1]["bound_to"]["address"] == "10.0.0.104");
  CHECK(json[1]["bound_to"]["since"] == "2023-11-14T22:13:20Z");
  CHECK(json[1]["enabled"] == true);
  CHECK(json[1]["gpus"] == 1);
  CHECK(json[1]["devices"] == 1);
  CHECK(json[1]["version"] == kVersion);
  CHECK(json[1].size() == 12);
  CHECK(json[1]["shares_id"] == false);
}

TEST_CASE("what is exported is imported, and lists may be plain lines", "[farm]") {
  const std::string text =
      exported_daemons({{daemon_id('a'), "RENDER1", "10.0.0.11"}, {"", "x", "RENDER2:48010"}});
  const auto both = imported_addresses(text, "farm.json");
  REQUIRE(both);
  CHECK(*both == std::vector<std::string>{"10.0.0.11", "RENDER2:48010"});
  const auto lines = imported_addresses("# ours\n10.0.0.11\n\n  RENDER2:48010  # upstairs\r\n", "farm.txt");
  REQUIRE(lines);
  CHECK(*lines == *both);
  CHECK(imported_addresses("", "farm.txt")->empty());
  const auto wrong = imported_addresses("10.0.0.11\n10.0.0.12:x\n", "farm.txt");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.starts_with("farm.txt, line 2: 10.0.0.12:x"));
  for (const char* bad : {"{", "{}", "{\"schema\":\"octane.daemons/1\",\"daemons\":[{}]}",
                          "{\"schema\":\"octane.daemons/1\",\"daemons\":[{\"address\":\"a b\"}]}"})
    CHECK_FALSE(imported_addresses(bad, "farm.json"));
}

TEST_CASE("the list counts devices where CPUs are among them", "[farm]") {
  auto daemons = two_daemons();
  daemons[1].gpus = 0;
  daemons[1].cpus = 1;
  const auto lines = daemons_table(daemons, {});
  CHECK(lines[0].find("  DEVICES  ") != std::string::npos);
  CHECK(lines[1] == "10.0.0.11   RENDER1  unbound  2        1000000  -         no");
  CHECK(lines[2] == "10.0.0.12   render2  unbound  1        1000000  -         no");
  const auto json = nlohmann::json::parse(daemons_json(daemons, 48000));
  CHECK(json[1]["gpus"] == 0);
  CHECK(json[1]["devices"] == 1);
}
