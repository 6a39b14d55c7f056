#include "farm/wanted_daemons.hpp"

#include "report/words.hpp"
#include "support/catch.hpp"
#include "support/daemons.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr Instant kFirst{};

KeeperConfig a_config() {
  KeeperConfig config;
  config.identity.nick = "studio@DESK";
  config.identity.addresses = {"10.0.0.103"};
  config.master_port = 21000;
  config.unix_time_s = 1'700'000'000;
  return config;
}

EnabledDaemon enabled(char digit, const std::string& name, const std::string& address) {
  return {daemon_id(digit), name, address};
}

/// A keeper that wants RENDER1 and render2, and what it did so far.
class Fixture {
 public:
  Fixture() : keeper(a_config()) {
    selection.by_enabling = true;
    selection.enabled = {enabled('a', "RENDER1", "10.0.0.11"), enabled('b', "render2", "10.0.0.12")};
    take(keeper.select(selection, now));
    take(keeper.begin(now));
  }

  void take(KeeperActions actions) {
    for (KeeperAction& action : actions) all.push_back(std::move(action));
  }
  /// Those of one kind that came since the last call, and everything else is forgotten.
  template <class Action>
  std::vector<Action> fresh() {
    std::vector<Action> found;
    for (const KeeperAction& action : all) {
      if (const auto* one = std::get_if<Action>(&action)) found.push_back(*one);
    }
    all.clear();
    return found;
  }
  void see(const std::vector<SeenDaemon>& daemons) { take(keeper.on_seen(daemons, now)); }
  void say(const DaemonMessage& message, char digit = 'a') {
    take(keeper.on_message(daemon_id(digit), message, now));
  }
  /// RENDER1 is free, answers, and becomes ours.
  void occupy() {
    see({render1});
    take(keeper.on_opened(daemon_id('a'), now));
    say(DaemonOccupied());
    all.clear();
  }
  DaemonState state(char digit = 'a') { return keeper.view(daemon_id(digit))->state; }

  DaemonSelection selection;
  Instant now = kFirst;
  SeenDaemon render1 = a_daemon('a', "RENDER1", "10.0.0.11");
  SeenDaemon render2 = a_daemon('b', "render2", "10.0.0.12");
  WantedDaemons keeper;
  std::vector<KeeperAction> all;
};

void bind(SeenDaemon& daemon, const std::string& nick, const std::string& address) {
  daemon.status.mode = DaemonMode::bound;
  daemon.status.owner = {an_owner(nick, address)};
}

SlaveReport report(SlaveStage stage, std::uint32_t starts = 1, const std::string& reason = {}) {
  SlaveReport report;
  report.stage = stage;
  report.starts = starts;
  report.reason = reason;
  return report;
}

}  // namespace

TEST_CASE("a wanted daemon that is free gets occupied, others do not", "[farm]") {
  Fixture f;
  f.see({f.render1, a_daemon('c', "other", "10.0.0.13")});
  const auto opened = f.fresh<OpenTalk>();
  REQUIRE(opened.size() == 1);
  CHECK(opened[0].endpoint == Endpoint{"10.0.0.11", 48000});
  f.take(f.keeper.on_opened(daemon_id('a'), f.now));
  const auto sent = f.fresh<SendToDaemon>();
  REQUIRE(sent.size() == 1);
  const auto& request = std::get<OccupyDaemon>(sent[0].message);
  CHECK(request.nick == "studio@DESK");
  CHECK(request.master_port == 21000);
  CHECK(request.steal == 0);
  CHECK(f.state() == DaemonState::authenticating);
  REQUIRE(f.keeper.use().coming.size() == 1);
  CHECK(f.keeper.use().coming[0].name == "RENDER1");
  CHECK(f.keeper.use().coming[0].state == DaemonState::authenticating);
  f.say(DaemonOccupied());
  f.say(report(SlaveStage::starting));
  const auto told = f.fresh<TellPeople>();
  REQUIRE(told.size() == 1);
  CHECK(phrase(told[0].notice).text == "RENDER1: slave started, authenticating");
  f.say(report(SlaveStage::running));
  CHECK(f.state() == DaemonState::running);
  CHECK(f.keeper.use().coming.empty());
  CHECK(using_text(f.keeper.use()) == "using 1 of 2 enabled daemons");
  CHECK(usable_text(f.keeper.use()) == "1 of 2 enabled daemons are usable (render2 not seen)");
}

