#include "base/exit_code.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("each kind of error ends a program with the documented code", "[base]") {
  const auto code = [](ErrorKind kind) { return static_cast<int>(exit_code_of(kind)); };
  CHECK(code(ErrorKind::invalid_input) == 2);
  CHECK(code(ErrorKind::output) == 4);
  CHECK(code(ErrorKind::exhausted) == 5);
  CHECK(code(ErrorKind::unavailable) == 6);
  CHECK(code(ErrorKind::timed_out) == 6);
  CHECK(code(ErrorKind::protocol) == 6);
  CHECK(code(ErrorKind::incompatible) == 7);
  CHECK(code(ErrorKind::cancelled) == 130);
  CHECK(code(ErrorKind::internal) == 1);
}
