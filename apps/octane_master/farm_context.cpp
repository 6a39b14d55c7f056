#include "octane_master/farm_context.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "common/activation.hpp"
#include "common/name_pattern.hpp"
#include "farm/imported_addresses.hpp"
#include "preferences/preferences_file.hpp"

namespace oct {
namespace {

constexpr std::uint64_t kLargestList = 4 << 20;

Result<void> add_list(const std::string& path, std::vector<std::string>& addresses) {
  OCT_TRY_ASSIGN(const Bytes bytes, read_file(path, kLargestList));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  OCT_TRY_ASSIGN(const std::vector<std::string> listed, imported_addresses(text, path));
  addresses.insert(addresses.end(), listed.begin(), listed.end());
  return {};
}

}  // namespace

std::vector<OptionWords> farm_options() {
  return {{"--net-daemon-port N (48000)", "UDP and TCP port of the daemons"},
          {"--net-subnet CIDR|ADAPTER",
           "scan only this: 10.0.0.0/24 or eth0 (repeat; all that lead to other computers)"},
          {"--net-daemon ADDRESS", "also look at this name or address, with or without :port (repeat)"},
          {"--net-daemon-list FILE",
           "also look at the addresses in FILE: one a line, or as daemons export writes them"}};
}

Result<FarmOverrides> read_farm_overrides(const CommandLine& line) {
  FarmOverrides overrides;
  OCT_TRY_ASSIGN(const auto port, line.whole("net-daemon-port", kMinPort, 65535));
  if (port) overrides.daemon_port = static_cast<std::uint16_t>(*port);
  overrides.subnets = line.list("net-subnet");
  overrides.addresses = line.list("net-daemon");
  for (const std::string& address : overrides.addresses) {
    if (const auto host = host_port_from_text(address, kDaemonPort); !host)
      return fail(ErrorKind::invalid_input, "--net-daemon " + host.error().message);
  }
  if (const auto list = line.text("net-daemon-list")) OCT_TRY(add_list(*list, overrides.addresses));
  if (line.has("net-use")) overrides.use = line.list("net-use");
  overrides.steal = line.list("net-steal");
  return overrides;
}

Result<Preferences> user_preferences(Console& console) {
  auto loaded = load_preferences();
  // A system without a place for settings has none.
  if (!loaded && loaded.error().kind == ErrorKind::unavailable) return Preferences();
  OCT_TRY_ASSIGN(ReadPreferences read, std::move(loaded));
  for (const std::string& warning : read.warnings) console.warning(warning);
  return std::move(read.preferences);
}

std::optional<FarmContext> farm_context(const CommandLine& line, Console& console, ExitCode& code) {
  const auto failed = [&](const Error& error, ExitCode with) {
    console.error(error.message, error.help);
    code = with;
    return std::nullopt;
  };
  FarmContext context;
  auto preferences = user_preferences(console);
  if (!preferences) return failed(preferences.error(), ExitCode::usage);
  context.preferences = *std::move(preferences);
  auto overrides = read_farm_overrides(line);
  if (!overrides) return failed(overrides.error(), ExitCode::usage);
  context.overrides = *std::move(overrides);
  auto access = network_access(line.has("net-insecure"), console);
  if (!access) return failed(access.error(), ExitCode::activation);
  context.access = *std::move(access);
  std::string nick = context.preferences.network.nick_name;
  if (const auto given = line.text("net-nick")) {
    auto name = name_of_pattern("--net-nick", *given);
    if (!name) return failed(name.error(), ExitCode::usage);
    nick = *std::move(name);
  }
  context.identity = this_master(nick, context.access);
  auto targets = scan_targets(scan_choice(context.preferences.network, context.overrides), list_adapters());
  if (!targets) return failed(targets.error(), ExitCode::usage);
  context.targets = *std::move(targets);
  for (const std::string& warning : context.targets.warnings) console.warning(warning);
  return context;
}

}  // namespace oct