TEST_CASE("nothing is occupied before the render takes slaves, nor after it", "[farm]") {
  WantedDaemons keeper(a_config());
  DaemonSelection all;
  all.all = true;
  keeper.select(all, kFirst);
  const SeenDaemon daemon = a_daemon('a', "RENDER1", "10.0.0.11");
  for (const KeeperAction& action : keeper.on_seen({daemon}, kFirst))
    CHECK_FALSE(std::holds_alternative<OpenTalk>(action));
  bool opened = false;
  for (const KeeperAction& action : keeper.begin(kFirst)) opened |= std::holds_alternative<OpenTalk>(action);
  CHECK(opened);
  keeper.release_all(kFirst);
  CHECK(keeper.idle());
  CHECK(keeper.on_seen({daemon}, kFirst + seconds(60)).empty());
}

TEST_CASE("what another master has is shown once, and taken when it becomes free", "[farm]") {
  Fixture f;
  bind(f.render1, "studio@WS-02", "10.0.0.104");
  f.see({f.render1});
  f.see({f.render1});
  f.take(f.keeper.on_tick(f.now + seconds(40)));
  CHECK(f.state() == DaemonState::bound_to_other);
  std::vector<TellPeople> told;
  for (const KeeperAction& action : f.all) {
    CHECK_FALSE(std::holds_alternative<OpenTalk>(action));
    if (const auto* tell = std::get_if<TellPeople>(&action)) told.push_back(*tell);
  }
  REQUIRE(told.size() == 1);
  CHECK(phrase(told[0].notice).level == LogLevel::warning);
  CHECK(phrase(told[0].notice)
            .text.starts_with("RENDER1 (10.0.0.11) is bound to other: studio@WS-02 (10.0.0.104) since "));
  CHECK(phrase(told[0].notice).help == "ask there, or add --net-steal RENDER1");
  f.all.clear();
  f.see({a_daemon('a', "RENDER1", "10.0.0.11")});
  CHECK(f.fresh<OpenTalk>().size() == 1);
}

TEST_CASE("of two that ask at once the second waits until it is free", "[farm]") {
  Fixture f;
  f.see({f.render1});
  f.take(f.keeper.on_opened(daemon_id('a'), f.now));
  f.all.clear();
  OccupyRefused refused;
  refused.refusal = OccupyRefusal::bound_to_other;
  refused.owner = {an_owner("studio@WS-02", "10.0.0.104")};
  f.say(refused);
  CHECK(f.state() == DaemonState::bound_to_other);
  CHECK(f.fresh<CloseTalk>().size() == 1);
  bind(f.render1, "studio@WS-02", "10.0.0.104");
  f.see({f.render1});
  f.take(f.keeper.on_tick(f.now + seconds(100)));
  CHECK(f.fresh<OpenTalk>().empty());
  f.see({a_daemon('a', "RENDER1", "10.0.0.11")});
  CHECK(f.fresh<OpenTalk>().size() == 1);
}

TEST_CASE("another master of the same user is another master", "[farm]") {
  Fixture f;
  bind(f.render1, "studio@DESK", "10.0.0.103");
  f.render1.status.owner[0].port = 21001;
  f.see({f.render1});
  CHECK(f.fresh<OpenTalk>().empty());
  CHECK(f.state() == DaemonState::bound_to_other);
}

TEST_CASE("a master that lost its connection asks again, although the daemon does not know yet", "[farm]") {
  Fixture f;
  f.occupy();
  bind(f.render1, "studio@DESK", "10.0.0.103");
  f.see({f.render1});
  f.take(f.keeper.on_closed(daemon_id('a'), {ErrorKind::unavailable, "cut"}, f.now));
  const auto told = f.fresh<TellPeople>();
  REQUIRE(told.size() == 1);
  CHECK(phrase(told[0].notice).text == "RENDER1: the connection to its daemon is lost: cut");
  f.now += seconds(2);
  f.take(f.keeper.on_tick(f.now));
  CHECK(f.fresh<OpenTalk>().size() == 1);
}

TEST_CASE("a daemon is stolen once, and only from somebody", "[farm]") {
  Fixture f;
  f.selection.steal = {"render1"};
  f.take(f.keeper.select(f.selection, f.now));
  bind(f.render1, "studio@WS-02", "10.0.0.104");
  f.see({f.render1});
  REQUIRE(f.fresh<OpenTalk>().size() == 1);
  f.take(f.keeper.on_opened(daemon_id('a'), f.now));
  const auto sent = f.fresh<SendToDaemon>();
  REQUIRE(sent.size() == 1);
  CHECK(std::get<OccupyDaemon>(sent[0].message).steal == 1);
  f.say(DaemonOccupied());
  f.take(f.keeper.on_closed(daemon_id('a'), {}, f.now));
  f.all.clear();
  f.see({f.render1});
  f.take(f.keeper.on_tick(f.now + seconds(100)));
  CHECK(f.fresh<OpenTalk>().empty());

  f.selection.steal = {"render2"};
  f.take(f.keeper.select(f.selection, f.now));
  f.see({f.render1, f.render2});
  f.all.clear();
  f.take(f.keeper.on_opened(daemon_id('b'), f.now));
  const auto free_one = f.fresh<SendToDaemon>();
  REQUIRE(free_one.size() == 1);
  CHECK(std::get<OccupyDaemon>(free_one[0].message).steal == 0);
}

