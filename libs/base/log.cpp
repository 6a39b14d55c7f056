#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "base/escaped.hpp"
#include "base/output_target.hpp"

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

/// The first line that was lost, of a log whose file takes no more.
class LogLoss {
 public:
  void note(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (!reason_) reason_ = reason;
  }
  std::optional<std::string> take() {
    const std::lock_guard lock(mutex_);
    if (!reason_ || taken_) return std::nullopt;
    taken_ = true;
    return reason_;
  }

 private:
  std::mutex mutex_;
  std::optional<std::string> reason_;
  bool taken_ = false;
};

class FileLog final : public Log {
 public:
  FileLog(std::shared_ptr<spdlog::logger> logger, LogLevel level, std::shared_ptr<LogLoss> loss)
      : logger_(std::move(logger)), level_(level), loss_(std::move(loss)) {}

  LogLevel level() const override { return level_; }
  void write(LogLevel level, std::string_view who, std::string_view text) override {
    logger_->log(spdlog_level(level), "{}", escaped(fmt::format("{}: {}", who, text)));
  }
  std::optional<Error> take_loss() override {
    const auto reason = loss_->take();
    if (!reason) return std::nullopt;
    return Error{ErrorKind::output, fmt::format("lines of the log file are lost: {}", *reason),
                 "make room; the log goes on as soon as it can be written"};
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
  LogLevel level_;
  std::shared_ptr<LogLoss> loss_;
};

/// A device would be renamed away, a pipe has no beginning.
Result<spdlog::sink_ptr> open_sink(const std::string& path) {
  OCT_TRY_ASSIGN(const OutputTarget target, find_output_target(path));
  if (target.kind == OutputTarget::Kind::stream)
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
  return spdlog::sink_ptr(
      std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kRotateAtBytes, kFilesKept));
}

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
    OCT_TRY_ASSIGN(spdlog::sink_ptr sink, open_sink(path));
    const auto loss = std::make_shared<LogLoss>();
    auto logger = std::make_shared<spdlog::logger>("octane", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->set_level(spdlog_level(level));
    logger->flush_on(spdlog::level::debug);
    logger->set_error_handler([loss](const std::string& reason) { loss->note(reason); });
    return std::unique_ptr<Log>(std::make_unique<FileLog>(std::move(logger), level, loss));
  } catch (const spdlog::spdlog_ex& error) {
    return fail(ErrorKind::output,
                fmt::format("{}: the log file cannot be written: {}", escaped(path), error.what()));
  }
}

}  // namespace oct
