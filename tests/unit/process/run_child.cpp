#include "run_child.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {

Result<ChildOutput> run_child(const ChildCommand& command, Duration limit, std::size_t max_output) {
  const Instant deadline = std::chrono::steady_clock::now() + limit;
  const auto left = [&] { return std::max(Duration::zero(), deadline - std::chrono::steady_clock::now()); };
  OCT_TRY_ASSIGN(const std::unique_ptr<ChildProcess> child, ChildProcess::start(command));
  child->ask_to_leave();  // it gets no input

  ChildOutput result;
  while (child->read_output(result.text, left())) {
    if (result.text.size() > max_output) {
      return fail(ErrorKind::exhausted,
                  fmt::format("{} said more than {} bytes", command.program, max_output));
    }
    if (left() == Duration::zero()) break;
  }
  const std::optional<ChildExit> exit = child->wait(left());
  if (!exit) {
    return fail(ErrorKind::timed_out,
                fmt::format("{} did not end within {:.0f} s", command.program, to_seconds(limit)));
  }
  result.exit = *exit;
  return result;
}

ChildCommand shell(const std::string& script) {
#if defined(_WIN32)
  return {"C:\\windows\\system32\\cmd.exe", {"/c", script}};
#else
  return {"/bin/sh", {"-c", script}};
#endif
}

}  // namespace oct
