#include "computer/stay_awake.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include "process/async_child.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace oct {

StayAwake::StayAwake(EventLoop& loop, Log& log, std::string why)
    : loop_(loop), log_(log), why_(std::move(why)) {}

StayAwake::~StayAwake() {
  set(false);
}

#if defined(_WIN32)

void StayAwake::set(bool on) {
  if (std::exchange(on_, on) == on) return;
  const EXECUTION_STATE state = on ? ES_CONTINUOUS | ES_SYSTEM_REQUIRED : ES_CONTINUOUS;
  const bool done = SetThreadExecutionState(state) != 0;
  log_.debug("awake", "{}{}", on ? "the computer stays awake" : "the computer may sleep",
             done ? "" : ": refused by the system");
}

void StayAwake::take_lock(std::size_t) {}
void StayAwake::lost(std::size_t) {}

#else

namespace {

namespace fs = std::filesystem;

/// What is locked, the better one first: who has no session at this computer gets the second alone.
constexpr std::array<const char*, 2> kLocks = {"--what=sleep:idle", "--what=idle"};

/// Whether there is a bus on which logind could be.
bool has_system_bus() {
  if (std::getenv("DBUS_SYSTEM_BUS_ADDRESS") != nullptr) return true;
  std::error_code ignored;
  return fs::exists("/run/dbus/system_bus_socket", ignored) ||
         fs::exists("/var/run/dbus/system_bus_socket", ignored);
}

/// In the folders that the user searches for programs.
std::optional<std::string> find_program(const char* name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (folder.empty() || folder.front() != '/') continue;
    std::string program = folder + "/" + name;
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

std::optional<std::string> inhibitor() {
  if (!has_system_bus()) return std::nullopt;
  auto program = find_program("systemd-inhibit");
  return program ? program : find_program("elogind-inhibit");
}

}  // namespace

void StayAwake::set(bool on) {
  if (std::exchange(on_, on) == on) return;
  if (on) return take_lock(0);
  if (lock_) log_.debug("awake", "the computer may sleep");
  lock_.reset();
}

/// It holds the lock while `cat` runs, which ends with our end of the pipe.
void StayAwake::take_lock(std::size_t attempt) {
  const auto program = inhibitor();
  if (!program) return log_.debug("awake", "the computer may sleep: no logind");
  ChildCommand command{
      *program, {kLocks[attempt], "--who=octane", "--why=" + why_, "--mode=block", "cat"}, true};
  ChildEvents events;
  last_words_.clear();
  events.on_line = [this](std::string line) { last_words_ = std::move(line); };
  events.on_ended = [this, attempt](const ChildExit&) { lost(attempt); };
  auto started = AsyncChild::start(loop_, std::move(command), std::move(events));
  if (!started) return log_.debug("awake", "the computer may sleep: {}", started.error().message);
  lock_ = *std::move(started);
  log_.debug("awake", "the computer stays awake: {} {}", *program, kLocks[attempt]);
}

void StayAwake::lost(std::size_t attempt) {
  lock_.reset();
  log_.debug("awake", "{}: {}", kLocks[attempt], last_words_);
  if (attempt + 1 < kLocks.size()) take_lock(attempt + 1);
}

#endif

}  // namespace oct
