#include "slave/address_follower.hpp"

#include <filesystem>
#include <fstream>

#include "slave/slave_words.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace oct;
using oct::test::TempDir;

namespace fs = std::filesystem;

namespace {

using Kind = AddressReading::Kind;

/// A follower that looks once a second.
struct FollowerRig {
  AddressFollower follower{"shared/master"};
  Instant now{};
  AddressFollower::Step step;

  void look(AddressReading reading) {
    step = follower.on(reading, now);
    now += seconds(1);
  }
  void gone() { look({}); }
  void unreadable(const char* why) { look({Kind::unreadable, why, {}}); }
  void text(const std::string& content, int written = 1) {
    look({Kind::read, content, fs::file_time_type(std::chrono::seconds(written))});
  }
  std::string words() const { return step.news ? words_of(*step.news, {}) : std::string(); }
  bool is_silent() const { return !step.master && !step.is_over && !step.news; }
};

}  // namespace

TEST_CASE("a slave waits for the address file, and says so now and then", "[slave]") {
  FollowerRig rig;
  rig.gone();
  CHECK(rig.words() == "Waiting for shared/master, which a master writes. CTRL-C ends.");
  int told = 0;
  for (int i = 0; i < 179; ++i) {
    rig.gone();
    CHECK_FALSE(rig.step.is_over);
    if (rig.step.news) ++told;
    if (i == 59) CHECK(rig.words() == "Still waiting for shared/master, for 1 min now.");
  }
  CHECK(told == 2);
  rig.text("10.0.0.103 21000\n");
  CHECK(rig.step.master == Endpoint{"10.0.0.103", 21000});
  CHECK_FALSE(rig.step.news);
  rig.text("10.0.0.103 21000\n");
  CHECK(rig.is_silent());
}

TEST_CASE("another address is followed, and one that was written again is told again", "[slave]") {
  FollowerRig rig;
  rig.text("10.0.0.103 21000\n");
  CHECK(rig.step.master == Endpoint{"10.0.0.103", 21000});
  rig.text("10.0.0.103 21000\n", 2);  // a master that was started again
  CHECK(rig.step.master == Endpoint{"10.0.0.103", 21000});
  CHECK_FALSE(rig.step.news);
  rig.text("10.0.0.104 21001\n", 3);
  CHECK(rig.step.master == Endpoint{"10.0.0.104", 21001});
  CHECK(rig.words() == "shared/master names another master now: 10.0.0.104:21001.");
}

TEST_CASE("it is over when the file is gone twice in a row", "[slave]") {
  FollowerRig rig;
  rig.text("10.0.0.103 21000\n");
  rig.gone();
  CHECK(rig.is_silent());
  rig.unreadable("Stale file handle");
  rig.gone();
  CHECK(rig.is_silent());
  rig.text("10.0.0.103 21000\n");
  CHECK(rig.is_silent());
  rig.gone();
  CHECK(rig.is_silent());
  rig.gone();
  CHECK(rig.step.is_over);
  CHECK(rig.words() == "shared/master is gone: no master is left to wait for.");
  rig.gone();
  CHECK(rig.is_silent());
}

TEST_CASE("half an address is waited for, what is none is told of once", "[slave]") {
  FollowerRig rig;
  rig.text("");
  CHECK(rig.words().starts_with("Waiting for"));
  SECTION("without the line's end it counts when it stays") {
    rig.text("10.0.0.10");
    CHECK(rig.is_silent());
    rig.text("10.0.0.103 2100");
    CHECK(rig.is_silent());
    rig.text("10.0.0.103 21000");
    CHECK(rig.is_silent());
    rig.text("10.0.0.103 21000");
    CHECK(rig.step.master == Endpoint{"10.0.0.103", 21000});
  }
  SECTION("junk") {
    rig.text("<html>\n\x1b[2J");
    CHECK(rig.is_silent());
    rig.text("<html>\n\x1b[2J");
    REQUIRE(rig.step.news);
    CHECK(is_warning(*rig.step.news));
    CHECK(rig.words().starts_with("shared/master: \"<html>"));
    CHECK(rig.words().find('\n') == std::string::npos);
    CHECK(rig.words().find('\x1b') == std::string::npos);
    for (int i = 0; i < 30; ++i) {
      rig.text("<html>\n\x1b[2J");
      CHECK(rig.is_silent());
    }
    rig.text("10.0.0.103 21000\n");
    CHECK(rig.step.master == Endpoint{"10.0.0.103", 21000});
    for (const bool told : {false, true, false}) {
      rig.text("<html>\n\x1b[2J", 2);
      CHECK(rig.step.news.has_value() == told);
      CHECK_FALSE(rig.step.master);
      CHECK_FALSE(rig.step.is_over);
    }
  }
}

TEST_CASE("a server that is away is told of once, and ends nothing", "[slave]") {
  FollowerRig rig;
  rig.text("10.0.0.103 21000\n");
  int told = 0;
  for (int i = 0; i < 30; ++i) {
    rig.unreadable("Stale file handle");
    CHECK_FALSE(rig.step.is_over);
    if (!rig.step.news) continue;
    ++told;
    CHECK(is_warning(*rig.step.news));
    CHECK(rig.words() == "shared/master: Stale file handle; it is tried again each second");
  }
  CHECK(told == 1);
  rig.text("10.0.0.103 21000\n");
  CHECK(rig.is_silent());
}

TEST_CASE("a look at an address file tells gone from unreadable", "[slave]") {
  const TempDir folder;
  const fs::path file = folder.path() / "master";
  CHECK(read_address_file(file).kind == Kind::gone);
  CHECK(read_address_file(folder.path() / "none" / "master").kind == Kind::gone);
  CHECK(read_address_file(folder.path()).kind == Kind::unreadable);
  std::ofstream(file, std::ios::binary) << "10.0.0.103 21000\n";
  const AddressReading reading = read_address_file(file);
  CHECK(reading.kind == Kind::read);
  CHECK(reading.text == "10.0.0.103 21000\n");
  CHECK(read_address_file(file).written == reading.written);
  std::ofstream(file) << std::string(1 << 20, 'x');
  CHECK(read_address_file(file).text.size() == 1024);
#if !defined(_WIN32)
  fs::remove(file);
  fs::create_symlink("gone", file);  // what a link led to was removed
  CHECK(read_address_file(file).kind == Kind::gone);
  fs::remove(file);
  fs::create_symlink("master", file);
  CHECK(read_address_file(file).kind == Kind::unreadable);
  fs::remove(file);
  REQUIRE(mkfifo(file.c_str(), 0600) == 0);
  CHECK(read_address_file(file).kind == Kind::unreadable);
#endif
}
