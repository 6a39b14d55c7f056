#include "daemon/slave_program.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.hpp"
#include "daemon/daemon_words.hpp"

namespace oct {
namespace {

constexpr Duration kInfoPatience = seconds(30);  // a GPU's driver may have to wake up
constexpr std::size_t kMostOutput = 512 * 1024;
constexpr std::size_t kLongestLine = 1000;  // of what is kept of a slave's words

SlaveExit exit_of(const ChildExit& exit) {
  return {exit.code, exit.signal};
}

}  // namespace

std::vector<std::string> slave_arguments(const DaemonConfig& config, const StartSlave& start) {
  std::vector<std::string> arguments{"--supervised",
                                     "--net-master-address",
                                     start.target.address,
                                     "--net-master-port",
                                     std::to_string(start.target.port),
                                     "--priority",
                                     config.low_priority ? "low" : "normal"};
  if (start.can_rest) arguments.emplace_back("--warm");
  for (const std::uint32_t gpu : config.gpus) {
    arguments.emplace_back("--gpu");
    arguments.push_back(std::to_string(gpu));
  }
  if (config.cpu) arguments.emplace_back("--cpu");
  if (config.threads > 0) {
    arguments.emplace_back("--threads");
    arguments.push_back(std::to_string(config.threads));
  }
  if (!config.name.empty()) arguments.push_back("--name=" + config.name);  // it may begin with a hyphen
  if (!config.cache_folder.empty()) {
    arguments.push_back("--cache-dir=" + config.cache_folder);
    arguments.emplace_back("--cache-size");
    arguments.push_back(std::to_string(config.cache_megabytes));
  }
  if (config.access.insecure && !config.access.key) arguments.emplace_back("--net-insecure");
  return arguments;
}

SlaveProgram::SlaveProgram(EventLoop& loop, const DaemonConfig& config, Log& log, Tell tell)
    : loop_(loop), config_(config), log_(log), tell_(std::move(tell)) {}
SlaveProgram::~SlaveProgram() = default;

FileStamp SlaveProgram::file() const {
  std::error_code error;
  const std::filesystem::path path = path_from_utf8(config_.slave);
  const auto changed = std::filesystem::last_write_time(path, error);
  if (error) return 0;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return 0;
  const auto ticks = static_cast<std::uint64_t>(changed.time_since_epoch().count());
  return (ticks * 0x9e3779b97f4a7c15u ^ size) | 1;
}

// Asking.

void SlaveProgram::ask() {
  asked_file_ = file();
  answer_.clear();
  answer_bytes_ = 0;
  ChildEvents events;
  events.on_line = [this](std::string line) {
    answer_bytes_ += line.size();
    if (answer_bytes_ <= kMostOutput) return answer_.push_back(std::move(line));
    tell_facts(fail(ErrorKind::exhausted, fmt::format("{} --info says too much", config_.slave)));
  };
  events.on_ended = [this](const ChildExit& exit) { answered(exit_of(exit)); };
  auto started = AsyncChild::start(loop_, {config_.slave, {"--info"}}, std::move(events));
  if (!started) {
    return loop_.post([this, error = started.error()] { tell_facts(fail(error)); });
  }
  asked_ = *std::move(started);
  asked_->ask_to_leave();  // it gets no input
  patience_ = loop_.after(kInfoPatience, [this] {
    tell_facts(fail(ErrorKind::timed_out, fmt::format("{} --info did not end within {:.0f} s", config_.slave,
                                                      to_seconds(kInfoPatience))));
  });
}

void SlaveProgram::answered(const SlaveExit& exit) {
  tell_facts(slave_facts_of(config_.slave, answer_, exit));
}

void SlaveProgram::tell_facts(Result<SlaveFacts> facts) {
  asked_.reset();
  patience_.reset();
  answer_.clear();
  tell_(FactsCame{std::move(facts), asked_file_});
}

// Running.

void SlaveProgram::start(const StartSlave& action) {
  const SlaveRun run = run_ = action.run;
  slave_.reset();
  ChildEvents events;
  events.on_line = [this, run](std::string line) {
    if (line.size() > kLongestLine) line.resize(kLongestLine);
    if (!slave_word_of(line)) log_.info("slave", "{}", line);
    tell_(SlaveWrote{run, std::move(line)});
  };
  events.on_ended = [this, run](const ChildExit& exit) {
    slave_.reset();
    log_.info("daemon", "slave ended: {}", exit_text(exit_of(exit)));
    tell_(SlaveEnded{run, exit_of(exit)});
  };
  auto started =
      AsyncChild::start(loop_, {config_.slave, slave_arguments(config_, action)}, std::move(events));
  if (started) {
    slave_ = *std::move(started);
    return log_.info("daemon", "slave started for {}",
                     Endpoint{action.target.address, action.target.port}.text());
  }
  const std::string why = started.error().message;
  log_.error("daemon", "{}", why);
  loop_.post([this, run, why] { tell_(SlaveNotStarted{run, why}); });
}

void SlaveProgram::say(SlaveRun run, const DaemonWord& word) {
  if (run == run_ && slave_) slave_->say(line_of(word));
}

void SlaveProgram::ask_to_rest(SlaveRun run) {
  say(run, RestWord{});
}

void SlaveProgram::send_to(const SendSlaveTo& action) {
  log_.info("daemon", "warm slave sent to {}:{}", action.target.address, action.target.port);
  say(action.run, MasterWord{action.number, action.target.address, action.target.port});
}

void SlaveProgram::ask_to_leave(SlaveRun run) {
  if (run == run_ && slave_) slave_->ask_to_leave();
}

void SlaveProgram::kill(SlaveRun run) {
  if (run == run_ && slave_) slave_->kill();
}

}  // namespace oct