TEST_CASE("a robbed master says by whom and does not ask again in this run", "[farm]") {
  Fixture f;
  f.occupy();
  DaemonTaken taken;
  taken.by = {an_owner("studio@WS-02", "10.0.0.104")};
  f.say(taken);
  const auto robbed = f.fresh<DaemonRobbed>();
  REQUIRE(robbed.size() == 1);
  CHECK(robbed[0].name == "RENDER1");
  CHECK(robbed[0].by.nick == "studio@WS-02");
  CHECK(f.state() == DaemonState::bound_to_other);
  f.now += seconds(100);
  f.see({a_daemon('a', "RENDER1", "10.0.0.11")});
  CHECK(f.fresh<OpenTalk>().empty());
}

TEST_CASE("a daemon that its user takes back is taken again when it is free", "[farm]") {
  Fixture f;
  f.occupy();
  DaemonTaken taken;
  taken.text = "paused by the user until 14:30";
  f.say(taken);
  const auto told = f.fresh<TellPeople>();
  REQUIRE(told.size() == 1);
  CHECK(phrase(told[0].notice).text ==
        "RENDER1 (10.0.0.11) was taken back by its user: paused by the user until 14:30");
  CHECK(f.state() == DaemonState::deactivated);
  f.render1.status.mode = DaemonMode::paused;
  f.render1.status.reason = taken.text;
  f.see({f.render1});
  CHECK(f.fresh<TellPeople>().empty());  // once is enough
  f.see({a_daemon('a', "RENDER1", "10.0.0.11")});
  CHECK(f.fresh<OpenTalk>().size() == 1);
}

TEST_CASE("a slave that keeps crashing shows its reason and last lines", "[farm]") {
  Fixture f;
  f.occupy();
  f.say(report(SlaveStage::waiting, 1, "ended by signal 11"));
  CHECK(f.fresh<TellPeople>().size() == 1);
  SlaveReport crashed = report(SlaveStage::crashed, 5, "ended 5 times by signal 11");
  crashed.log = {{"CUDA error 700"}};
  f.say(crashed);
  f.say(crashed);
  const auto told = f.fresh<TellPeople>();
  REQUIRE(told.size() == 1);
  CHECK(phrase(told[0].notice).text == "RENDER1: crashed: ended 5 times by signal 11");
  CHECK(phrase(told[0].notice).help == "octane_master daemons enable RENDER1 tries it again");
  CHECK(f.state() == DaemonState::crashed);
  CHECK(f.keeper.view(daemon_id('a'))->log == std::vector<std::string>{"CUDA error 700"});
  CHECK(f.keeper.count().usable == 0);
  f.say(report(SlaveStage::starting, 6));  // somebody tried it again
  CHECK(f.state() == DaemonState::authenticating);
}

TEST_CASE("what crashed under nobody is tried once, under us not again", "[farm]") {
  Fixture f;
  f.render1.status.mode = DaemonMode::crashed;
  f.render1.status.reason = "out of memory";
  f.see({f.render1});
  CHECK(f.fresh<OpenTalk>().size() == 1);
  f.take(f.keeper.on_opened(daemon_id('a'), f.now));
  f.say(DaemonOccupied());
  f.say(report(SlaveStage::crashed, 3, "out of memory"));
  f.take(f.keeper.on_closed(daemon_id('a'), {}, f.now));
  f.all.clear();
  f.now += seconds(100);
  f.see({f.render1});
  CHECK(f.fresh<OpenTalk>().empty());
}

