#include "base/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/columns.hpp"
#include "base/escaped.hpp"

#if defined(_WIN32)
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::atomic<int> lost_output_code{0};  // of the process, as its standard output is

#if defined(_WIN32)

int write_all(std::FILE* stream, std::string_view text) {
  errno = 0;
  const bool done =
      std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
  if (!done) std::clearerr(stream);
  return done ? 0 : errno;
}

/// A terminal that has gone has no reader, either.
bool nobody_reads(std::FILE*, int code) {
  return code == EPIPE || code == EBADF || code == EINVAL;
}

/// What a share says of writes only now.
int delayed_failure(std::FILE*) {
  return 0;
}

#else

/// Past the buffers of <cstdio>, which drop what could not be written at once. 0, or why not.
int write_all(std::FILE* stream, std::string_view text) {
  const int descriptor = fileno(stream);
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody made it non-blocking
      pollfd room{descriptor, POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/// A terminal that has gone has no reader, either.
bool nobody_reads(std::FILE* stream, int code) {
  struct stat status {};
  if (code == EPIPE || code == EBADF) return true;
  return code == EIO && fstat(fileno(stream), &status) == 0 && S_ISCHR(status.st_mode);
}

/// Shares say only when a file is closed what they could not store.
int delayed_failure(std::FILE* stream) {
  const int copy = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 3);
  return copy < 0 || ::close(copy) == 0 ? 0 : errno;
}

#endif

void note_loss(std::FILE* stream, int code) {
  int none = 0;
  if (stream == stdout && code != 0 && !nobody_reads(stream, code))
    lost_output_code.compare_exchange_strong(none, code);
}

void put(std::FILE* stream, std::string_view text) {
  note_loss(stream, write_all(stream, text));
}

void put_line(std::FILE* stream, std::string_view text) {
  put(stream, std::string(text) + '\n');
}

/// Lines behind the first are indented, so that none of them looks like a message of its own.
std::string message_of(std::string_view text, std::size_t indent) {
  std::string message;
  for (const char c : escaped_lines(text)) {
    message += c;
    if (c == '\n') message.append(indent, ' ');
  }
  return message;
}

bool understands_escapes() {
  if (!Console::stderr_is_terminal()) return false;
#if defined(_WIN32)
  const HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  return GetConsoleMode(handle, &mode) && SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
#else
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) != "dumb";
#endif
}

}  // namespace

void finish_output() {
  note_loss(stdout, delayed_failure(stdout));
}

std::optional<std::string> lost_output() {
  const int code = lost_output_code.load();
  return code == 0 ? std::nullopt : std::optional(std::generic_category().message(code));
}

Console::Console(const Options& options)
    : options_(options),
      escapes_(understands_escapes()),
      color_(escapes_ && !options.no_color && std::getenv("NO_COLOR") == nullptr) {}

void Console::line(std::string_view text) {
  if (!options_.quiet) wanted_line(escaped_lines(text));
}

void Console::wanted_line(std::string_view text) {
  hide_bar();
  put_line(stdout, text);
  show_bar();
}

void Console::note(std::string_view text) {
  if (options_.quiet) return;
  hide_bar();
  put_line(stderr, escaped_lines(text));
  show_bar();
}

void Console::warning(std::string_view text, std::string_view help) {
  labelled("warning:", kYellow, text, help);
}

void Console::error(std::string_view text, std::string_view help) {
  labelled("error:", kRed, text, help);
}

void Console::labelled(std::string_view label, std::string_view color, std::string_view text,
                       std::string_view help) {
  hide_bar();
  std::string message = color_ ? fmt::format("{}{}{} ", color, label, kPlain) : fmt::format("{} ", label);
  message += message_of(text, label.size() + 1);
  if (!help.empty()) message += fmt::format("\nhelp: {}", message_of(help, 6));
  put_line(stderr, message);
  show_bar();
}

void Console::bar(std::string_view text) {
  hide_bar();
  bar_ = escaped_lines(text);
  show_bar();
}

void Console::end_bar() {
  hide_bar();
  bar_.clear();
}

void Console::hide_bar() {
  if (!std::exchange(drawn_, false)) return;
  // It may have become narrower since: most terminals then break the lines that they show.
  const std::size_t width = terminal_width();
  const std::size_t rows_above = rows_of(bar_, width) - 1;
  if (!escapes_) {
    put(stderr, fmt::format("\r{:{}}\r", "", std::min(bar_.size(), width - 1)));
  } else if (rows_above > 0) {
    put(stderr, fmt::format("\r\x1b[{}A\x1b[J", rows_above));
  } else {
    put(stderr, "\r\x1b[K");
  }
}

void Console::show_bar() {
  if (bar_.empty()) return;
  put(stderr, bar_);
  drawn_ = true;
}

#if defined(_WIN32)

bool Console::stdout_is_terminal() {
  return _isatty(_fileno(stdout)) != 0;
}
bool Console::stderr_is_terminal() {
  return _isatty(_fileno(stderr)) != 0;
}

std::size_t Console::terminal_width() {
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_ERROR_HANDLE), &info)) return 80;
  return static_cast<std::size_t>(std::max(1, info.srWindow.Right - info.srWindow.Left + 1));
}

void prepare_streams() {
  SetConsoleOutputCP(CP_UTF8);
}

#else

bool Console::stdout_is_terminal() {
  return isatty(STDOUT_FILENO) != 0;
}
bool Console::stderr_is_terminal() {
  return isatty(STDERR_FILENO) != 0;
}

std::size_t Console::terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// A stream that was closed before we began would give its number to the next socket, and that what we print.
static void occupy_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return;
  }
}

void prepare_streams() {
  occupy_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);
}

#endif

}  // namespace oct
