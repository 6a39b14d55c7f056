#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace oct {

struct ChildCommand {
  std::string program;  ///< path
  std::vector<std::string> arguments;
  bool errors_too = false;  ///< its standard error goes where its standard output goes, not where ours goes
};

/// How a child ended.
struct ChildExit {
  int code = 0;    ///< its exit code, when no signal ended it
  int signal = 0;  ///< POSIX: what ended it, 0 = it returned
};

/// A running program. It inherits its three streams and nothing else: no socket, no file. It ends when this
/// object does, and when this program does, however that ends. Its standard input stays open until
/// ask_to_leave(), for what say() tells it. One thread at a time; the thread that starts it must live as long as the child is wanted
/// (Linux ties the two together).
class ChildProcess {
 public:
  /// unavailable when the program cannot be started, with the reason.
  static Result<std::unique_ptr<ChildProcess>> start(const ChildCommand& command);
  /// Kills it, if it is still there.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Appends what the child has written to its standard output, waiting at most `timeout` for some. False at
  /// its end.
  bool read_output(std::string& output, Duration timeout);

  /// How it ended, waiting at most `timeout` for it; nothing while it runs.
  std::optional<ChildExit> wait(Duration timeout);

  /// A line into its standard input. Never waits: a child that does not read loses what has no room in the pipe (on
  /// Windows the first 4 kB have). No effect on one that has ended, or was asked to leave.
  void say(const std::string& line);

  /// Closes its standard input: our programs then leave by themselves.
  void ask_to_leave();
  void kill();

 private:
  friend class AsyncChild;
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One argument as Windows programs expect it inside a command line (the rules of CommandLineToArgvW).
std::string quoted_for_windows(const std::string& argument);

}  // namespace oct
