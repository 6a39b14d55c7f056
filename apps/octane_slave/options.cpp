#include "octane_slave/options.hpp"

#include <fmt/format.h>

#include "common/build_report.hpp"
#include "common/cache_options.hpp"
#include "common/name_pattern.hpp"
#include "device_options/device_options.hpp"
#include "net/host_port.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

CommandLineSpec slave_spec() {
  CommandLineSpec spec;
  spec.program = "octane_slave";
  spec.usage = {"octane_slave --net-master-address ADDRESS --net-master-port PORT [OPTION...]",
                "octane_slave --net-address-file FILE [OPTION...]"};
  spec.groups = {
      {"Master",
       {{"--net-master-address ADDRESS",
         "the master's computer: a name or an address; IPv6 with or without [ ]"},
        {"--net-master-port PORT (21000)", "the port that octane_master prints there"},
        {"--net-address-file FILE",
         "wait for a master that writes its address there, follow a change, end when it is gone"},
        {"--once", "exit after the first render"},
        {"--net-timeout S (0 = for ever)", "give up after S seconds without a master"},
        {"--net-insecure", "connect to another computer without a key"},
        {"--activate FILE|-", "store the farm key from a file or standard input, and exit"}}},
      {"Devices",
       {{"-g,--gpu N", "GPUs to lend, by number (repeat; all)"},
        {"--cpu", "also lend the CPU; without a GPU it is lent anyway"},
        {"--threads N", "CPU threads to use (all)"},
        {"--priority low|normal (low)", "low: the person at this computer comes first"},
        {"--cpu-code auto|x64|v3 (auto)", "instruction set of the CPU device; all give the same bits"}}},
      {"This slave",
       {{"--name NAME",
         "name shown to masters (the computer's); %h is the computer, %j the job of an engine"},
        {"--cache-dir FOLDER", "keep what masters send there, so that it need not be sent again"},
        {"--cache-size MB (20000)", "upper bound on the size of --cache-dir"},
        {"--log-file FILE", "write a log, rotated at 10 MB"},
        {"-q,--quiet", "only errors and warnings"},
        {"--supervised",
         "started by octane_daemon: exits when standard input ends, and reports its progress"},
        {"--warm", "with --supervised: between renders keep the scenes, until the daemon names a master"},
        {"--info (JSON, exits)", "print version, platform, bitness, devices and kernel hash"}}},
  };
  return spec;
}

Result<DeviceChoice> read_devices(const CommandLine& line) {
  OCT_TRY_ASSIGN(DeviceChoice devices, read_device_choice(line));
  OCT_TRY_ASSIGN(const auto priority, line.choice("priority", {"low", "normal"}));
  devices.low_priority = priority.value_or(0) == 0;
  return devices;
}

/// A file says where the master is, and nothing else does.
Result<void> read_address_file(const CommandLine& line, SlaveConfig& config) {
  for (const char* other : {"net-master-address", "net-master-port"}) {
    if (line.has(other))
      return fail(ErrorKind::invalid_input,
                  fmt::format("--net-address-file and --{} both say where the master is", other),
                  "give one of them");
  }
  if (config.supervised)
    return fail(ErrorKind::invalid_input,
                "--net-address-file: with --supervised the daemon names the master");
  config.address_file = *line.text("net-address-file");
  return {};
}

Result<void> read_master(const CommandLine& line, const CommandLineSpec& spec, SlaveConfig& config) {
  if (line.has("net-address-file")) return read_address_file(line, config);
  OCT_TRY_ASSIGN(const auto port, line.whole("net-master-port", kMinPort, 65535));
  const std::string address = line.text("net-master-address").value_or("");
  if (address.empty())
    return fail(ErrorKind::invalid_input, "--net-master-address is missing", spec.usage.front());
  const auto master = host_port_from_text(address, static_cast<std::uint16_t>(port.value_or(kMasterPort)));
  if (!master) return fail(ErrorKind::invalid_input, "--net-master-address " + master.error().message);
  if (port && *port != master->port)
    return fail(
        ErrorKind::invalid_input,
        fmt::format("--net-master-address {} and --net-master-port {} name two ports", address, *port),
        "name the port once");
  config.master_address = master->host;
  config.master_port = master->port;
  return {};
}

}  // namespace

Result<SlaveCommand> parse_slave_command(const std::vector<std::string>& arguments) {
  const CommandLineSpec spec = slave_spec();
  OCT_TRY_ASSIGN(const CommandLine line, CommandLine::parse(spec, arguments));
  SlaveCommand command;
  if (line.has("help") || line.has("version")) {
    command.kind = line.has("help") ? SlaveCommand::Kind::help : SlaveCommand::Kind::version;
    command.text = line.has("help") ? help_text(spec) : version_line(spec.program);
    return command;
  }
  if (!line.positional().empty()) {
    return fail(ErrorKind::invalid_input, fmt::format("{} is not an option", line.positional().front()),
                spec.usage.front());
  }
  SlaveConfig& config = command.config;
  OCT_TRY_ASSIGN(config.devices, read_devices(line));
  if (const auto source = line.text("activate")) {
    command.kind = SlaveCommand::Kind::activate;
    command.key_source = *source;
    return command;
  }
  if (line.has("info")) {
    command.kind = SlaveCommand::Kind::info;
    return command;
  }
  OCT_TRY_ASSIGN(const auto timeout, line.number("net-timeout", 0, 1e9));
  config.timeout_seconds = timeout.value_or(0);
  config.once = line.has("once");
  config.supervised = line.has("supervised");
  OCT_TRY(read_master(line, spec, config));
  config.name = line.text("name").value_or("");
  // A daemon gives the name as it is.
  if (!config.supervised) {
    OCT_TRY_ASSIGN(config.name, name_of_pattern("--name", config.name));
  }
  config.warm = line.has("warm");
  if (config.warm && !config.supervised)
    return fail(ErrorKind::invalid_input, "--warm goes with --supervised");
  OCT_TRY(read_cache(line, config.cache_folder, config.cache_megabytes));
  config.access.insecure = line.has("net-insecure");
  config.log_file = line.text("log-file").value_or("");
  config.quiet = line.has("quiet");
  return command;
}

}  // namespace oct
