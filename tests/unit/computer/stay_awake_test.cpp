#include "computer/stay_awake.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/loop_thread.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using test::ScopedVariable;

namespace {

/// Keeps all lines.
class KeptLog final : public Log {
 public:
  LogLevel level() const override { return LogLevel::debug; }
  void write(LogLevel level, std::string_view, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
    loud_ = loud_ || level != LogLevel::debug;
  }
  bool has(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }
  bool is_loud() const { return loud_; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  bool loud_ = false;
};

/// A StayAwake on a loop.
struct Awake {
  Awake() {
    loop.on_loop([this] {
      awake = std::make_unique<StayAwake>(loop.loop(), log, "a test renders");
      return 0;
    });
  }
  ~Awake() {
    loop.on_loop([this] {
      awake.reset();
      return 0;
    });
  }
  void set(bool on) {
    loop.on_loop([&] {
      awake->set(on);
      return 0;
    });
  }

  KeptLog log;
  test::LoopThread loop;
  std::unique_ptr<StayAwake> awake;
};

}  // namespace

#if defined(_WIN32)

TEST_CASE("Windows is told to stay awake, and that it may sleep again", "[computer]") {
  Awake rig;
  rig.set(true);
  CHECK(rig.log.has("the computer stays awake"));
  rig.set(false);
  CHECK(rig.log.has("the computer may sleep"));
  CHECK_FALSE(rig.log.has("refused"));
}

#else

namespace {

/// A folder with a program called systemd-inhibit, the only one of PATH that is.
class Inhibitor {
 public:
  /// `$*` has its arguments, `$folder` is a place for files.
  explicit Inhibitor(const std::string& script)
      : path_("PATH", folder_.path().string() + ":/usr/bin:/bin"),
        bus_("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent") {
    const std::filesystem::path program = folder_.path() / "systemd-inhibit";
    std::ofstream(program) << "#!/bin/sh\nfolder='" << folder_.path().string() << "'\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_.path() / name); }
  std::string text(const std::string& name) const {
    std::ifstream stream(folder_.path() / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  test::TempDir folder_;
  ScopedVariable path_, bus_;
};

/// Holds a lock until its command, the last argument, ends.
const char* const kHolds = "echo \"$*\" > \"$folder/held\"; echo $$ > \"$folder/pid\"; cat";

}  // namespace

TEST_CASE("a lock is held while the computer has to stay awake", "[computer]") {
  const Inhibitor inhibitor(kHolds);
  Awake rig;
  CHECK_FALSE(inhibitor.has("pid"));
  rig.set(true);
  rig.set(true);
  REQUIRE(rig.loop.wait_until([&] { return inhibitor.has("pid") && !inhibitor.text("pid").empty(); }));
  CHECK(inhibitor.text("held") == "--what=sleep:idle --who=octane --why=a test renders --mode=block cat\n");
  const std::string holder = "/proc/" + std::to_string(std::stoi(inhibitor.text("pid")));
  CHECK(std::filesystem::exists(holder));
  rig.set(false);
  CHECK(rig.loop.wait_until([&] { return !std::filesystem::exists(holder); }));
  CHECK_FALSE(rig.log.is_loud());
}

TEST_CASE("who may not keep others from sleeping asks for less", "[computer]") {
  const Inhibitor inhibitor(
      "case $1 in *sleep*) echo 'Failed to inhibit: Access denied' >&2; exit 1;; esac\n"
      "echo \"$1\" > \"$folder/held\"; cat");
  Awake rig;
  rig.set(true);
  REQUIRE(rig.loop.wait_until([&] { return inhibitor.has("held") && !inhibitor.text("held").empty(); }));
  CHECK(inhibitor.text("held") == "--what=idle\n");
  CHECK(rig.log.has("Access denied"));
  CHECK_FALSE(rig.log.is_loud());
}

TEST_CASE("where nothing helps it is left at that", "[computer]") {
  const Inhibitor inhibitor("echo \"$1\" >> \"$folder/asked\"; echo 'Failed to connect to bus' >&2; exit 1");
  Awake rig;
  rig.set(true);
  REQUIRE(rig.loop.wait_until([&] { return rig.log.has("--what=idle: Failed to connect to bus"); }));
  CHECK(inhibitor.text("asked") == "--what=sleep:idle\n--what=idle\n");
  rig.set(false);
  CHECK_FALSE(rig.log.is_loud());
}

TEST_CASE("without logind nothing is started", "[computer]") {
  const test::TempDir empty;
  const ScopedVariable path("PATH", empty.path().string());
  Awake rig;
  rig.set(true);
  CHECK(rig.log.has("no logind"));
  CHECK_FALSE(rig.log.is_loud());
}

#endif
