#include "octane_daemon/options.hpp"

#include <fmt/format.h>

#include "common/build_report.hpp"
#include "common/cache_options.hpp"
#include "common/name_pattern.hpp"

namespace oct {
namespace {

constexpr double kMostKeepWarmMinutes = 7 * 24 * 60;

#if defined(_WIN32)
constexpr const char* kSlaveName = "octane_slave.exe";
#else
constexpr const char* kSlaveName = "octane_slave";
#endif

CommandLineSpec daemon_spec() {
  CommandLineSpec spec;
  spec.program = "octane_daemon";
  spec.usage = {"octane_daemon [OPTION...]     lends this computer to one master at a time, until CTRL-C",
                "octane_daemon --status|--pause MINUTES|--unpause|--stop [--port N]     controls the daemon "
                "that runs here"};
  spec.groups = {
      {"This daemon",
       {{"--port N (48000)", "where masters find it (UDP and TCP)"},
        {"--bind ADDRESS", "listen at this address of this computer only"},
        {"--name NAME",
         "name shown to masters (the computer's); %h is the computer, %j the job of an engine"},
        {"--net-insecure", "lend to other computers without a key"},
        {"--activate FILE|-", "store the farm key from a file or standard input, and exit"},
        {"--log-file FILE", "write a log with everything the slave prints, rotated at 10 MB"},
        {"-q,--quiet", "only errors and warnings"}}},
      {"Its slave",
       {{"--slave PATH", "the octane_slave to start; by default the one beside this program"},
        {"-g,--gpu N", "GPUs it may use, by number (repeat; all)"},
        {"--cpu", "it also lends the CPU; without a GPU it does anyway"},
        {"--threads N", "CPU threads to use (all)"},
        {"--keep-warm MINUTES (10)",
         "keep it this long after a render, its scenes in memory, for the next one; 0 = end it"},
        {"--cache-dir FOLDER", "it keeps what masters send there, so that it need not be sent again"},
        {"--cache-size MB (20000)", "upper bound on the size of --cache-dir"},
        {"--priority low|normal (low)", "low: the person at this computer comes first"}}},
      {"When it lends",
       {{"--idle-only MINUTES", "only after so long without keyboard and mouse"},
        {"--hours FROM-TO", "only at these times of the day, for example 19-07 or 7:30-19"}}},
      {"The daemon that runs here",
       {{"--status", "show what it does"},
        {"--pause MINUTES", "take the computer back from masters; 0 = until --unpause"},
        {"--unpause", "end the pause"},
        {"--stop", "stop its slave, then the daemon"},
        {"--json", "print the answer as one JSON object"}}},
  };
  return spec;
}

Result<void> read_slave(const CommandLine& line, const std::string& folder, DaemonConfig& config) {
  for (const std::string& gpu : line.list("gpu")) {
    const auto number = parse_whole(gpu);
    if (gpu == "all") continue;
    if (!number || *number > 255)
      return fail(ErrorKind::invalid_input,
                  fmt::format("--gpu {}: must be all, or a number such as 0 or 0,1", gpu));
    config.gpus.push_back(static_cast<std::uint32_t>(*number));
  }
  OCT_TRY_ASSIGN(const auto threads, line.whole("threads", 1, 4096));
  OCT_TRY_ASSIGN(const auto priority, line.choice("priority", {"low", "normal"}));
  OCT_TRY_ASSIGN(const auto keep_warm, line.number("keep-warm", 0, kMostKeepWarmMinutes));
  OCT_TRY(read_cache(line, config.cache_folder, config.cache_megabytes));
  if (keep_warm)
    config.limits.warm.keep =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*keep_warm * 60));
  config.slave = line.text("slave").value_or(folder + kSlaveName);
  config.cpu = line.has("cpu");
  config.threads = static_cast<std::uint32_t>(threads.value_or(0));
  config.low_priority = priority.value_or(0) == 0;
  return {};
}

Result<void> read_lending(const CommandLine& line, LendingChoice& lending) {
  OCT_TRY_ASSIGN(const auto minutes, line.whole("idle-only", 1, kMaxPauseMinutes));
  if (minutes) lending.idle_for = std::chrono::minutes(*minutes);
  const auto text = line.text("hours");
  if (!text) return {};
  auto hours = daily_hours_from_text(*text);
  if (!hours) return fail(hours.error().kind, "--hours " + hours.error().message, hours.error().help);
  lending.hours = *hours;
  return {};
}

/// What is asked of the daemon that runs here; at most one thing.
Result<void> read_control(const CommandLine& line, DaemonCommand& command) {
  OCT_TRY_ASSIGN(const auto minutes, line.whole("pause", 0, kMaxPauseMinutes));
  int commands = 0;
  const auto command_option = [&](const char* name, ControlCommand which) {
    if (!line.has(name)) return;
    ++commands;
    command.kind = DaemonCommand::Kind::control;
    command.request.command = which;
  };
  command_option("status", ControlCommand::status);
  command_option("pause", ControlCommand::pause);
  command_option("unpause", ControlCommand::unpause);
  command_option("stop", ControlCommand::stop);
  command.request.minutes = static_cast<std::uint32_t>(minutes.value_or(0));
  command.json = line.has("json");
  if (commands > 1)
    return fail(ErrorKind::invalid_input, "one of --status, --pause, --unpause and --stop is enough");
  if (command.json && commands == 0)
    return fail(ErrorKind::invalid_input, "--json goes with --status, --pause, --unpause or --stop");
  return {};
}

}  // namespace

Result<DaemonCommand> parse_daemon_command(const std::vector<std::string>& arguments,
                                           const std::string& folder) {
  const CommandLineSpec spec = daemon_spec();
  OCT_TRY_ASSIGN(const CommandLine line, CommandLine::parse(spec, arguments));
  DaemonCommand command;
  if (line.has("help") || line.has("version")) {
    command.kind = line.has("help") ? DaemonCommand::Kind::help : DaemonCommand::Kind::version;
    command.text = line.has("help") ? help_text(spec) : version_line(spec.program);
    return command;
  }
  if (!line.positional().empty()) {
    return fail(ErrorKind::invalid_input, fmt::format("{} is not an option", line.positional().front()),
                spec.usage.front());
  }
  if (const auto source = line.text("activate")) {
    command.kind = DaemonCommand::Kind::activate;
    command.key_source = *source;
    return command;
  }
  DaemonConfig& config = command.config;
  OCT_TRY(read_slave(line, folder, config));
  OCT_TRY(read_lending(line, config.lending));
  OCT_TRY(read_control(line, command));
  OCT_TRY_ASSIGN(const auto port, line.whole("port", kMinPort, 65535));
  config.port = static_cast<std::uint16_t>(port.value_or(kDaemonPort));
  config.bind = line.text("bind").value_or("");
  OCT_TRY_ASSIGN(config.name, name_of_pattern("--name", line.text("name").value_or("")));
  config.access.insecure = line.has("net-insecure");
  config.log_file = line.text("log-file").value_or("");
  config.quiet = line.has("quiet");
  return command;
}

}  // namespace oct
