#include "farm/daemon_directory.hpp"

#include "farm/bound_since.hpp"
#include "farm/daemon_view.hpp"
#include "support/catch.hpp"
#include "support/daemons.hpp"

using namespace oct;
using namespace oct::test;

namespace {

NetworkAccess open_access() {
  NetworkAccess access;
  access.insecure = true;
  return access;
}

NetworkAccess with_key() {
  NetworkAccess access;
  access.key = FarmKey::generate();
  return access;
}

DaemonStatus answer(char digit, const std::string& name, std::uint64_t nonce) {
  DaemonStatus status = a_status(digit, name);
  status.nonce = nonce;
  return status;
}

}  // namespace

TEST_CASE("an answer counts when it repeats the nonce of this round or the last one", "[farm]") {
  DaemonDirectory directory({}, open_access());
  CHECK_FALSE(directory.on_answer({"10.0.0.11", 48000}, answer('a', "RENDER1", 0), false));
  directory.begin_round(7);
  CHECK_FALSE(directory.on_answer({"10.0.0.11", 48000}, answer('a', "RENDER1", 8), false));
  CHECK(directory.on_answer({"10.0.0.11", 48000}, answer('a', "RENDER1", 7), false));
  directory.begin_round(9);
  CHECK(directory.on_answer({"10.0.0.12", 48000}, answer('b', "render2", 7), false));
  directory.begin_round(11);
  CHECK_FALSE(directory.on_answer({"10.0.0.13", 48000}, answer('c', "render3", 7), false));
  CHECK(directory.size() == 2);
}

TEST_CASE("three rounds without an answer remove a daemon", "[farm]") {
  DaemonDirectory directory({}, open_access());
  directory.begin_round(1);
  directory.on_answer({"10.0.0.11", 48000}, answer('a', "RENDER1", 1), false);
  CHECK_FALSE(directory.begin_round(2));
  CHECK_FALSE(directory.begin_round(3));
  CHECK_FALSE(directory.begin_round(4));
  CHECK(directory.daemons().front().misses == 2);
  CHECK(directory.begin_round(5));
  CHECK(directory.size() == 0);
}

TEST_CASE("a daemon keeps its place under a new address", "[farm]") {
  DaemonDirectory directory({}, open_access());
  directory.begin_round(1);
  directory.on_answer({"10.0.0.11", 48000}, answer('a', "RENDER1", 1), false);
  for (std::uint64_t round = 2; round < 6; ++round) {
    directory.begin_round(round);
    directory.on_answer({"10.0.0.77", 48000}, answer('a', "RENDER1", round), false);
  }
  REQUIRE(directory.size() == 1);
  CHECK(directory.daemons().front().endpoint == Endpoint{"10.0.0.77", 48000});
}

TEST_CASE("of several addresses one that may be used is taken, and it stays", "[farm]") {
  const bool open = GENERATE(true, false);
  NetworkAccess access;
  access.insecure = open;
  DaemonDirectory directory({}, access);
  for (std::uint64_t round = 1; round < 4; ++round) {
    directory.begin_round(round);
    for (const char* address : {"127.0.0.1", "10.0.0.103", "10.0.1.103"})
      directory.on_answer({address, 48000}, answer('a', "DESK", round), false);
    CHECK(directory.daemons().front().endpoint.address == (open ? "10.0.0.103" : "127.0.0.1"));
  }
  CHECK(directory.size() == 1);
}

TEST_CASE("with a key only proved answers are believed", "[farm]") {
  const NetworkAccess access = with_key();
  DaemonDirectory directory({}, access);
  directory.begin_round(1);
  DaemonStatus status = answer('a', "RENDER1", 1);
  status.farm = access.farm();
  CHECK_FALSE(directory.on_answer({"10.0.0.66", 48000}, status, false));
  CHECK(directory.on_answer({"10.0.0.11", 48000}, status, true));
  REQUIRE(directory.size() == 1);
  CHECK(directory.daemons().front().endpoint.address == "10.0.0.11");

  SECTION("who is of another farm is shown as such, and nothing else of it") {
    status.farm = access.farm() ^ 1;
    status.owner.push_back(an_owner("x", "y"));
    CHECK(directory.on_answer({"10.0.0.12", 48000}, status, false));
    REQUIRE(directory.size() == 2);
    const SeenDaemon other = directory.daemons()[1];
    CHECK(other.stranger);
    CHECK(other.status.mode == DaemonMode::other_farm);
    CHECK(other.status.name.empty());
    CHECK(other.status.owner.empty());
  }
  SECTION("a stranger at a daemon's own address does not displace it") {
    status.farm = 0;
    CHECK_FALSE(directory.on_answer({"10.0.0.11", 48000}, status, false));
    CHECK(directory.size() == 1);
  }
  SECTION("a stranger that gets our key is one daemon, not two") {
    status.farm = 0;
    CHECK(directory.on_answer({"10.0.0.13", 48000}, status, false));
    DaemonStatus now_ours = answer('c', "render3", 1);
    now_ours.farm = access.farm();
    CHECK(directory.on_answer({"10.0.0.13", 48000}, now_ours, true));
    CHECK(directory.size() == 2);
  }
}

