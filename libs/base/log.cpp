#include "base/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

namespace oct {
namespace {

constexpr std::size_t kRotateAtBytes = 10'000'000;
constexpr std::size_t kFilesKept = 3;

class NullLog final : public Log {
 public:
  LogLevel level() const override { return LogLevel::error; }
  void write(LogLevel, std::string_view, std::string_view) override {}
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::debug: return spdlog::level::debug;
  }
  return spdlog::level::info;
}

class FileLog final : public Log {
 public:
  FileLog(std::shared_ptr<spdlog::logger> logger, LogLevel level)
      : logger_(std::move(logger)), level_(level) {}

  LogLevel level() const override { return level_; }
  void write(LogLevel level, std::string_view who, std::string_view text) override {
    logger_->log(spdlog_level(level), "{}: {}", who, text);
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
  LogLevel level_;
};

}  // namespace

const char* to_string(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "info";
}

Result<LogLevel> log_level_from_text(std::string_view text) {
  for (const LogLevel level : {LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug}) {
    if (text == to_string(level)) return level;
  }
  return fail(ErrorKind::invalid_input, fmt::format("unknown log level \"{}\"", text),
              "one of error, warning, info, debug");
}

std::unique_ptr<Log> make_null_log() {
  return std::make_unique<NullLog>();
}

Result<std::unique_ptr<Log>> make_file_log(const std::string& path, LogLevel level) {
  try {
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kRotateAtBytes, kFilesKept);
    auto logger = std::make_shared<spdlog::logger>("octane", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->set_level(spdlog_level(level));
    logger->flush_on(spdlog::level::debug);
    logger->set_error_handler([](const std::string&) {});  // a full disk must not end a render
    return std::unique_ptr<Log>(std::make_unique<FileLog>(std::move(logger), level));
  } catch (const spdlog::spdlog_ex& error) {
    return fail(ErrorKind::output, fmt::format("{}: the log file cannot be written: {}", path, error.what()));
  }
}

}  // namespace oct
