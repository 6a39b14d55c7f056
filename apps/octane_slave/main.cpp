#include "base/console.hpp"
#include "common/activation.hpp"
#include "common/program.hpp"
#include "octane_slave/options.hpp"
#include "render/device_choice.hpp"
#include "slave/slave_app.hpp"
#include "slave/slave_info.hpp"

namespace {

using namespace oct;

ExitCode print_info(Console& console, const DeviceChoice& choice) {
  const CudaDevices cuda = list_cuda_devices();
  std::vector<DeviceInfo> devices = cuda.devices;
  auto cpu = open_cpu(choice);
  if (cpu) devices.push_back((*cpu)->info());
  console.wanted_line(slave_info_document(devices, cuda.devices.empty() ? cuda.reason : ""));
  return ExitCode::done;
}

ExitCode run(const std::vector<std::string>& arguments) {
  Console console({});
  auto parsed = parse_slave_command(arguments);
  if (!parsed) {
    const Error error = with_help(parsed.error(), "octane_slave");
    console.error(error.message, error.help);
    return ExitCode::usage;
  }
  switch (parsed->kind) {
    case SlaveCommand::Kind::help:
    case SlaveCommand::Kind::version: console.wanted_line(parsed->text); return ExitCode::done;
    case SlaveCommand::Kind::info: return print_info(console, parsed->config.devices);
    case SlaveCommand::Kind::activate: return activate_from(parsed->key_source, console);
    case SlaveCommand::Kind::run: break;
  }
  auto access = network_access(parsed->config.access.insecure, console);
  if (!access) {
    console.error(access.error().message, access.error().help);
    return ExitCode::activation;
  }
  parsed->config.access = *std::move(access);
  return SlaveApp(std::move(parsed->config)).run();
}

}  // namespace

int main(int argc, char** argv) {
  return oct::run_program("octane_slave", argc, argv, run);
}
