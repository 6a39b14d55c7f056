#include <optional>

#include "base/console.hpp"
#include "base/end_by_signal.hpp"
#include "base/file.hpp"
#include "common/activation.hpp"
#include "common/build_report.hpp"
#include "common/program.hpp"
#include "master/master_app.hpp"
#include "octane_master/activate.hpp"
#include "octane_master/commands.hpp"
#include "octane_master/daemons_command.hpp"
#include "octane_master/doctor_command.hpp"
#include "octane_master/failed.hpp"
#include "octane_master/farm_context.hpp"
#include "octane_master/jobs_file.hpp"
#include "octane_master/options.hpp"
#include "octane_master/preferences_command.hpp"
#include "octane_master/subcommand.hpp"

namespace {

using namespace oct;

ExitCode render(MasterConfig&& config, Console& console) {
  if (config.network.enable) {
    auto access = network_access(config.network.access.insecure, console);
    if (!access) {
      console.error(access.error().message, access.error().help);
      return ExitCode::activation;
    }
    config.network.access = *std::move(access);
  }
  MasterApp app(std::move(config));
  const ExitCode code = app.run();
  if (app.signal() != 0 && code == exit_code_of_signal(app.signal())) end_by_signal(app.signal());
  return code;
}

ExitCode render_batch(MasterCommand&& command, Console& console) {
  auto jobs = read_jobs(command.batch, command.batch_options, command.render.network.preferences);
  if (!jobs) return failed(console, jobs.error(), ExitCode::input);
  command.render.jobs = *std::move(jobs);
  command.render.batch_file = command.batch;
  return render(std::move(command.render), console);
}

/// --net-test is doctor --all; a scene beside it means nothing.
std::optional<std::vector<std::string>> net_test_arguments(std::vector<std::string> arguments) {
  if (std::erase(arguments, "--net-test") == 0) return std::nullopt;
  std::erase(arguments, "render");
  std::erase_if(arguments, [](const std::string& argument) {
    const std::string extension = file_extension(argument);
    return extension == ".gltf" || extension == ".glb" || extension == ".obj" || extension == ".octscene";
  });
  arguments.push_back("--all");
  return arguments;
}

ExitCode run(const std::vector<std::string>& typed) {
  Console console({});
  const auto known = with_known_subcommand(typed);
  if (!known) return failed(console, known.error(), ExitCode::usage);
  const std::vector<std::string>& arguments = *known;
  const std::string word = arguments.empty() ? std::string() : arguments.front();
  const std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (word == "activate") return activate(rest, console);
  if (word == "daemons") return daemons_command(rest, console);
  if (word == "doctor") return doctor_command(rest, console);
  if (word == "preferences") return preferences_command(rest, console);
  if (const auto test = net_test_arguments(arguments)) return doctor_command(*test, console);
  auto parsed = parse_master_command(arguments, [&] { return user_preferences(console); });
  if (!parsed) return failed(console, parsed.error(), ExitCode::usage);
  MasterCommand& command = *parsed;
  switch (command.kind) {
    case MasterCommand::Kind::help: console.wanted_line(command.text); return ExitCode::done;
    case MasterCommand::Kind::version:
      console.wanted_line(version_line("octane_master"));
      return ExitCode::done;
    case MasterCommand::Kind::devices: return list_devices(console, command.json);
    case MasterCommand::Kind::inspect: return inspect_file(console, command);
    case MasterCommand::Kind::resolve: return resolve_film(console, command);
    case MasterCommand::Kind::compile: return compile_scene(console, command);
    case MasterCommand::Kind::bench: return bench_rays(console, command);
    case MasterCommand::Kind::debug_pixel: return debug_pixel(console, command);
    case MasterCommand::Kind::render:
      return command.batch.empty() ? render(std::move(command.render), console)
                                   : render_batch(std::move(command), console);
  }
  return ExitCode::internal;
}

}  // namespace

int main(int argc, char** argv) {
  return oct::run_program("octane_master", argc, argv, run);
}
