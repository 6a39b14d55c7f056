#include "base/plain_file.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace oct;
using oct::test::TempDir;

namespace fs = std::filesystem;

TEST_CASE("a file is there, is not there, and is read", "[base]") {
  const TempDir folder;
  const fs::path file = folder.path() / "settings";
  CHECK_FALSE(*is_there(file));
  CHECK_FALSE(*is_there(folder.path() / "none" / "settings"));
  std::ofstream(file) << "text";
  CHECK(*is_there(file));
  CHECK_FALSE(*is_there(file / "below"));  // a file is not a folder: nothing is in it
  CHECK(*is_there(folder.path()));
  CHECK(read_plain_file(file, 4)->size() == 4);
  CHECK(read_plain_file(file, 3).error().kind == ErrorKind::invalid_input);
  CHECK(read_plain_file(folder.path(), 100).error().message.find("is a folder") != std::string::npos);
  CHECK(read_plain_file(folder.path() / "none", 100).error().kind == ErrorKind::invalid_input);
}

#if !defined(_WIN32)

namespace {

/// Why it cannot be told whether the file is there, or what read_plain_file() says.
std::string reason_of(const Result<bool>& there) {
  REQUIRE_FALSE(there);
  CHECK(there.error().kind == ErrorKind::invalid_input);
  return there.error().message;
}

}  // namespace

TEST_CASE("a link without an end, or in a circle, is not the same as no file", "[base]") {
  const TempDir folder;
  const fs::path file = folder.path() / "settings";
  fs::create_symlink("gone", file);
  CHECK(reason_of(is_there(file)).find("leads nowhere") != std::string::npos);
  fs::remove(file);
  fs::create_symlink("settings", file);
  CHECK(reason_of(is_there(file)).find(file.string()) != std::string::npos);
  fs::create_directory(folder.path() / "here");
  fs::create_symlink("share", folder.path() / "mount");
  CHECK(reason_of(is_there(folder.path() / "mount" / "octane" / "settings")).find("mount is a link") !=
        std::string::npos);
  fs::create_symlink("here", folder.path() / "good");
  CHECK_FALSE(*is_there(folder.path() / "good" / "settings"));
}

TEST_CASE("a folder that may not be entered tells nothing", "[base]") {
  if (geteuid() == 0) return;  // nothing is closed to root; tests/system plays it with another user
  const TempDir folder;
  const fs::path closed = folder.path() / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::none);
  CHECK(reason_of(is_there(closed / "settings")).find("ermission") != std::string::npos);
  fs::permissions(closed, fs::perms::owner_all);
}

TEST_CASE("a pipe or a device in the place of a file is not waited for", "[base]") {
  const TempDir folder;
  const fs::path pipe = folder.path() / "settings";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(*is_there(pipe));
  CHECK(read_plain_file(pipe, 100).error().message.find("is not a regular file") != std::string::npos);
  CHECK(read_plain_file("/dev/zero", 100).error().message.find("is not a regular file") != std::string::npos);
}

#endif
