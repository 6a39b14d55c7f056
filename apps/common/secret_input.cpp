#include "common/secret_input.hpp"

#include <cstdio>

#include "security/secret.hpp"

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace oct {
namespace {

constexpr std::size_t kMaxLineBytes = 1024;
constexpr char kCtrlC = 3;

#if defined(_WIN32)

/// While it lives, the console shows nothing of what is typed. CTRL-C ends the program without destructors: a
/// handler sets the console right before that.
class NoEcho {
 public:
  NoEcho() {
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    is_terminal_ = GetConsoleMode(input, &former_) != 0;
    if (!is_terminal_) return;
    SetConsoleCtrlHandler(restore, TRUE);
    SetConsoleMode(input, former_ & ~static_cast<DWORD>(ENABLE_ECHO_INPUT));
  }
  ~NoEcho() {
    if (!is_terminal_) return;
    restore(CTRL_C_EVENT);
    SetConsoleCtrlHandler(restore, FALSE);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  /// Windows calls it on a thread of its own; the mode was set before.
  static BOOL WINAPI restore(DWORD) {
    SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), former_);
    return FALSE;  // and then what would have happened
  }

  static inline DWORD former_ = 0;
  bool is_terminal_ = false;
};

/// One byte; false at the end.
bool read_byte(char& byte) {
  DWORD count = 0;
  return ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &count, nullptr) != 0 && count == 1;
}

#else

/// While it lives, the terminal shows nothing of what is typed, and CTRL-C ends the line in place of the
/// program, which would leave the terminal mute.
class NoEcho {
 public:
  NoEcho() : is_terminal_(isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &former_) == 0) {
    if (!is_terminal_) return;
    termios mute = former_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    mute.c_cc[VEOL] = kCtrlC;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
  }
  ~NoEcho() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &former_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios former_{};
  bool is_terminal_;
};

bool read_byte(char& byte) {
  ssize_t count;
  do {
    count = read(STDIN_FILENO, &byte, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

#endif

}  // namespace

Result<std::string> read_secret_line(const char* prompt) {
  const NoEcho quiet;
  if (quiet.is_terminal()) {
    std::fputs(prompt, stderr);
    std::fflush(stderr);
  }
  std::string line;
  line.reserve(kMaxLineBytes);  // never moved: no copy stays behind
  char byte = 0;
  while (line.size() < kMaxLineBytes && read_byte(byte) && byte != '\n' && byte != kCtrlC) line += byte;
  if (quiet.is_terminal()) std::fputs("\n", stderr);
  const bool too_long = line.size() == kMaxLineBytes;
  if (byte != kCtrlC && !too_long && line.find_first_not_of(" \t\r") != std::string::npos) return line;
  cleanse(line);
  if (byte == kCtrlC) return fail(ErrorKind::cancelled, "cancelled");
  return fail(ErrorKind::invalid_input,
              too_long ? "standard input: not a key, far too long" : "standard input: empty");
}

}  // namespace oct
