#include "process/async_child.hpp"

#include "base/line_cutter.hpp"
#include "support/catch.hpp"
#include "support/loop_thread.hpp"
#include "unit/process/run_child.hpp"

#if !defined(_WIN32)
#include <signal.h>
#endif

using namespace oct;

namespace {

std::vector<std::string> lines_of(std::size_t longest, const std::vector<std::string>& pieces) {
  std::vector<std::string> lines;
  const auto keep = [&](std::string line) { lines.push_back(std::move(line)); };
  LineCutter cutter(longest);
  for (const std::string& piece : pieces) cutter.add(piece, keep);
  cutter.flush(keep);
  return lines;
}

/// A child on a loop, and all that it told.
struct Running {
  explicit Running(const std::string& script) {
    loop.on_loop([&] {
      auto started = AsyncChild::start(loop.loop(), shell(script),
                                       {[this](std::string line) { lines.push_back(std::move(line)); },
                                        [this](const ChildExit& exit) { ends.push_back(exit); }});
      REQUIRE(started.has_value());
      child = *std::move(started);
      return 0;
    });
  }
  ~Running() {
    loop.on_loop([this] {
      child.reset();
      return 0;
    });
  }
  bool wait_for_end() {
    return loop.wait_until([this] { return !ends.empty(); });
  }

  test::LoopThread loop;
  std::unique_ptr<AsyncChild> child;
  std::vector<std::string> lines;
  std::vector<ChildExit> ends;
};

}  // namespace

TEST_CASE("a stream is cut into lines, wherever its pieces end", "[process]") {
  using Lines = std::vector<std::string>;
  CHECK(lines_of(100, {"one\ntw", "o\r\n\n", "three"}) == Lines{"one", "two", "", "three"});
  CHECK(lines_of(4, {"abcdefghij\nk"}) == Lines{"abcd", "efgh", "ij", "k"});
  CHECK(lines_of(4, {"abcd\n"}) == Lines{"abcd"});
  CHECK(lines_of(4, {}).empty());
}

TEST_CASE("an asynchronous child's lines come, of both streams, and then its end", "[process]") {
  Running child("echo one&& echo two 1>&2&& exit 7");
  REQUIRE(child.wait_for_end());
  REQUIRE(child.lines.size() == 2);
  CHECK(child.lines[0].substr(0, 3) == "one");
  CHECK(child.lines[1].substr(0, 3) == "two");
  CHECK(child.ends.at(0).code == 7);
}

TEST_CASE("a program that is not there cannot be started", "[process]") {
  test::LoopThread loop;
  const auto failed = loop.on_loop([&] {
    auto started = AsyncChild::start(loop.loop(), {"/no/such/program", {}},
                                     {[](std::string) {}, [](const ChildExit&) {}});
    return started ? std::string() : started.error().message;
  });
  CHECK(failed.find("/no/such/program cannot be started") == 0);
}

#if !defined(_WIN32)

TEST_CASE("much output arrives whole", "[process]") {
  Running child("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
  REQUIRE(child.wait_for_end());
  REQUIRE(child.lines.size() == 20000);
  CHECK(child.lines.back() == "line 19999");
}

TEST_CASE("the end of its input asks an asynchronous child to leave, a kill makes it", "[process]") {
  Running polite("cat > /dev/null; echo bye; exit 3");
  polite.loop.on_loop([&] {
    polite.child->ask_to_leave();
    return 0;
  });
  REQUIRE(polite.wait_for_end());
  CHECK(polite.lines == std::vector<std::string>{"bye"});
  CHECK(polite.ends[0].code == 3);

  Running stubborn("trap '' TERM; echo here; while true; do sleep 100; done");
  REQUIRE(stubborn.loop.wait_until([&] { return !stubborn.lines.empty(); }));
  stubborn.loop.on_loop([&] {
    stubborn.child->kill();
    return 0;
  });
  REQUIRE(stubborn.wait_for_end());
  CHECK(stubborn.ends[0].signal == SIGKILL);
}

TEST_CASE("a child that leaves somebody behind has ended all the same", "[process]") {
  Running child("(trap '' HUP; sleep 30) & echo parent; exit 0");
  REQUIRE(child.wait_for_end());
  CHECK(child.lines.at(0) == "parent");
}

TEST_CASE("who lets an asynchronous child go kills it, from inside its line too", "[process]") {
  test::LoopThread loop;
  std::unique_ptr<AsyncChild> child;
  int lines = 0, ends = 0;
  loop.on_loop([&] {
    auto started = AsyncChild::start(loop.loop(), shell("echo a; echo b; sleep 100"),
                                     {[&](std::string) {
                                        ++lines;
                                        child.reset();
                                      },
                                      [&](const ChildExit&) { ++ends; }});
    child = *std::move(started);
    return 0;
  });
  REQUIRE(loop.wait_until([&] { return lines > 0; }));
  CHECK(loop.on_loop([&] { return lines; }) == 1);
  CHECK(loop.on_loop([&] { return ends; }) == 0);
}

#endif
