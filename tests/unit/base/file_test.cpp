#include "base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/output_help.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

namespace {
Bytes bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text.data(), text.size()));
  return {view.begin(), view.end()};
}
std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}
}  // namespace

TEST_CASE("a written file is read back, with its folder created and no temporary left", "[base]") {
  const TempDir folder;
  const std::string path = folder.file("a/b c/\xc3\xa4.bin");
  REQUIRE(write_file_by_renaming(path, bytes("hello")));
  CHECK(*read_file(path) == bytes("hello"));
  REQUIRE(write_file_by_renaming(path, bytes("again")));
  CHECK(*read_file(path) == bytes("again"));
  CHECK(file_name(path) == "\xc3\xa4.bin");
  CHECK(files_in(std::filesystem::path(folder.path()) / "a" / "b c") == 1);
}

TEST_CASE("writing where nothing can be written is an output error", "[base]") {
  const TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("plain"), bytes("x")));
  const auto below_a_file = write_file_by_renaming(folder.file("plain/file"), bytes("y"));
  REQUIRE_FALSE(below_a_file);
  CHECK(below_a_file.error().kind == ErrorKind::output);
  CHECK(below_a_file.error().help == "remove the file that is where its folder should be");
  CHECK_FALSE(check_writable(folder.file("plain/file")));
  CHECK_FALSE(check_writable(folder.path().string()));
  CHECK(check_writable(folder.file("new/file")));
  CHECK_FALSE(std::filesystem::exists(folder.file("new/file")));
  CHECK(*read_file(folder.file("plain")) == bytes("x"));
}

TEST_CASE("what would help fits the reason", "[base]") {
  CHECK(output_help(ENOSPC) == "make room there");
  CHECK(output_help(EROFS).starts_with("make its disk writable"));
  CHECK(output_help(ENOENT).starts_with("bring its folder back"));
  CHECK(output_help(EACCES).starts_with("get the right to write there"));
  CHECK(output_help(EPERM) == output_help(EACCES));
  CHECK(output_help(ENOMEM) == "leave this program more memory");
  CHECK(output_help(EDOM).empty());
}

TEST_CASE("reading says what is wrong", "[base]") {
  const TempDir folder;
  CHECK(read_file(folder.file("none")).error().kind == ErrorKind::invalid_input);
  CHECK(read_file(folder.path().string()).error().message.find("is a folder") != std::string::npos);
  REQUIRE(write_file_by_renaming(folder.file("big"), Bytes(100)));
  CHECK_FALSE(read_file(folder.file("big"), 99));
  CHECK(read_file(folder.file("big"), 100)->size() == 100);
}

TEST_CASE("parts of a path", "[base]") {
  CHECK(file_stem("out/render.EXR") == "render");
  CHECK(file_extension("out/render.EXR") == ".exr");
  CHECK(folder_of("out/render.exr") == "out");
  CHECK(folder_of("render.exr").empty());
}
