#include "report/report_log.hpp"

#include <fmt/chrono.h>

#include <ctime>

#include "base/escaped.hpp"

namespace oct {

std::string time_of_day_text() {
  return fmt::format("{:%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

void ReportLog::write(LogLevel level, std::string_view who, std::string_view text) {
  if (level == LogLevel::debug)
    console_.note(escaped(fmt::format("{}   debug {}: {}", time_of_day_text(), who, text)));
  if (file_ != nullptr) file_->write(level, who, text);
}

}  // namespace oct
