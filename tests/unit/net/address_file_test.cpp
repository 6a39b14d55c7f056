#include "net/address_file.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace oct;
using oct::test::TempDir;

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("an address file says a host and a port", "[net]") {
  CHECK(address_file_text({"10.0.0.103", 21000}) == "10.0.0.103 21000\n");
  CHECK(address_file_text({"fd00::11", 21003}) == "fd00::11 21003\n");
  CHECK(*address_of_file_text("10.0.0.103 21000\n") == HostPort{"10.0.0.103", 21000});
  CHECK(*address_of_file_text("  DESK\t21000 \r\n\r\n") == HostPort{"DESK", 21000});
  CHECK(*address_of_file_text("fd00::11 21003\n") == HostPort{"fd00::11", 21003});
  CHECK(*address_of_file_text("[fd00::11] 21003") == HostPort{"fd00::11", 21003});
  for (const char* wrong :
       {"", "\n", "10.0.0.103", "10.0.0.103 ", "10.0.0.103 x", "10.0.0.103 21000x", "10.0.0.103 80",
        "10.0.0.103 65536", "10.0.0.103 -1", "10.0.0.103:21000 21000", "10.0.0.103 21000 more", "a,b 21000",
        "[fd00:11] 21000", "a:b:c 21000", "21000 10.0.0.103"})
    CHECK_FALSE(address_of_file_text(wrong));
  CHECK_FALSE(address_of_file_text(std::string("DESK\0 21000", 11)));
}

TEST_CASE("an address file is there as long as its master", "[net]") {
  const TempDir folder;
  const std::string path = folder.file("below/master");
  {
    auto file = AddressFile::write(path, {"10.0.0.103", 21000});
    REQUIRE(file);
    CHECK(content_of(path) == "10.0.0.103 21000\n");
    CHECK(files_in(folder.path() / "below") == 1);
    const AddressFile moved = *std::move(file);
    CHECK(fs::exists(path));
  }
  CHECK(files_in(folder.path() / "below") == 0);
}

TEST_CASE("a master does not remove the address file of another", "[net]") {
  const TempDir folder;
  const std::string path = folder.file("master");
  auto first = AddressFile::write(path, {"10.0.0.103", 21000});
  REQUIRE(first);
  std::optional<AddressFile> old(*std::move(first));
  const auto second = AddressFile::write(path, {"10.0.0.104", 21000});
  REQUIRE(second);
  old.reset();
  CHECK(content_of(path) == "10.0.0.104 21000\n");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("an address file that cannot be written, or removed again, is an error", "[net]") {
  const TempDir folder;
  std::ofstream(folder.path() / "a") << "file";
  const auto below_a_file = AddressFile::write(folder.file("a/master"), {"10.0.0.103", 21000});
  REQUIRE_FALSE(below_a_file);
  CHECK(below_a_file.error().kind == ErrorKind::output);
  const auto in_place_of_a_folder = AddressFile::write(folder.file(""), {"10.0.0.103", 21000});
  REQUIRE_FALSE(in_place_of_a_folder);
  CHECK(in_place_of_a_folder.error().kind == ErrorKind::output);
#if !defined(_WIN32)
  for (const std::string& device : {std::string("/dev/null"), folder.file("fifo")}) {
    if (device != "/dev/null") REQUIRE(mkfifo(device.c_str(), 0600) == 0);
    const auto file = AddressFile::write(device, {"10.0.0.103", 21000});
    REQUIRE_FALSE(file);
    CHECK(file.error().message.find("this is not a file") != std::string::npos);
    CHECK(fs::exists(device));
  }
#endif
}

#if !defined(_WIN32)

TEST_CASE("the links to an address file stay", "[net]") {
  const TempDir folder;
  fs::create_symlink("real", folder.path() / "master");
  {
    const auto file = AddressFile::write(folder.file("master"), {"10.0.0.103", 21000});
    REQUIRE(file);
    CHECK(content_of(folder.path() / "real") == "10.0.0.103 21000\n");
  }
  CHECK(fs::is_symlink(folder.path() / "master"));
  CHECK_FALSE(fs::exists(folder.path() / "real"));
}

#endif
