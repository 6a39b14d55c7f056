#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/console.hpp"
#include "base/log.hpp"

namespace oct {

/// "12:04:10", local time.
std::string time_of_day_text();

/// Debug lines on stderr, everything into the log file. The other levels reach stderr in words of their own.
class ReportLog final : public Log {
 public:
  /// `console` must outlive it. `file` may be none.
  ReportLog(Console& console, std::unique_ptr<Log> file, LogLevel level)
      : console_(console), file_(std::move(file)), level_(level) {}

  LogLevel level() const override { return level_; }
  void write(LogLevel level, std::string_view who, std::string_view text) override;
  std::optional<Error> take_loss() override { return file_ == nullptr ? std::nullopt : file_->take_loss(); }

 private:
  Console& console_;
  std::unique_ptr<Log> file_;
  LogLevel level_;
};

}  // namespace oct
