#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "process/child_state.hpp"

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace oct {
namespace {

/// Both ends of a pipe that no child inherits unless it is told to.
struct Pipe {
  int read = -1, write = -1;

  static bool open(Pipe& pipe) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return false;
    pipe.read = ends[0];
    pipe.write = ends[1];
    return fcntl(pipe.read, F_SETFD, FD_CLOEXEC) == 0 && fcntl(pipe.write, F_SETFD, FD_CLOEXEC) == 0;
  }
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    if (read >= 0) close(read);
    if (write >= 0) close(write);
  }
};

/// Everything above standard error but `keep` is closed. Between fork and exec: async-signal-safe calls
/// alone.
void close_others(int keep) {
#if defined(__linux__) && defined(SYS_close_range)
  const bool below = keep <= 3 || syscall(SYS_close_range, 3u, static_cast<unsigned>(keep - 1), 0u) == 0;
  if (below && syscall(SYS_close_range, static_cast<unsigned>(keep + 1), ~0u, 0u) == 0) return;
#endif
  const long most = sysconf(_SC_OPEN_MAX);
  for (int descriptor = 3; descriptor < most; ++descriptor) {
    if (descriptor != keep) close(descriptor);
  }
}

/// The child's side, up to exec. Tells the reason through `failure` when there is no exec.
[[noreturn]] void become(const char* program, char* const* arguments, int input, int output, bool errors_too,
                         int failure, pid_t parent) {
  setpgid(0, 0);  // CTRL-C in our terminal is for us to pass on
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it ended before that took effect
#else
  (void)parent;
#endif
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
      (!errors_too || dup2(output, STDERR_FILENO) >= 0)) {
    close_others(failure);
    execv(program, arguments);
  }
  const int reason = errno;
  [[maybe_unused]] const ssize_t written = write(failure, &reason, sizeof reason);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const ChildCommand& command) {
  const auto failed = [&](int reason) {
    return fail(ErrorKind::unavailable, fmt::format("{} cannot be started: {}", command.program,
                                                    std::generic_category().message(reason)));
  };
  Pipe input, output, failure;
  if (!Pipe::open(input) || !Pipe::open(output) || !Pipe::open(failure)) return failed(errno);
  fcntl(input.write, F_SETFL, O_NONBLOCK);  // our end alone
  std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
  for (const std::string& argument : command.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return failed(errno);
  if (pid == 0)
    become(command.program.c_str(), arguments.data(), input.read, output.write, command.errors_too,
           failure.write, parent);

  auto state = std::make_unique<State>();
  state->pid = pid;
  state->input = std::exchange(input.write, -1);
  state->output = std::exchange(output.read, -1);
  auto child = std::unique_ptr<ChildProcess>(new ChildProcess(std::move(state)));
  close(std::exchange(failure.write, -1));
  int reason = 0;
  ssize_t got = 0;
  do {
    got =
        read(failure.read, &reason, sizeof reason);  // ends with exec, or with the reason why there was none
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof reason)) return failed(reason);
  return child;
}

ChildProcess::~ChildProcess() {
  ask_to_leave();
  if (!state_->look()) {
    kill();
    int status = 0;
    waitpid(state_->pid, &status, 0);
  }
  if (state_->output >= 0) close(state_->output);
}

bool ChildProcess::read_output(std::string& output, Duration timeout) {
  pollfd wanted{state_->output, POLLIN, 0};
  const auto wait_ms = std::chrono::duration_cast<milliseconds>(timeout).count();
  const int ready = poll(&wanted, 1, static_cast<int>(std::min<long long>(wait_ms, 1'000'000)));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
  std::array<char, 65536> buffer;
  const ssize_t got = read(state_->output, buffer.data(), buffer.size());
  if (got <= 0) return got < 0 && errno == EINTR;
  output.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<ChildExit> ChildProcess::wait(Duration timeout) {
  const Instant deadline = steady_now() + timeout;
  while (true) {
    if (const auto exit = state_->look()) return exit;
    if (steady_now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(milliseconds(2));
  }
}

void ChildProcess::say(const std::string& line) {
  if (state_->input < 0) return;
  const std::string whole = line + "\n";  // short: the system writes it as a whole or not at all
  ssize_t written = 0;
  do {
    written = write(state_->input, whole.data(), whole.size());
  } while (written < 0 && errno == EINTR);
}

void ChildProcess::ask_to_leave() {
  if (state_->input >= 0) close(std::exchange(state_->input, -1));
}

void ChildProcess::kill() {
  if (!state_->look()) ::kill(-state_->pid, SIGKILL);
}

}  // namespace oct
