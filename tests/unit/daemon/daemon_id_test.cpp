#include "daemon/daemon_id.hpp"

#include "daemon/id_lines.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;

namespace {

const ComputerPrint kHere{"aaaaaaaaaaaaaaaa", {"1111111111111111", "2222222222222222"}};

std::string id_of(const test::TempDir& folder, const ComputerPrint& computer) {
  const auto id = lasting_daemon_id(folder.path(), 48000, computer);
  REQUIRE(id.has_value());
  return *id;
}

}  // namespace

TEST_CASE("a daemon's id lasts, and two ports have two", "[daemon]") {
  const test::TempDir folder;
  const auto first = lasting_daemon_id(folder.path() / "octane", 48000, kHere);
  REQUIRE(first.has_value());
  CHECK(first->size() == 32);
  CHECK(lasting_daemon_id(folder.path() / "octane", 48000, kHere).value() == *first);
  const auto other = lasting_daemon_id(folder.path() / "octane", 48010, kHere);
  REQUIRE(other.has_value());
  CHECK(*other != *first);
  CHECK(other->size() == 32);
  CHECK(lasting_daemon_id(folder.path() / "octane", 48010, kHere).value() == *other);
  CHECK(passing_daemon_id() != passing_daemon_id());
}

TEST_CASE("a file that holds no id is an error that names it", "[daemon]") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "daemon.id") << "hello\n";
  const auto id = lasting_daemon_id(folder.path(), 48000, kHere);
  REQUIRE_FALSE(id.has_value());
  CHECK(id.error().message.find("daemon.id") != std::string::npos);
}

TEST_CASE("each computer that uses the folder has an id of its own, and keeps it", "[daemon]") {
  const test::TempDir folder;
  const ComputerPrint other_system{"bbbbbbbbbbbbbbbb", {"3333333333333333"}};
  const ComputerPrint copied_disk{"aaaaaaaaaaaaaaaa", {"4444444444444444"}};
  const std::string here = id_of(folder, kHere);
  const std::string there = id_of(folder, other_system);
  const std::string copy = id_of(folder, copied_disk);
  CHECK(here != there);
  CHECK(here != copy);
  CHECK(there != copy);
  CHECK(id_of(folder, copied_disk) == copy);
  CHECK(id_of(folder, other_system) == there);
  CHECK(id_of(folder, kHere) == here);
}

TEST_CASE("a computer that gets or loses a card keeps its id", "[daemon]") {
  const test::TempDir folder;
  const std::string here = id_of(folder, kHere);
  ComputerPrint changed = kHere;
  changed.cards = {"2222222222222222", "9999999999999999"};
  CHECK(id_of(folder, changed) == here);
  changed.cards = {"9999999999999999"};  // known by now
  CHECK(id_of(folder, changed) == here);
  changed.cards.clear();
  CHECK(id_of(folder, changed) == here);
}

TEST_CASE("an adapter that is carried from one copy to another does not carry the id", "[daemon]") {
  const test::TempDir folder;
  const ComputerPrint copy{"aaaaaaaaaaaaaaaa", {"4444444444444444"}};
  const std::string here = id_of(folder, kHere), there = id_of(folder, copy);
  const std::string usb = "5555555555555555";
  CHECK(id_of(folder, {"aaaaaaaaaaaaaaaa", {"1111111111111111", "2222222222222222", usb}}) == here);
  CHECK(id_of(folder, {"aaaaaaaaaaaaaaaa", {"4444444444444444", usb}}) == there);
}

TEST_CASE("an id of an older release belongs to the computer that starts first", "[daemon]") {
  const test::TempDir folder;
  const std::string old(32, 'e');
  std::ofstream(folder.path() / "daemon.id") << old << "\r\n";
  CHECK(id_of(folder, kHere) == old);
  CHECK(id_of(folder, {"bbbbbbbbbbbbbbbb", {}}) != old);
  CHECK(id_of(folder, kHere) == old);
}

TEST_CASE("lines of ids come back as they were written", "[daemon]") {
  const std::vector<IdLine> lines{{std::string(32, 'a'), kHere, true},
                                  {std::string(32, 'b'), {"", {}}, true},
                                  {std::string(32, 'c'), {"", {}}, false}};
  const auto read = id_lines_from_text(text_of(lines), "daemon.id");
  REQUIRE(read.has_value());
  CHECK(*read == lines);
  CHECK_FALSE(id_lines_from_text("x\n", "daemon.id").has_value());
}

TEST_CASE("what tells computers apart says nothing else of them", "[net]") {
  const std::string print = computer_print("machine", "0123456789abcdef0123456789abcdef");
  CHECK(print.size() == 16);
  CHECK(print != computer_print("card", "0123456789abcdef0123456789abcdef"));
  CHECK(print.find("0123456789") == std::string::npos);
  CHECK(computer_print("machine", "").empty());
  CHECK(this_computer() == this_computer());
}
