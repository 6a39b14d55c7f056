#include "base/regular_file.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/stat.h>
#endif

using namespace oct;
using namespace oct::test;

namespace {

Bytes some_bytes(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

}  // namespace

TEST_CASE("the first bytes of a file are read whatever was read before, large files by several threads",
          "[base]") {
  const TempDir folder;
  const std::size_t size = GENERATE(as<std::size_t>{}, 1, 100, 8 << 20, (8 << 20) + 1, (17 << 20) + 3);
  const std::string path = folder.file("a");
  const Bytes written = some_bytes(size);
  REQUIRE(write_file_by_renaming(path, written));
  auto file = RegularFile::open(path_from_utf8(path));
  REQUIRE(file);
  Bytes begun;
  REQUIRE(file->read(7, begun));
  const auto equals = [&](const Result<RawBytes>& bytes, std::size_t count) {
    return bytes && bytes->size() == count &&
           std::equal(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(count), bytes->data());
  };
  CHECK(equals(file->read_first(size), size));
  CHECK(equals(file->read_first(2 * size), size));
  CHECK(equals(file->read_first(size / 2), size / 2));
}

TEST_CASE("what is left is read of a file that is cut while it is open", "[base]") {
  const TempDir folder;
  const std::string path = folder.file("a");
  const std::size_t left = GENERATE(as<std::size_t>{}, 0, 5, (9 << 20) + 1);
  const Bytes written = some_bytes(17 << 20);
  REQUIRE(write_file_by_renaming(path, written));
  auto file = RegularFile::open(path_from_utf8(path));
  REQUIRE(file);
  std::error_code error;
  std::filesystem::resize_file(path_from_utf8(path), left, error);
  if (error) return;  // Windows keeps the length of what is open
  const auto bytes = file->read_first(file->size());
  REQUIRE(bytes);
  REQUIRE(bytes->size() == left);
  CHECK(std::equal(bytes->data(), bytes->data() + left, written.begin()));
}

TEST_CASE("a file is read as far as asked, piece by piece", "[base]") {
  const TempDir folder;
  const std::string path = folder.file("a");
  REQUIRE(write_file_by_renaming(path, some_bytes(100)));
  auto file = RegularFile::open(path_from_utf8(path));
  REQUIRE(file);
  CHECK(file->size() == 100);
  Bytes bytes;
  REQUIRE(file->read(30, bytes));
  CHECK(bytes == some_bytes(30));
  REQUIRE(file->read(~std::uint64_t{0}, bytes));
  CHECK(bytes == some_bytes(100));
  REQUIRE(file->read(1, bytes));
  CHECK(bytes.size() == 100);
}

TEST_CASE("only a file of bytes is opened", "[base]") {
  const TempDir folder;
  const auto message = [](const std::filesystem::path& path) {
    const auto file = RegularFile::open(path);
    return file ? std::string("none") : file.error().message;
  };
  CHECK(message(folder.path()) == "is not a file");
  CHECK(message(folder.path() / "missing") != "none");
#if !defined(_WIN32)
  REQUIRE(mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  CHECK(message(folder.path() / "fifo") == "is not a file");
  CHECK(message("/dev/null") == "is not a file");
#endif
}

TEST_CASE("the real path is absolute and tells what is missing", "[base]") {
  const TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("a"), some_bytes(1)));
  std::error_code error;
  const std::filesystem::path home = real_path(folder.path(), error);
  REQUIRE_FALSE(error);
  CHECK(home.is_absolute());
  CHECK(real_path(folder.path() / "." / "a", error) == home / "a");
  CHECK_FALSE(error);
  real_path(folder.path() / "b", error);
  CHECK(error == std::errc::no_such_file_or_directory);
  real_path(folder.path() / "a" / "b", error);
  CHECK(error == std::errc::no_such_file_or_directory);
#if !defined(_WIN32)
  std::filesystem::create_symlink("a", folder.path() / "link");
  CHECK(real_path(folder.path() / "link", error) == home / "a");
  CHECK_FALSE(meets_network_link(folder.path(), "link"));
#endif
}

#if !defined(_WIN32)
TEST_CASE("too many open files are told from a file that cannot be read", "[base]") {
  const TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("a"), some_bytes(1)));
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto file = RegularFile::open(folder.path() / "a");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE_FALSE(file);
  CHECK(file.error().kind == ErrorKind::exhausted);
  CHECK(file.error().message.find("too many open files") != std::string::npos);
}
#endif
