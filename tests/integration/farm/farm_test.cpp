#include "base/file.hpp"
#include "farm/doctor.hpp"
#include "master/daemon_keeper.hpp"
#include "preferences/preferences_file.hpp"
#include "report/words.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/fake_daemon.hpp"
#include "support/loop_thread.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A loop with a daemon, a folder of preferences of its own, and a master's choice that finds the daemon.
class Fixture {
 public:
  Fixture() : folder_variable("OCTANE_CONFIG_DIR", folder.file("settings")) {
    thread.on_loop([&] {
      daemon = std::make_unique<FakeDaemon>(thread.loop());
      return 0;
    });
    choice.overrides.addresses = {"127.0.0.1:" + std::to_string(daemon->port())};
    choice.overrides.subnets = {"127.0.0.1/32"};  // nobody else is asked
    choice.overrides.daemon_port = daemon->port();
    choice.preferences.network.scan_interval_s = 1;
  }
  ~Fixture() {
    thread.on_loop([&] {
      keeper.reset();
      doctor.reset();
      daemon.reset();
      return 0;
    });
  }

  void open_keeper() {
    thread.on_loop([&] {
      DaemonEvents events;
      events.on_tell = [this](const Notice& notice) { told.push_back(phrase(notice).text); };
      events.on_robbed = [this](const DaemonRobbed& robbed) {
        told.push_back("robbed by " + robbed.by.nick);
      };
      events.on_changed = [this](const DaemonView& view) { states.push_back(view.state); };
      events.on_first_look = [this] { looked = true; };
      auto opened = DaemonKeeper::open(thread.loop(), files, choice, 21000, false, std::move(events));
      REQUIRE(opened);
      keeper = *std::move(opened);
      keeper->begin();
      return 0;
    });
  }

  DoctorEvidence examine() {
    thread.on_loop([&] {
      DoctorChoice asked;
      asked.address = "127.0.0.1";
      asked.targets = *scan_targets(scan_choice(choice.preferences.network, choice.overrides), {});
      asked.network_enabled = true;
      doctor = std::make_unique<Doctor>(thread.loop(), std::move(asked),
                                        [this](const DoctorEvidence& found) { evidence = found; });
      return 0;
    });
    REQUIRE(thread.wait_until([&] { return evidence.has_value(); }));
    return thread.on_loop([&] { return *evidence; });
  }

  TempDir folder;
  ScopedVariable folder_variable;
  NetworkChoice choice;
  std::vector<std::string> told;
  std::vector<DaemonState> states;
  bool looked = false;
  std::optional<DoctorEvidence> evidence;
  LoopThread thread;
  WorkQueue files;
  std::unique_ptr<FakeDaemon> daemon;
  std::unique_ptr<DaemonKeeper> keeper;
  std::unique_ptr<Doctor> doctor;
};

}  // namespace

TEST_CASE("a wanted daemon is found, occupied, and released at the end", "[farm]") {
  Fixture f;
  f.choice.overrides.use = std::vector<std::string>{"RENDER1"};
  f.open_keeper();
  REQUIRE(f.thread.wait_until([&] { return f.daemon->owned(); }));
  REQUIRE(f.thread.wait_until([&] { return f.looked; }));
  CHECK(f.thread.on_loop([&] { return using_text(f.keeper->wanted().use()); }) ==
        "using 1 of 1 wanted daemon");
  f.thread.on_loop([&] {
    f.keeper->release();
    return 0;
  });
  REQUIRE(f.thread.wait_until([&] { return f.keeper->idle(); }));
  CHECK_FALSE(f.daemon->owned());
  CHECK(f.daemon->released == 1);
}

TEST_CASE("a running master follows enabling and disabling", "[farm]") {
  Fixture f;
  f.open_keeper();
  const auto enable = [&](bool enabled) {
    return change_preferences([&](Preferences& preferences) -> Result<void> {
      preferences.network.enabled_daemons.clear();
      if (enabled) preferences.network.enabled_daemons.push_back({daemon_id('a'), "RENDER1", "127.0.0.1"});
      return {};
    });
  };
  REQUIRE(enable(true));
  REQUIRE(f.thread.wait_until([&] { return f.daemon->owned(); }));
  REQUIRE(enable(false));
  REQUIRE(f.thread.wait_until([&] { return f.daemon->released == 1; }));
  CHECK(f.thread.wait_until([&] { return f.keeper->idle(); }));
  CHECK(f.daemon->occupied == 1);
}

TEST_CASE("a master that goes away leaves the daemon free", "[farm]") {
  Fixture f;
  f.choice.overrides.use = std::vector<std::string>{"all"};
  f.open_keeper();
  REQUIRE(f.thread.wait_until([&] { return f.daemon->owned(); }));
  f.thread.on_loop([&] {
    f.keeper.reset();
    return 0;
  });
  CHECK(f.thread.wait_until([&] { return !f.daemon->owned(); }));
}

TEST_CASE("a robbed master does not come back", "[farm]") {
  Fixture f;
  f.choice.overrides.use = std::vector<std::string>{"all"};
  f.open_keeper();
  REQUIRE(f.thread.wait_until([&] { return f.daemon->owned(); }));
  f.thread.on_loop([&] {
    f.daemon->rob("studio@WS-02");
    return 0;
  });
  REQUIRE(f.thread.wait_until([&] { return !f.told.empty() && f.told.back() == "robbed by studio@WS-02"; }));
  const auto rounds_after = std::chrono::steady_clock::now() + milliseconds(2500);
  while (std::chrono::steady_clock::now() < rounds_after) std::this_thread::sleep_for(milliseconds(50));
  CHECK(f.thread.on_loop([&] { return f.daemon->occupied; }) == 1);
}

TEST_CASE("the doctor talks to a daemon and to one with a fault", "[farm]") {
  Fixture f;
  SECTION("nothing is wrong") {
    const DoctorEvidence e = f.examine();
    CHECK(diagnose(e).verdict == DoctorVerdict::nothing_wrong);
    CHECK(e.description->name == "RENDER1");
  }
  SECTION("it cannot reach this master") {
    f.daemon->reachable = false;
    CHECK(diagnose(f.examine()).verdict == DoctorVerdict::own_firewall_in);
  }
  SECTION("large packets do not arrive") {
    f.daemon->large_packets_arrive = false;
    CHECK(diagnose(f.examine()).verdict == DoctorVerdict::packets_vanish);
  }
  SECTION("its slave cannot start") {
    f.daemon->status.mode = DaemonMode::no_slave;
    f.daemon->status.slave_version = 0;
    f.daemon->status.reason = "it is missing";
    CHECK(diagnose(f.examine()).text == "its slave cannot start: it is missing");
  }
  SECTION("it listens elsewhere") {
    f.choice.overrides.daemon_port = static_cast<std::uint16_t>(f.daemon->port() - 3);
    f.choice.overrides.addresses.clear();
    CHECK(diagnose(f.examine()).verdict == DoctorVerdict::other_port);
  }
}