TEST_CASE("there is room for so many daemons and no more", "[farm]") {
  DaemonDirectory directory({3, 2}, open_access());
  directory.begin_round(1);
  CHECK(directory.on_answer({"10.0.0.11", 48000}, answer('a', "a", 1), false));
  CHECK(directory.on_answer({"10.0.0.12", 48000}, answer('b', "b", 1), false));
  CHECK_FALSE(directory.on_answer({"10.0.0.13", 48000}, answer('c', "c", 1), false));
  CHECK(directory.on_answer({"10.0.0.12", 48000}, answer('b', "b", 1), false));
}

TEST_CASE("what a daemon says becomes one of the states that people know", "[farm]") {
  MasterIdentity identity;
  identity.nick = "studio@DESK";
  identity.addresses = {"10.0.0.103"};
  SeenDaemon daemon = a_daemon('a', "RENDER1", "10.0.0.11");
  const auto state = [&] { return view_of(daemon, identity).state; };
  CHECK(state() == DaemonState::unbound);

  daemon.status.mode = DaemonMode::bound;
  daemon.status.owner = {an_owner("studio@WS-02", "10.0.0.104")};
  CHECK(state() == DaemonState::bound_to_other);
  daemon.status.owner = {an_owner("studio@DESK", "10.0.0.104")};  // the same name elsewhere is another one
  CHECK(state() == DaemonState::bound_to_other);
  daemon.status.owner = {an_owner("studio@DESK", "10.0.0.103")};
  CHECK(state() == DaemonState::running);

  daemon.status.mode = DaemonMode::paused;
  daemon.status.reason = "paused by the user until 14:30";
  CHECK(state() == DaemonState::deactivated);
  CHECK(reason_text(view_of(daemon, identity).reason) == "paused by the user until 14:30");
  daemon.status.mode = DaemonMode::crashed;
  CHECK(state() == DaemonState::crashed);
  daemon.status.mode = DaemonMode::no_slave;
  daemon.status.slave_version = 0;
  CHECK(state() == DaemonState::crashed);
  daemon.status.mode = DaemonMode::unknown;
  daemon.status.slave_version = kVersion;
  CHECK(state() == DaemonState::unknown);

  daemon.status.mode = DaemonMode::unbound;
  daemon.status.slave_version = 999002;
  CHECK(state() == DaemonState::invalid_version);
  CHECK(reason_text(view_of(daemon, identity).reason) == "version 999002, this master is 1000000");
  CHECK(word_of(DaemonState::invalid_version) == "invalid_version");

  daemon.stranger = true;
  daemon.status.farm = 0x77c0d3;
  identity.farm = 0x7f3ac2;
  CHECK(state() == DaemonState::deactivated);
  CHECK(reason_text(view_of(daemon, identity).reason) == "it belongs to farm 77C0D3, this master to 7F3AC2");
}

namespace {

DaemonStatus answer_of_run(char digit, const std::string& name, std::uint64_t run, std::uint64_t nonce) {
  DaemonStatus status = answer(digit, name, nonce);
  status.run = run;
  return status;
}

}  // namespace

TEST_CASE("two daemons that claim one id are two, each with its own name and address", "[farm]") {
  const bool tell_runs = GENERATE(true, false);  // an older release does not
  DaemonDirectory directory({}, open_access());
  std::string key1, key2;
  for (std::uint64_t round = 1; round < 6; ++round) {
    directory.begin_round(round);
    directory.on_answer({"10.0.0.11", 48000}, answer_of_run('a', "RENDER11", tell_runs ? 1 : 0, round),
                        false);
    directory.on_answer({"10.0.0.12", 48000}, answer_of_run('a', "RENDER12", tell_runs ? 2 : 0, round),
                        false);
    const auto daemons = directory.daemons();
    REQUIRE(daemons.size() == 2);
    CHECK(daemons[0].name() == "RENDER11");
    CHECK(daemons[0].endpoint.address == "10.0.0.11");
    CHECK(daemons[1].name() == "RENDER12");
    CHECK(daemons[1].endpoint.address == "10.0.0.12");
    CHECK(daemons[0].shares_id);
    CHECK(daemons[1].shares_id);
    if (round == 1) {
      key1 = daemons[0].key;
      key2 = daemons[1].key;
      CHECK(key1 != key2);
    }
    CHECK(daemons[0].key == key1);
    CHECK(daemons[1].key == key2);
  }
  const auto shared = shared_ids(directory.daemons());
  REQUIRE(shared.size() == 1);
  CHECK(shared[0].daemons.size() == 2);
  CHECK(shared[0].id == daemon_id('a'));

  SECTION("one that has gone leaves the other alone with the id") {
    for (std::uint64_t round = 6; round < 12; ++round) {
      directory.begin_round(round);
      directory.on_answer({"10.0.0.12", 48000}, answer_of_run('a', "RENDER12", tell_runs ? 2 : 0, round),
                          false);
    }
    REQUIRE(directory.size() == 1);
    CHECK(directory.daemons()[0].key == key2);
    CHECK_FALSE(directory.daemons()[0].shares_id);
    CHECK(shared_ids(directory.daemons()).empty());
  }
  SECTION("an answer that is lost mixes nothing") {
    for (std::uint64_t round = 6; round < 12; ++round) {
      directory.begin_round(round);
      if (round % 2 == 0)
        directory.on_answer({"10.0.0.11", 48000}, answer_of_run('a', "RENDER11", tell_runs ? 1 : 0, round),
                            false);
      directory.on_answer({"10.0.0.12", 48000}, answer_of_run('a', "RENDER12", tell_runs ? 2 : 0, round),
                          false);
      REQUIRE(directory.find(key1) != nullptr);
      CHECK(directory.find(key1)->name() == "RENDER11");
      CHECK(directory.find(key2)->name() == "RENDER12");
    }
  }
}

