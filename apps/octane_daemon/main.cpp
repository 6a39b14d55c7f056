#include <csignal>

#include "base/config_folder.hpp"
#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "common/activation.hpp"
#include "common/arguments.hpp"
#include "common/program.hpp"
#include "daemon/control_client.hpp"
#include "daemon/daemon_app.hpp"
#include "daemon/daemon_text.hpp"
#include "octane_daemon/options.hpp"

namespace {

using namespace oct;

ExitCode run_daemon(Console& console, DaemonConfig config) {
#if defined(SIGHUP)
  std::signal(SIGHUP, SIG_IGN);  // its terminal was closed: no reason to end
#endif
  auto access = network_access(config.access.insecure, console);
  if (!access) {
    console.error(access.error().message, access.error().help);
    return ExitCode::activation;
  }
  config.access = *std::move(access);
  auto folder = config_folder();
  if (folder) config.folder = *std::move(folder);
  if (!folder) console.warning(folder.error().message, folder.error().help);
  return DaemonApp(std::move(config)).run();
}

ExitCode speak_to_daemon(Console& console, const DaemonCommand& command) {
  const DaemonConfig& config = command.config;
  const std::string address = is_loopback(config.bind) ? config.bind : "127.0.0.1";
  const auto answer = ask_running_daemon(address, config.port, command.request);
  if (!answer) {
    console.error(answer.error().message, answer.error().help);
    return ExitCode::network;
  }
  const bool is_stopped = command.request.command == ControlCommand::stop;
  console.wanted_line(command.json ? status_json(*answer)
                      : is_stopped ? stopped_text(*answer)
                                   : status_text(*answer));
  return ExitCode::done;
}

ExitCode run(const std::vector<std::string>& arguments) {
  Console console({});
  auto command = parse_daemon_command(arguments, program_folder());
  if (!command) {
    const Error error = with_help(command.error(), "octane_daemon");
    console.error(error.message, error.help);
    return ExitCode::usage;
  }
  switch (command->kind) {
    case DaemonCommand::Kind::help:
    case DaemonCommand::Kind::version: console.wanted_line(command->text); return ExitCode::done;
    case DaemonCommand::Kind::activate: return activate_from(command->key_source, console);
    case DaemonCommand::Kind::control: return speak_to_daemon(console, *command);
    case DaemonCommand::Kind::run: break;
  }
  return run_daemon(console, std::move(command->config));
}

}  // namespace

int main(int argc, char** argv) {
  return oct::run_program("octane_daemon", argc, argv, run);
}