TEST_CASE("a disabled daemon is released, and forgotten when it says so", "[farm]") {
  Fixture f;
  f.occupy();
  f.selection.enabled.clear();
  f.take(f.keeper.select(f.selection, f.now));
  const auto sent = f.fresh<SendToDaemon>();
  REQUIRE(sent.size() == 1);
  CHECK(std::holds_alternative<ReleaseDaemon>(sent[0].message));
  CHECK_FALSE(f.keeper.idle());
  SECTION("the daemon answers") {
    f.say(DaemonReleased());
  }
  SECTION("it does not answer in time") {
    f.take(f.keeper.on_tick(f.now + seconds(21)));
  }
  SECTION("its connection ends") {
    f.take(f.keeper.on_closed(daemon_id('a'), {}, f.now));
  }
  CHECK(f.keeper.idle());
  CHECK(f.fresh<TellPeople>().empty());
}

TEST_CASE("who cannot be reached is tried again with growing pauses", "[farm]") {
  Fixture f;
  f.see({f.render1});
  std::vector<double> pauses;
  Instant last = f.now;
  for (int step = 0; step < 2000 && pauses.size() < 8; ++step, f.now += milliseconds(100)) {
    f.take(f.keeper.on_tick(f.now));
    if (f.fresh<OpenTalk>().empty()) continue;
    pauses.push_back(to_seconds(f.now - last));
    last = f.now;
    f.take(f.keeper.on_failed(daemon_id('a'), {ErrorKind::timed_out, "no answer"}, false, f.now));
    f.all.clear();
  }
  f.fresh<OpenTalk>();
  REQUIRE(pauses.size() >= 6);
  for (std::size_t i = 2; i < pauses.size(); ++i) CHECK(pauses[i] >= pauses[i - 1]);
  CHECK(pauses.back() <= 30.2);
}

TEST_CASE("what is wanted but cannot be used says why", "[farm]") {
  Fixture f;
  f.render1.status.slave_version = 999002;
  f.render2.status.mode = DaemonMode::no_slave;
  f.render2.status.slave_version = 0;
  f.render2.status.reason = "no octane_slave beside octane_daemon";
  f.see({f.render1, f.render2});
  const auto told = f.fresh<TellPeople>();
  REQUIRE(told.size() == 2);
  CHECK(phrase(told[0].notice).text ==
        "RENDER1 (10.0.0.11): refused, slave version 999002, this master is 1000000");
  CHECK(phrase(told[0].notice).help ==
        "copy this release folder to RENDER1 and run _install_daemon.bat there");
  CHECK(phrase(told[1].notice).text == "render2: crashed: no octane_slave beside octane_daemon");
  CHECK(usable_text(f.keeper.use()) ==
        "0 of 2 enabled daemons are usable (RENDER1 invalid version, render2 crashed)");
}

TEST_CASE("a slave on the master's own computer comes with a warning", "[farm]") {
  KeeperConfig config = a_config();
  config.local_devices = GENERATE(true, false);
  WantedDaemons keeper(config);
  DaemonSelection all;
  all.all = true;
  keeper.select(all, kFirst);
  keeper.begin(kFirst);
  keeper.on_seen({a_daemon('a', "DESK", "10.0.0.103")}, kFirst);
  keeper.on_opened(daemon_id('a'), kFirst);
  std::size_t warnings = 0;
  for (const KeeperAction& action : keeper.on_message(daemon_id('a'), DaemonOccupied(), kFirst))
    warnings += std::holds_alternative<TellPeople>(action) ? 1 : 0;
  CHECK(warnings == (config.local_devices ? 1 : 0));
}

TEST_CASE("daemons are meant by name, address, port and id", "[farm]") {
  const SeenDaemon daemon = a_daemon('a', "RENDER1", "10.0.0.11");
  for (const char* word : {"RENDER1", "render1", "10.0.0.11", "10.0.0.11:48000", "aaaaaaaa"})
    CHECK(means(word, daemon));
  for (const char* word : {"", "RENDER", "10.0.0.1", "10.0.0.11:48001", "aaaaaaa", "all"})
    CHECK_FALSE(means(word, daemon));
  CHECK(selection_from({"all"}).wants(daemon));
  CHECK_FALSE(selection_from({"none"}).wants(daemon));
  CHECK(selection_from({"render1", "x"}).wants(daemon));
  DaemonSelection moved = selection_from({"enabled"});
  moved.enabled = {enabled('a', "RENDER1", "10.0.0.99")};  // another address of the same id
  CHECK(moved.wants(daemon));
}

TEST_CASE("of daemons that share an id the one with the name or address is meant", "[farm]") {
  SeenDaemon first = a_daemon('a', "RENDER11", "10.0.0.11"), second = a_daemon('a', "RENDER12", "10.0.0.12");
  first.shares_id = second.shares_id = true;
  const EnabledDaemon one = enabled('a', "RENDER12", "10.0.0.12");
  CHECK_FALSE(is_same(one, first));
  CHECK(is_same(one, second));
  CHECK(is_same(enabled('a', "RENDER12", "10.0.0.99"), second));  // it has got another address
  CHECK(is_same(enabled('a', "OTHER", "10.0.0.12"), second));     // or another name
  CHECK_FALSE(is_same(enabled('a', "OTHER", "10.0.0.99"), second));
}