TEST_CASE("a daemon that was started again keeps its place, at once or elsewhere", "[farm]") {
  DaemonDirectory directory({}, open_access());
  directory.begin_round(1);
  directory.on_answer({"10.0.0.11", 48000}, answer_of_run('a', "RENDER1", 1, 1), false);
  directory.on_answer({"10.0.0.11", 48000}, answer_of_run('a', "RENDER1", 2, 1), false);
  CHECK(directory.size() == 1);
  directory.begin_round(2);
  directory.begin_round(3);
  directory.on_answer({"10.0.0.77", 48000}, answer_of_run('a', "RENDER1", 3, 3), false);
  REQUIRE(directory.size() == 1);
  CHECK(directory.daemons()[0].endpoint.address == "10.0.0.77");
  CHECK(directory.daemons()[0].key == daemon_id('a'));
  CHECK_FALSE(directory.daemons()[0].shares_id);
}

TEST_CASE("strangers keep no daemon out, and an address of theirs is one entry", "[farm]") {
  const NetworkAccess access = with_key();
  DaemonDirectory directory({3, 4, 8}, access);
  const auto strangers = [&](std::uint64_t nonce, int first) {
    DaemonStatus status = answer('x', "", nonce);
    status.farm = access.farm() ^ 1;
    for (int i = 0; i < 1000; ++i) {
      status.port = 48000 + static_cast<std::uint32_t>(i % 10);
      directory.on_answer({"10.1.0." + std::to_string(first + i / 10), 48000}, status, false);
    }
  };
  const auto ours = [&](char digit, std::uint64_t nonce) {
    DaemonStatus status = answer(digit, std::string(1, digit), nonce);
    status.farm = access.farm();
    return directory.on_answer({std::string("10.0.0.") + digit, 48000}, status, true);
  };
  directory.begin_round(1);
  strangers(1, 0);
  CHECK(directory.size() == 8);
  for (const char digit : {'1', '2', '3', '4'}) CHECK(ours(digit, 1));
  CHECK_FALSE(ours('5', 1));
  CHECK(directory.size() == 12);

  directory.begin_round(2);
  strangers(2, 100);  // others take the places of those that are silent
  CHECK(directory.size() == 12);
  CHECK(ours('1', 2));
}

TEST_CASE("since when a daemon is bound is counted from here", "[farm]") {
  std::vector<DaemonOwner> owners{an_owner("studio@DESK", "10.0.0.103")};
  owners[0].since_unix_s = 17;  // by a clock that was never set
  owners[0].age_s = 600;
  count_from_here(owners, 1'700'000'000);
  CHECK(owners[0].since_unix_s == 1'699'999'400);
  owners[0].age_s = kNoAge - 1;
  count_from_here(owners, 1'700'000'000);
  CHECK(owners[0].since_unix_s == 0);
  owners[0].since_unix_s = 17;
  owners[0].age_s = kNoAge;  // an older release
  count_from_here(owners, 1'700'000'000);
  CHECK(owners[0].since_unix_s == 17);
}

TEST_CASE("the moment does not waver from answer to answer", "[farm]") {
  DaemonDirectory directory({}, open_access());
  directory.begin_round(1);
  DaemonStatus status = answer('a', "RENDER1", 1);
  status.owner = {an_owner("studio@DESK", "10.0.0.103")};
  directory.on_answer({"10.0.0.11", 48000}, status, false);
  const auto since = [&] { return directory.daemons()[0].status.owner[0].since_unix_s; };
  const std::uint64_t first = since();
  status.owner[0].since_unix_s = first + 2;
  directory.on_answer({"10.0.0.11", 48000}, status, false);
  CHECK(since() == first);
  status.owner[0].since_unix_s = first + 60;  // another occupancy
  directory.on_answer({"10.0.0.11", 48000}, status, false);
  CHECK(since() == first + 60);
}
