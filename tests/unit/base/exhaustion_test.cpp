#include "base/exhaustion.hpp"

#include <cerrno>
#include <new>
#include <stdexcept>

#include "base/process_limits.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

/// As Asio's, which has the system's numbers and none of its conditions.
class ForeignCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "asio.system"; }
  std::string message(int) const override { return "words"; }
};

std::system_error system_error(int code) {
  return std::system_error(code, std::generic_category(), "what");
}

}  // namespace

TEST_CASE("too little memory, threads or files is not a bug", "[base]") {
  CHECK(error_of(std::bad_alloc()).kind == ErrorKind::exhausted);
  CHECK(error_of(std::length_error("vector")).kind == ErrorKind::exhausted);
  CHECK(error_of(system_error(EAGAIN)).kind == ErrorKind::exhausted);
  CHECK(error_of(system_error(EAGAIN)).message.find("thread") != std::string::npos);
  CHECK(error_of(system_error(ENOMEM)).kind == ErrorKind::exhausted);
  const ForeignCategory foreign;
  for (const int code : {EMFILE, ENFILE}) {
    const Error own = error_of(system_error(code));
    CHECK(own.kind == ErrorKind::exhausted);
    CHECK(own.message.find("too many open files") != std::string::npos);
    CHECK_FALSE(own.help.empty());
    CHECK(error_of(std::system_error(code, foreign)).kind == ErrorKind::exhausted);
  }
}

TEST_CASE("what nobody foresaw is a bug", "[base]") {
  CHECK(error_of(std::runtime_error("odd")).kind == ErrorKind::internal);
  CHECK(error_of(std::runtime_error("odd")).message == "odd");
  CHECK(error_of(system_error(EINVAL)).kind == ErrorKind::internal);
  CHECK(error_of(std::out_of_range("vector")).kind == ErrorKind::internal);
}

TEST_CASE("errors of files have their kind, but for too many of them", "[base]") {
  CHECK(file_error(ErrorKind::output, "a.png", ENOSPC).kind == ErrorKind::output);
  CHECK(file_error(ErrorKind::output, "a.png", ENOSPC).message.starts_with("a.png: "));
  const Error files = file_error(ErrorKind::output, "a.png", EMFILE);
  CHECK(files.kind == ErrorKind::exhausted);
  CHECK(files.message.starts_with("a.png: too many open files"));
}

TEST_CASE("this process may have open files, and runs what it is given", "[base]") {
  raise_process_limits();
  const auto limit = open_files_limit();
  if (limit) CHECK(*limit > 8);
  bool ran = false;
  with_enough_stack([&] { ran = true; });
  CHECK(ran);
  CHECK_THROWS_AS(with_enough_stack([] { throw std::runtime_error("out"); }), std::runtime_error);
}
