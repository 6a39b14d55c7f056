#include "scene/import_log.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace oct;

using Lines = std::vector<std::string>;

TEST_CASE("the same warning of one element is one line with a count", "[scene]") {
  ImportLog log("a.obj");
  log.warn("mesh \"m\"", "is odd");
  log.warn("mesh \"m\"", "is odd");
  log.warn("", "is read");
  CHECK(log.take_warnings() == Lines{"a.obj: mesh \"m\": is odd (2 times)", "a.obj: is read"});
  CHECK(log.take_warnings().empty());
}

TEST_CASE("the same warning of many elements is one line that names the first", "[scene]") {
  ImportLog log("a.obj");
  for (int i = 0; i < 3; ++i) log.warn(fmt::format("mesh {}", i), "is odd");
  CHECK(log.take_warnings() ==
        Lines{"a.obj: mesh 0: is odd", "a.obj: mesh 1: is odd", "a.obj: mesh 2: is odd"});
  for (int i = 0; i < 20'000; ++i) log.warn(fmt::format("mesh {}", i), "is odd");
  log.warn("mesh 1", "is even");
  CHECK(log.take_warnings() == Lines{"a.obj: mesh 0 and 19999 others: is odd", "a.obj: mesh 1: is even"});
}

TEST_CASE("warnings of a library keep its name when they are taken over", "[scene]") {
  ImportLog log("a.obj");
  ImportLog library("a.mtl");
  library.warn("line 2", "is odd");
  library.warn("line 1", "is odd");
  library.warn("line 1", "is odd");
  log.warn("line 1", "is odd");
  log.take_over(library);
  CHECK(log.take_warnings() ==
        Lines{"a.obj: line 1: is odd", "a.mtl: line 2: is odd", "a.mtl: line 1: is odd (2 times)"});
}

TEST_CASE("more than a hundred warnings are counted", "[scene]") {
  ImportLog log("a.obj");
  for (int i = 0; i < 150; ++i) log.warn("", fmt::format("text {}", i));
  const Lines lines = log.take_warnings();
  REQUIRE(lines.size() == 101);
  CHECK(lines.back() == "a.obj: and 50 more");
}

TEST_CASE("what is mended is a fault when strict", "[scene]") {
  ImportLog log("a.obj");
  log.mend("line 1", "is mended");
  CHECK_FALSE(log.has_faults());
  ImportLog strict("a.obj", true);
  strict.warn("line 1", "is ignored");
  CHECK_FALSE(strict.has_faults());
  strict.mend("line 1", "is mended");
  CHECK(strict.error().error.message == "a.obj: line 1: is mended");
}
