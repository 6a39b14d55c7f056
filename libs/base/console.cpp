#include "base/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#if defined(_WIN32)
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

void put(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);  // nobody can be told when this fails
}

void put_line(std::FILE* stream, std::string_view text) {
  put(stream, text);
  put(stream, "\n");
  std::fflush(stream);
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

Console::Console(const Options& options)
    : options_(options),
      escapes_(understands_escapes()),
      color_(escapes_ && !options.no_color && std::getenv("NO_COLOR") == nullptr) {}

void Console::line(std::string_view text) {
  if (!options_.quiet) wanted_line(text);
}

void Console::wanted_line(std::string_view text) {
  hide_bar();
  put_line(stdout, text);
  show_bar();
}

void Console::note(std::string_view text) {
  if (options_.quiet) return;
  hide_bar();
  put_line(stderr, text);
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
  if (color_) put(stderr, color);
  put(stderr, label);
  if (color_) put(stderr, kPlain);
  put(stderr, " ");
  put_line(stderr, text);
  if (!help.empty()) {
    put(stderr, "help: ");
    put_line(stderr, help);
  }
  show_bar();
}

void Console::bar(std::string_view text) {
  hide_bar();
  bar_ = text;
  show_bar();
}

void Console::end_bar() {
  hide_bar();
  bar_.clear();
}

void Console::hide_bar() {
  if (!drawn_) return;
  const auto lines_above = std::count(bar_.begin(), bar_.end(), '\n');
  if (lines_above > 0) put(stderr, fmt::format("\r\x1b[{}A\x1b[J", lines_above));
  if (lines_above == 0) put(stderr, fmt::format("\r{:{}}\r", "", bar_.size()));
  std::fflush(stderr);
  drawn_ = false;
}

void Console::show_bar() {
  if (bar_.empty()) return;
  put(stderr, bar_);
  std::fflush(stderr);
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
  return static_cast<std::size_t>(info.srWindow.Right - info.srWindow.Left + 1);
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
