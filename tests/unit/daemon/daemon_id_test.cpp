#include "daemon/daemon_id.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;

TEST_CASE("a daemon's id lasts, and two ports have two", "[daemon]") {
  const test::TempDir folder;
  const auto first = lasting_daemon_id(folder.path() / "octane", 48000);
  REQUIRE(first.has_value());
  CHECK(first->size() == 32);
  CHECK(lasting_daemon_id(folder.path() / "octane", 48000).value() == *first);
  const auto other = lasting_daemon_id(folder.path() / "octane", 48010);
  REQUIRE(other.has_value());
  CHECK(*other != *first);
  CHECK(other->size() == 32);
  CHECK(lasting_daemon_id(folder.path() / "octane", 48010).value() == *other);
  CHECK(passing_daemon_id() != passing_daemon_id());
}

TEST_CASE("a file that holds no id is an error that names it", "[daemon]") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "daemon.id") << "hello\n";
  const auto id = lasting_daemon_id(folder.path(), 48000);
  REQUIRE_FALSE(id.has_value());
  CHECK(id.error().message.find("daemon.id") != std::string::npos);
}
