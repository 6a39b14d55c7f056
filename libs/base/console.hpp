#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oct {

/// The program's two streams and its status bar. Every line is flushed at once; nothing that happens to a
/// stream ever ends the program, but lost_output() tells of it. Control characters are escaped, but for line
/// feeds, and wanted_line() takes its text as it is. One thread.
class Console {
 public:
  struct Options {
    bool quiet = false;     ///< errors, warnings, and what was asked for explicitly
    bool no_color = false;  ///< colour is used on terminals alone, and never with NO_COLOR
  };
  explicit Console(const Options& options);

  /// A line on stdout, left out when quiet.
  void line(std::string_view text);
  /// A line on stdout that was asked for: JSON, progress, tables.
  void wanted_line(std::string_view text);
  /// A line on stderr for an operator, left out when quiet.
  void note(std::string_view text);
  void warning(std::string_view text, std::string_view help = {});
  void error(std::string_view text, std::string_view help = {});

  /// Lines on stderr, redrawn in place, also when the terminal has become narrower; other lines go above them. More than one only where redraws_lines().
  void bar(std::string_view text);
  void end_bar();

  /// Whether the terminal can redraw more than one line.
  bool redraws_lines() const { return escapes_; }

  static bool stdout_is_terminal();
  static bool stderr_is_terminal();
  /// Columns of the terminal behind stderr now, 80 where that is not known.
  static std::size_t terminal_width();

 private:
  void labelled(std::string_view label, std::string_view color, std::string_view text, std::string_view help);
  void hide_bar();
  void show_bar();

  Options options_;
  bool escapes_;  ///< the terminal understands escape sequences
  bool color_;
  std::string bar_;
  bool drawn_ = false;
};

/// Why lines on standard output were lost, if any were: a full disk, a limit, a fault. A reader who has closed
/// his pipe, or his terminal, wants no more: that is no loss. Of the whole process; any thread.
std::optional<std::string> lost_output();

/// Lets lost_output() know what shares tell only at the end of a file. May take its time.
void finish_output();

/// What every program does first: UTF-8 on Windows consoles; a closed pipe is an error value, not the end; a
/// stream that is missing goes nowhere.
void prepare_streams();

}  // namespace oct
