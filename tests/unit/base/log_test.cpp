#include "base/log.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace oct;
using oct::test::TempDir;

namespace {

std::string log_text(const std::string& path) {
  const Bytes bytes = *read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("an event is one line of the log, whatever it names", "[base][log]") {
  const TempDir folder;
  const std::string path = folder.file("log.txt");
  auto log = make_file_log(path, LogLevel::info);
  REQUIRE(log);
  (*log)->info("master", "{}", "scene a\n2025-11-23T12:00:00.000 error master: b\x1b[2J");
  const std::string text = log_text(path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.find("scene a\\n2025") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK_FALSE((*log)->take_loss());
}

#if !defined(_WIN32)

TEST_CASE("a log that takes no more says so once", "[base][log]") {
  auto log = make_file_log("/dev/full", LogLevel::info);
  REQUIRE(log);
  CHECK_FALSE((*log)->take_loss());
  for (int i = 0; i < 3; ++i) (*log)->info("master", "line {}", i);
  const auto loss = (*log)->take_loss();
  REQUIRE(loss);
  CHECK(loss->message.find("/dev/full") != std::string::npos);
  CHECK(loss->message.find("No space left on device") != std::string::npos);
  CHECK_FALSE(loss->help.empty());
  (*log)->info("master", "another");
  CHECK_FALSE((*log)->take_loss());
}

TEST_CASE("a device or a pipe is never rotated away", "[base][log]") {
  const TempDir folder;
  const std::string path = folder.file("log");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int reader = open(path.c_str(), O_RDWR | O_NONBLOCK);  // a pipe that takes 64 kB, and then no more
  REQUIRE(reader >= 0);
  auto log = make_file_log(path, LogLevel::info);
  REQUIRE(log);
  std::vector<char> drain(1 << 16);
  const std::string line(60'000, 'x');
  for (int i = 0; i < 200; ++i) {  // 12 MB
    (*log)->info("master", "{}", line);
    while (read(reader, drain.data(), drain.size()) > 0) continue;
  }
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK(S_ISFIFO(status.st_mode));
  CHECK_FALSE(std::filesystem::exists(folder.file("log.1")));
  close(reader);
}

#endif
