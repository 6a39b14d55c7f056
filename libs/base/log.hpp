#pragma once
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace oct {

enum class LogLevel { error, warning, info, debug };

Result<LogLevel> log_level_from_text(std::string_view text);
const char* to_string(LogLevel level);

/// One line per event: time, level, who, what, key=value. Passed in, never global. Any thread.
/// It never throws and never ends a program, whatever happens to its stream or file.
class Log {
 public:
  virtual ~Log() = default;

  virtual LogLevel level() const = 0;
  virtual void write(LogLevel level, std::string_view who, std::string_view text) = 0;
  /// Once, when lines were lost: that they were, why, and what helps.
  virtual std::optional<Error> take_loss() { return std::nullopt; }

  template <class... Args>
  void error(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
    write_formatted(LogLevel::error, who, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
    write_formatted(LogLevel::warning, who, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
    write_formatted(LogLevel::info, who, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void debug(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
    write_formatted(LogLevel::debug, who, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void write_formatted(LogLevel level, std::string_view who, fmt::format_string<Args...> format,
                       Args&&... args) {
    if (level > this->level()) return;
    write(level, who, fmt::format(format, std::forward<Args>(args)...));
  }
};

/// Writes nothing: for tests and tools.
std::unique_ptr<Log> make_null_log();

/// Writes lines to a file, rotated at 10 MB with three kept; devices and pipes are never rotated. Each event is
/// one line: control characters are escaped. Unwritable path = output error.
Result<std::unique_ptr<Log>> make_file_log(const std::string& path, LogLevel level);

}  // namespace oct
