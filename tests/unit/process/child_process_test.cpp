#include "process/child_process.hpp"

#include "run_child.hpp"
#include "support/catch.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#endif

using namespace oct;

TEST_CASE("arguments survive a Windows command line", "[process]") {
  CHECK(quoted_for_windows("plain") == "plain");
  CHECK(quoted_for_windows("") == "\"\"");
  CHECK(quoted_for_windows("two words") == "\"two words\"");
  CHECK(quoted_for_windows("a\"b") == "\"a\\\"b\"");
  CHECK(quoted_for_windows("C:\\my files\\") == "\"C:\\my files\\\\\"");
  CHECK(quoted_for_windows("C:\\plain\\") == "C:\\plain\\");
}

TEST_CASE("output and exit code of a child come back", "[process]") {
  const auto output = run_child(shell("echo hello&& exit 7"), seconds(20), 1000);
  REQUIRE(output.has_value());
  CHECK(output->text.substr(0, 5) == "hello");
  CHECK(output->exit.code == 7);
  CHECK(output->exit.signal == 0);
}

TEST_CASE("a program that is not there is an error that says so", "[process]") {
  const auto output = run_child({"/no/such/program", {}}, seconds(5), 1000);
  REQUIRE_FALSE(output.has_value());
  CHECK(output.error().kind == ErrorKind::unavailable);
  CHECK(output.error().message.find("/no/such/program") == 0);
}

#if !defined(_WIN32)

TEST_CASE("a child that does not end is killed", "[process]") {
  const Instant start = std::chrono::steady_clock::now();
  const auto output = run_child(shell("sleep 100"), milliseconds(200), 1000);
  REQUIRE_FALSE(output.has_value());
  CHECK(output.error().kind == ErrorKind::timed_out);
  CHECK(to_seconds(std::chrono::steady_clock::now() - start) < 10);
}

TEST_CASE("a child that talks too much is stopped", "[process]") {
  const auto output = run_child(shell("while true; do echo much; done"), seconds(20), 10000);
  REQUIRE_FALSE(output.has_value());
  CHECK(output.error().kind == ErrorKind::exhausted);
}

TEST_CASE("a child inherits its three streams and nothing else", "[process]") {
  const int leak = open("/dev/null", O_RDONLY);  // as a library would open it: without close-on-exec
  REQUIRE(leak >= 3);
  // the shell itself may hold a descriptor for the listing, but not ours
  const auto output = run_child(
      shell("[ -e /proc/self/fd/" + std::to_string(leak) + " ] && echo leaked; echo end"), seconds(20), 1000);
  close(leak);
  REQUIRE(output.has_value());
  CHECK(output->text == "end\n");
}

TEST_CASE("a child is told lines, the end of its input asks it to leave, a kill makes it", "[process]") {
  auto polite = ChildProcess::start(shell("cat > /dev/null; exit 3"));
  REQUIRE(polite.has_value());
  CHECK_FALSE((*polite)->wait(milliseconds(30)).has_value());
  (*polite)->ask_to_leave();
  const auto left = (*polite)->wait(seconds(20));
  REQUIRE(left.has_value());
  CHECK(left->code == 3);

  auto told =
      ChildProcess::start(shell("read line; [ \"$line\" = 'two words' ] && cat > /dev/null && exit 4"));
  REQUIRE(told.has_value());
  (*told)->say("two words");
  CHECK_FALSE((*told)->wait(milliseconds(30)).has_value());
  (*told)->ask_to_leave();
  (*told)->say("too late");
  const auto obeyed = (*told)->wait(seconds(20));
  REQUIRE(obeyed.has_value());
  CHECK(obeyed->code == 4);

  auto deaf = ChildProcess::start(shell("sleep 100"));
  REQUIRE(deaf.has_value());
  for (int i = 0; i < 2000; ++i) (*deaf)->say(std::string(100, 'x'));  // more than a pipe holds

  auto stubborn = ChildProcess::start(shell("sleep 100"));
  REQUIRE(stubborn.has_value());
  (*stubborn)->kill();
  const auto killed = (*stubborn)->wait(seconds(20));
  REQUIRE(killed.has_value());
  CHECK(killed->signal == SIGKILL);
}

#endif
