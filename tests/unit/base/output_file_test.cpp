#include "base/output_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/file.hpp"
#include "base/output_help.hpp"
#include "base/temporary_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#endif

using namespace oct;
using oct::test::TempDir;

namespace {

namespace fs = std::filesystem;

ByteView view_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_in(const std::string& path) {
  const Bytes bytes = *read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::size_t count_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("an output appears when it is complete, and an older one stays until then", "[base][output]") {
  const TempDir folder;
  const std::string path = folder.file("x.exr");
  REQUIRE(write_file_by_renaming(path, view_of("old")));
  {
    auto output = OutputFile::open(path);
    REQUIRE(output);
    REQUIRE(output->write(view_of("....pixels")));
    REQUIRE(output->overwrite(0, view_of("head")));
    REQUIRE(output->write(view_of(" end")));
    CHECK(output->size() == 14);
    CHECK(text_in(path) == "old");
    CHECK(count_in(folder.path()) == 2);
    REQUIRE(output->commit());
    CHECK(text_in(path) == "headpixels end");
  }
  CHECK(count_in(folder.path()) == 1);
  {
    auto abandoned = OutputFile::open(path);
    REQUIRE(abandoned->write(view_of("half")));
    const OutputFile moved(*std::move(abandoned));
    CHECK(count_in(folder.path()) == 2);
  }
  CHECK(text_in(path) == "headpixels end");
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("temporaries of dead programs are removed, and nothing else", "[base][output]") {
  const TempDir folder;
  const auto now = fs::file_time_type::clock::now();
  const auto make = [&](const std::string& name, std::chrono::hours age) {
    std::ofstream(folder.path() / name) << "x";
    fs::last_write_time(folder.path() / name, now - age);
  };
  const std::string digits(32, '5');
  const std::string living =
      make_temporary_file(folder.path(), FileReaders::as_usual).path.filename().string();
  const std::string gone = temporary_file_name(0x7ffffff0, digits);
  std::string foreign = gone, old_foreign = gone;
  const std::string other_host = gone[8] == '0' ? "1" : "0";
  foreign.replace(8, 1, other_host);
  old_foreign.replace(8, 1, other_host);
  old_foreign.replace(old_foreign.size() - 5, 1, "6");
  fs::last_write_time(folder.path() / living, now - std::chrono::hours(1000));
  make(gone, std::chrono::hours(0));
  make(foreign, std::chrono::hours(23));
  make(old_foreign, std::chrono::hours(25));
  make(".octane-notes.tmp", std::chrono::hours(1000));
  make(gone + ".png", std::chrono::hours(1000));
  CHECK(remove_left_over_temporaries(folder.path(), now) == 2);
  CHECK(fs::exists(folder.path() / living));
  CHECK(fs::exists(folder.path() / foreign));
  CHECK_FALSE(fs::exists(folder.path() / gone));
  CHECK_FALSE(fs::exists(folder.path() / old_foreign));
  CHECK(count_in(folder.path()) == 4);
}

TEST_CASE("making an output removes what a killed program left beside it", "[base][output]") {
  const TempDir folder;
  std::ofstream(folder.path() / temporary_file_name(0x7ffffff0, std::string(32, 'a'))) << "x";
  REQUIRE(write_file_by_renaming(folder.file("a.png"), view_of("x")));
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("names of temporaries cannot be foreseen", "[base][output]") {
  const TempDir folder;
  const TemporaryFile a = make_temporary_file(folder.path(), FileReaders::as_usual);
  const TemporaryFile b = make_temporary_file(folder.path(), FileReaders::owner);
  const auto random_part = [](const TemporaryFile& made) {
    const std::string name = made.path.filename().string();
    return name.substr(name.size() - 36, 32);
  };
  REQUIRE(a.file);
  REQUIRE(b.file);
  for (std::size_t i = 0; i < 32; i += 8) CHECK(random_part(a).substr(i, 8) != random_part(b).substr(i, 8));
}

#if defined(_WIN32)

TEST_CASE("names of devices are written to, and never replaced", "[base][output]") {
  const TempDir folder;
  for (const std::string& name : {std::string("NUL"), folder.file("nul.png")}) {
    CHECK(check_writable(name));
    CHECK(write_file_by_renaming(name, view_of("x")));
  }
  CHECK(find_output_target("com1")->kind == OutputTarget::Kind::stream);
  CHECK(find_output_target("com10")->kind == OutputTarget::Kind::file);
  CHECK(count_in(folder.path()) == 0);
}

#else

namespace {

/// The mode that a file of this umask gets, or has.
mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a name of the greatest length can be written", "[base][output]") {
  const TempDir folder;
  const std::string path = folder.file(std::string(251, 'n') + ".png");
  REQUIRE(write_file_by_renaming(path, view_of("x")));
  CHECK(text_in(path) == "x");
}

TEST_CASE("a new file is never made through a link", "[base][output]") {
  const TempDir folder;
  const fs::path victim = folder.path() / "victim", link = folder.path() / "link";
  std::ofstream(victim) << "precious";
  fs::create_symlink("victim", link);
  CHECK_FALSE(create_new_file(link));
  CHECK_FALSE(create_private_file(link));
  CHECK(text_in(victim.string()) == "precious");
  fs::remove(link);
  fs::create_symlink("elsewhere", link);
  CHECK_FALSE(create_new_file(link));
  CHECK_FALSE(fs::exists(folder.path() / "elsewhere"));
  CHECK(create_new_file(folder.path() / "new"));
}

TEST_CASE("links are followed and stay", "[base][output]") {
  const TempDir folder;
  fs::create_directories(folder.path() / "shots");
  std::ofstream(folder.path() / "shots/real.png") << "old";
  fs::create_symlink("shots/real.png", folder.path() / "second");
  fs::create_symlink(folder.path() / "second", folder.path() / "first");
  CHECK(check_writable(folder.file("first")));
  CHECK(text_in(folder.file("shots/real.png")) == "old");
  REQUIRE(write_file_by_renaming(folder.file("first"), view_of("new")));
  CHECK(fs::is_symlink(folder.path() / "first"));
  CHECK(fs::is_symlink(folder.path() / "second"));
  CHECK_FALSE(fs::is_symlink(folder.path() / "shots/real.png"));
  CHECK(text_in(folder.file("shots/real.png")) == "new");

  fs::create_symlink("later/there.png", folder.path() / "dangling");
  CHECK(check_writable(folder.file("dangling")));
  CHECK_FALSE(fs::exists(folder.path() / "later/there.png"));
  REQUIRE(write_file_by_renaming(folder.file("dangling"), view_of("made")));
  CHECK(fs::is_symlink(folder.path() / "dangling"));
  CHECK(text_in(folder.file("later/there.png")) == "made");
}

TEST_CASE("links that lead in a circle or to a folder are errors", "[base][output]") {
  const TempDir folder;
  fs::create_symlink("b", folder.path() / "a");
  fs::create_symlink("a", folder.path() / "b");
  fs::create_symlink(".", folder.path() / "here");
  for (const char* name : {"a", "here"}) {
    const auto written = write_file_by_renaming(folder.file(name), view_of("x"));
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::output);
    CHECK_FALSE(check_writable(folder.file(name)));
    CHECK(fs::is_symlink(folder.path() / name));
  }
  CHECK(check_writable(folder.file("here")).error().message.find("is a folder") != std::string::npos);
  CHECK(check_writable(folder.file("new/")).error().message.find("is a folder") != std::string::npos);
}

TEST_CASE("a FIFO is written to, and asked without a reader", "[base][output]") {
  const TempDir folder;
  const std::string path = folder.file("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(check_writable(path));
  std::string got;
  std::thread reader([&] { got = text_in(path); });
  auto output = OutputFile::open(path);
  REQUIRE(output);
  CHECK_FALSE(output->can_overwrite());
  CHECK(output->write(view_of("through ")));
  CHECK(output->write(view_of("the pipe")));
  CHECK(output->commit());
  reader.join();
  CHECK(got == "through the pipe");
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  CHECK(S_ISFIFO(status.st_mode));
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("devices are written to as they are", "[base][output]") {
  const TempDir folder;
  fs::create_symlink("/dev/null", folder.path() / "link");
  for (const std::string& path : {std::string("/dev/null"), folder.file("link")}) {
    CHECK(find_output_target(path)->kind == OutputTarget::Kind::stream);
    CHECK(check_writable(path));
    CHECK(write_file_by_renaming(path, view_of("x")));
  }
  CHECK(fs::is_character_file("/dev/null"));
  if (fs::exists("/dev/full")) {
    const auto full = write_file_by_renaming("/dev/full", view_of("x"));
    REQUIRE_FALSE(full);
    CHECK(full.error().message == "/dev/full: No space left on device");
  }
}

TEST_CASE("an open descriptor is written on, and keeps what it has", "[base][output]") {
  const TempDir folder;
  const int descriptor = ::open(folder.file("log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(descriptor >= 0);
  REQUIRE(::write(descriptor, "before ", 7) == 7);
  for (const char* form : {"/proc/self/fd/", "/dev/fd/"}) {
    const std::string path = form + std::to_string(descriptor);
    CHECK(check_writable(path));
    CHECK(write_file_by_renaming(path, view_of("output ")));
  }
  REQUIRE(::write(descriptor, "after", 5) == 5);
  CHECK(text_in(folder.file("log")) == "before output output after");
  const int reading = ::open(folder.file("log").c_str(), O_RDONLY | O_CLOEXEC);
  CHECK_FALSE(check_writable("/dev/fd/" + std::to_string(reading)));
  ::close(reading);
  ::close(descriptor);
  CHECK_FALSE(check_writable("/proc/self/fd/" + std::to_string(descriptor)));
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("the mode is that of the umask, or of the file replaced", "[base][output]") {
  const TempDir folder;
  const mode_t before = umask(027);
  REQUIRE(write_file_by_renaming(folder.file("a"), view_of("x")));
  REQUIRE(write_file_by_renaming(folder.file("secret"), view_of("x"), FileReaders::owner));
  REQUIRE(chmod(folder.file("a").c_str(), 0606) == 0);
  CHECK(mode_of(folder.file("secret")) == 0600);
  REQUIRE(write_file_by_renaming(folder.file("a"), view_of("y")));
  REQUIRE(write_file_by_renaming(folder.file("b"), view_of("y")));
  REQUIRE(chmod(folder.file("secret").c_str(), 0644) == 0);
  REQUIRE(write_file_by_renaming(folder.file("secret"), view_of("x"), FileReaders::owner));
  umask(before);
  CHECK(mode_of(folder.file("a")) == 0606);
  CHECK(mode_of(folder.file("b")) == 0640);
  CHECK(mode_of(folder.file("secret")) == 0600);
}

TEST_CASE("a write that fails says so and leaves the older file", "[base][output]") {
  const TempDir folder;
  const std::string path = folder.file("x");
  REQUIRE(write_file_by_renaming(path, view_of("old")));
  rlimit usual{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &usual) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, usual.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto replacing = write_file_by_renaming(path, Bytes(5000));
  const auto fresh = write_file_by_renaming(folder.file("y"), Bytes(5000));
  setrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(replacing);
  REQUIRE_FALSE(fresh);
  CHECK(replacing.error().kind == ErrorKind::output);
  CHECK(replacing.error().message == path + ": File too large; the older file is untouched");
  CHECK(fresh.error().message == folder.file("y") + ": File too large");
  CHECK(fresh.error().help == output_help(EFBIG));
  CHECK(text_in(path) == "old");
  CHECK(count_in(folder.path()) == 1);
}

TEST_CASE("a descriptor that somebody made non-blocking is waited for", "[base][output]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  constexpr std::size_t kSize = 300000;  // more than a pipe holds
  std::size_t got = 0;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      got += static_cast<std::size_t>(count);
  });
  const auto written = write_file_by_renaming("/dev/fd/" + std::to_string(ends[1]), Bytes(kSize));
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  CHECK(written);
  CHECK(got == kSize);
}

#endif
