#include "scene/file_reference.hpp"

#include "scene/uri.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

FileReference reference_to(std::string_view name, NameRules rules = NameRules::posix) {
  const auto reference = file_reference(name, rules);
  INFO(std::string(name));
  REQUIRE(reference);
  return *reference;
}

std::string fault_of(std::string_view name) {
  const auto reference = file_reference(name);
  REQUIRE_FALSE(reference);
  return reference.error().message;
}

}  // namespace

TEST_CASE("names of every system are told apart", "[scene]") {
  CHECK(reference_to("wood.png").kind == FileNameKind::relative);
  CHECK(reference_to("../textures/wood.png").kind == FileNameKind::relative);
  CHECK(reference_to("..\\textures\\wood.png").path == "../textures/wood.png");
  CHECK(reference_to("/home/bob/wood.png").kind == FileNameKind::absolute);
  CHECK(reference_to("\\wood.png").kind == FileNameKind::absolute);
  CHECK(reference_to("C:\\Users\\bob\\wood.png").kind == FileNameKind::absolute);
  CHECK(reference_to("c:wood.png").kind == FileNameKind::absolute);
  CHECK(reference_to("\\\\server\\share\\wood.png").kind == FileNameKind::network);
  CHECK(reference_to("//server/share/wood.png").kind == FileNameKind::network);
  CHECK(reference_to("\\\\.\\PhysicalDrive0").kind == FileNameKind::device);
  CHECK(reference_to("\\\\?\\GLOBALROOT\\Device\\wood.png").kind == FileNameKind::device);
}

TEST_CASE("the long form of Windows is the name without its prefix", "[scene]") {
  const FileReference drive = reference_to("\\\\?\\C:\\Users\\wood.png");
  CHECK(drive.kind == FileNameKind::absolute);
  CHECK(drive.path == "C:/Users/wood.png");
  const FileReference share = reference_to("\\\\?\\unc\\server\\wood.png");
  CHECK(share.kind == FileNameKind::network);
  CHECK(share.path == "//server/wood.png");
}

TEST_CASE("the last part of a name is the file's own", "[scene]") {
  for (const char* name : {"wood.png", "a/wood.png", "..\\wood.png", "/x/wood.png", "C:\\x\\wood.png",
                           "C:wood.png", "\\\\server\\share\\wood.png"})
    CHECK(reference_to(name).last_part == "wood.png");
}

TEST_CASE("a name tells how far it climbs", "[scene]") {
  CHECK(reference_to("a/b.png").ups == 0);
  CHECK(reference_to("a/../b.png").ups == 0);
  CHECK(reference_to("../b.png").ups == 1);
  CHECK(reference_to("./a/../../b.png").ups == 1);
  CHECK(reference_to("..//../a/b.png").ups == 2);
  CHECK(reference_to("../a/../../b.png").ups == 2);
}

TEST_CASE("devices of Windows are known in every disguise", "[scene]") {
  for (const char* name :
       {"CON", "nul", "Aux.png", "prn.tar.gz", "textures/COM1.png", "lpt9", "con .png", "COM\xc2\xb9.png",
        "CONIN$", "wood.png:stream", "ab:c/d.png", "C:\\x\\NUL", "\\\\server\\share\\com0.png"}) {
    INFO(name);
    CHECK(reference_to(name, NameRules::windows).kind == FileNameKind::device);
  }
  for (const char* name : {"console.png", "null.png", "com.png", "com10.png", "lpt.png", "aux1.png"}) {
    INFO(name);
    CHECK(reference_to(name, NameRules::windows).kind == FileNameKind::relative);
  }
  CHECK(reference_to("aux.png").kind == FileNameKind::relative);
}

TEST_CASE("absolute names have the form of one system", "[scene]") {
  CHECK(is_native_absolute(reference_to("/a.png"), NameRules::posix));
  CHECK_FALSE(is_native_absolute(reference_to("C:\\a.png"), NameRules::posix));
  CHECK(is_native_absolute(reference_to("C:\\a.png"), NameRules::windows));
  CHECK_FALSE(is_native_absolute(reference_to("a.png"), NameRules::posix));
  CHECK_FALSE(is_native_absolute(reference_to("//a/b.png"), NameRules::posix));
}

TEST_CASE("what names no file is refused", "[scene]") {
  CHECK(fault_of("") == "its file has no name");
  CHECK(fault_of("textures/") == "names a folder");
  CHECK(fault_of("a/..") == "names a folder");
  CHECK(fault_of("C:") == "names a folder");
  CHECK(fault_of(std::string_view("a\0b", 3)) == "its name holds a zero byte");
  CHECK(fault_of("a\xff") == "its file name is not UTF-8");
}

TEST_CASE("file addresses become the names that they stand for", "[scene]") {
  CHECK(*decode_uri("file:///C:/a%20b.png") == "C:/a b.png");
  CHECK(*decode_uri("file:///home/a.png") == "/home/a.png");
  CHECK(*decode_uri("file://localhost/home/a.png") == "/home/a.png");
  CHECK(*decode_uri("file:/home/a.png") == "/home/a.png");
  CHECK(*decode_uri("file://server/share/a.png") == "//server/share/a.png");
  CHECK_FALSE(decode_uri("ftp://server/a.png"));
}