TEST_CASE("daemons that share an id are all occupied, and people are told once how to mend it", "[farm]") {
  Fixture f;
  f.selection = {};
  f.selection.all = true;
  f.take(f.keeper.select(f.selection, f.now));
  f.render1.shares_id = f.render2.shares_id = true;
  f.render2.key = daemon_id('a') + "@10.0.0.12:48000";
  f.render2.status.id = daemon_id('a');
  f.all.clear();
  f.see({f.render1, f.render2});
  std::vector<std::string> opened, told;
  for (const KeeperAction& action : f.all) {
    if (const auto* open = std::get_if<OpenTalk>(&action)) opened.push_back(open->endpoint.address);
    if (const auto* tell = std::get_if<TellPeople>(&action)) told.push_back(phrase(tell->notice).text);
  }
  CHECK(opened == std::vector<std::string>{"10.0.0.11", "10.0.0.12"});
  REQUIRE(told.size() == 1);
  CHECK(told[0] == "RENDER1 (10.0.0.11) and render2 (10.0.0.12) have the same daemon id " + daemon_id('a') +
                       ": a disk or a folder of settings was copied");
  f.all.clear();
  f.see({f.render1, f.render2});
  CHECK(f.fresh<TellPeople>().empty());
}

TEST_CASE("people are told of some strangers, once each, and none is waited for", "[farm]") {
  Fixture f;
  f.selection = {};
  f.selection.all = true;
  f.take(f.keeper.select(f.selection, f.now));
  f.all.clear();
  for (int round = 0; round < 3; ++round) {
    std::vector<SeenDaemon> strangers;
    for (int i = 0; i < 100; ++i) {
      SeenDaemon stranger;
      stranger.stranger = true;
      stranger.endpoint = {"10.0." + std::to_string(round) + "." + std::to_string(i), 48000};
      stranger.key = stranger.endpoint.address;
      stranger.status.farm = 0x77c0d3u + static_cast<std::uint32_t>(i);
      stranger.status.mode = DaemonMode::other_farm;
      strangers.push_back(stranger);
    }
    f.see(strangers);
  }
  CHECK(f.fresh<TellPeople>().size() == 16);
  CHECK(f.keeper.use().wanted == 0);
}

TEST_CASE("an address that this computer had is still its own", "[farm]") {
  Fixture f;
  f.keeper.add_own_addresses({"10.88.0.101"});
  for (const char* own : {"10.0.0.103", "10.88.0.101"}) {
    bind(f.render1, "studio@DESK", own);
    f.see({f.render1});
    CHECK(f.state() == DaemonState::unbound);  // this very master, by its port
  }
}

TEST_CASE("brackets around IPv6 are understood and printed", "[farm]") {
  const SeenDaemon daemon = a_daemon('a', "RENDER1", "fd77::11");
  for (const char* word : {"fd77::11", "[fd77::11]", "[fd77::11]:48000"}) {
    CHECK(means(word, daemon));
    SeenDaemon stranger = daemon;
    stranger.stranger = true;
    CHECK(is_same(enabled('a', "RENDER1", word), stranger));
    CHECK(means("[fd77::11]", enabled('a', "RENDER1", word)));
  }
  CHECK_FALSE(means("[fd77::11]:48001", daemon));
  const DaemonView view = view_of(daemon, {});
  CHECK(view.address_text(48000) == "[fd77::11]");
  CHECK(view.address_text(48010) == "[fd77::11]:48000");
}

TEST_CASE_METHOD(Fixture, "daemons that are wanted by name and never seen are told by those words",
                 "[farm]") {
  selection.named = {"render1", "RENDER9", "10.0.0.12", "10.0.0.77"};
  selection.steal = {"RENDER9", "render7"};
  take(keeper.select(selection, now));
  see({render1, render2});
  CHECK(keeper.named_not_seen() == std::vector<std::string>{"RENDER9", "10.0.0.77", "render7"});
  see({});  // gone again
  CHECK(keeper.named_not_seen() == std::vector<std::string>{"RENDER9", "10.0.0.77", "render7"});
  selection.named = selection.steal = {};  // those that are enabled are not named
  take(keeper.select(selection, now));
  CHECK(keeper.named_not_seen().empty());
}
