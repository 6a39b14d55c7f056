#include "octane_master/doctor_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "farm/doctor.hpp"
#include "farm/known_daemons.hpp"
#include "net/address.hpp"
#include "net/listener.hpp"
#include "octane_master/failed.hpp"
#include "octane_master/farm_scan.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostAtOnce = 16;
constexpr const char* kSwitchOn =
    "Network rendering is off in this master: octane_master preferences set network.enable true switches it "
    "on, --net-enable for one render";

CommandLineSpec doctor_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master doctor";
  spec.usage = {
      "octane_master doctor [ADDRESS...] [--all]     the one reason why a daemon is not seen, and what to "
      "type",
      "  Names (those of daemons list, too) or addresses of computers, with or without :port. Exit code 11 "
      "when "
      "something is wrong.",
  };
  spec.groups = {
      {"Output",
       {{"--all", "every daemon that is enabled, listed or seen, one line each; the default without ADDRESS"},
        {"--json", "print a record for each"}}},
      {"Network", farm_options()}};
  auto& network = spec.groups[1].options;
  network.push_back({"--net-enable", "diagnose as if network rendering were on"});
  network.push_back({"--net-master-port N (21000)", "the port that slaves connect to"});
  network.push_back({"--net-nick NAME (user@HOST)", "name of this user, shown to other masters"});
  network.push_back({"--net-insecure", "trust other computers without a key"});
  return spec;
}

std::string host_of(const std::string& address) {
  const auto host = host_port_from_text(address, kDaemonPort);
  return host ? host->host : address;
}

/// Examines computers, several at once, and shows what came out in the order asked for.
class Consultation {
 public:
  Consultation(EventLoop& loop, const FarmContext& context, bool network_enabled, std::uint16_t master_port)
      : loop_(loop), context_(context), network_enabled_(network_enabled), master_port_(master_port) {}

  /// Nothing after a signal.
  std::optional<std::vector<DoctorEvidence>> run(const std::vector<KnownDaemon>& addresses) {
    open_own_port();
    addresses_ = addresses;
    results_.resize(addresses.size());
    doctors_.resize(addresses.size());
    while (next_ < addresses_.size() && next_ < kMostAtOnce) begin_next();
    loop_.on_signal([&loop = loop_](int) { loop.stop(); });
    if (!addresses_.empty()) loop_.run();
    doctors_.clear();
    if (done_ < addresses_.size()) return std::nullopt;
    return std::move(results_);
  }

 private:
  /// So that daemons have something to reach; where a master runs, it has opened the port.
  void open_own_port() {
    ListenOptions options;
    options.ports = {master_port_, 1};
    options.access = context_.access;
    options.answer.name = host_name();
    for (const char* address : {"0.0.0.0", "::"}) {
      options.address = address;
      auto listener = Listener::open(
          loop_, options, [](std::unique_ptr<Connection>) {}, [](const RefusedPeer&) {});
      if (listener) own_ports_.push_back(*std::move(listener));
    }
  }

  void begin_next() {
    const std::size_t place = next_++;
    DoctorChoice choice;
    choice.address = addresses_[place].address;
    choice.name = addresses_[place].name;
    choice.targets = context_.targets;
    choice.network_enabled = network_enabled_;
    choice.master_port = master_port_;
    choice.access = context_.access;
    choice.identity = context_.identity;
    for (const EnabledDaemon& daemon : context_.preferences.network.enabled_daemons) {
      const auto host = host_port_from_text(daemon.address, context_.targets.port);
      if (host && host->host == host_of(choice.address)) choice.last_ports.push_back(host->port);
    }
    doctors_[place] =
        std::make_unique<Doctor>(loop_, std::move(choice),
                                 [this, place](const DoctorEvidence& evidence) { on_done(place, evidence); });
  }

  void on_done(std::size_t place, const DoctorEvidence& evidence) {
    results_[place] = evidence;
    if (next_ < addresses_.size()) begin_next();
    if (++done_ == addresses_.size()) loop_.stop();
  }

  EventLoop& loop_;
  const FarmContext& context_;
  bool network_enabled_;
  std::uint16_t master_port_;
  std::vector<KnownDaemon> addresses_;
  std::size_t next_ = 0, done_ = 0;
  std::vector<DoctorEvidence> results_;
  std::vector<std::unique_ptr<Doctor>> doctors_;
  std::vector<std::unique_ptr<Listener>> own_ports_;  ///< IPv4 and IPv6
};

Result<std::vector<SeenDaemon>> seen_now(EventLoop& loop, const FarmContext& context) {
  FarmScan scan(loop, context);
  OCT_TRY_ASSIGN(const bool finished, scan.run(std::nullopt));
  if (!finished) return fail(ErrorKind::cancelled, "stopped");
  return scan.daemons();
}

/// Those that are typed, by the names that lists show, too. Addresses need no scan.
Result<std::vector<KnownDaemon>> named_daemons(EventLoop& loop, const FarmContext& context,
                                               const std::vector<std::string>& words) {
  const bool are_addresses = std::ranges::all_of(words, [](const std::string& word) {
    const auto host = host_port_from_text(word, kDaemonPort);
    return host && numeric_address(host->host);
  });
  std::vector<SeenDaemon> seen;
  if (!are_addresses) {
    OCT_TRY_ASSIGN(seen, seen_now(loop, context));
  }
  std::vector<KnownDaemon> named;
  for (const std::string& word : words) {
    const auto known =
        known_daemons(word, seen, context.preferences.network.enabled_daemons, context.targets.port);
    named.insert(named.end(), known.begin(), known.end());
  }
  return named;
}

/// Everybody who is enabled, listed, or seen now.
Result<std::vector<std::string>> all_addresses(EventLoop& loop, const FarmContext& context) {
  OCT_TRY_ASSIGN(const std::vector<SeenDaemon> seen, seen_now(loop, context));
  std::vector<std::string> addresses;
  std::set<std::string> hosts;
  const auto add = [&](const std::string& address) {
    if (!address.empty() && hosts.insert(host_of(address)).second) addresses.push_back(address);
  };
  for (const EnabledDaemon& enabled : context.preferences.network.enabled_daemons) {
    // where it is today
    const auto today = std::find_if(seen.begin(), seen.end(), [&](const SeenDaemon& daemon) {
      return !daemon.stranger && is_same(enabled, daemon);
    });
    add(today == seen.end() ? enabled.address : address_of(*today, context.targets.port));
  }
  for (const std::string& address : context.preferences.network.daemon_addresses) add(address);
  for (const std::string& address : context.overrides.addresses) add(address);
  for (const SeenDaemon& daemon : seen) add(address_of(daemon, context.targets.port));
  return addresses;
}

void show(Console& console, const DoctorEvidence& evidence, bool json, bool brief) {
  const Diagnosis diagnosis = diagnose(evidence);
  if (json) return console.wanted_line(doctor_record(evidence, diagnosis));
  console.wanted_line(verdict_line(evidence, diagnosis));
  if (brief) return;
  if (!diagnosis.help.empty()) console.wanted_line("help: " + diagnosis.help);
  console.wanted_line("  " + evidence_line(evidence));
  if (!evidence.description) return;
  if (diagnosis.verdict != DoctorVerdict::slave_cannot_start &&
      diagnosis.verdict != DoctorVerdict::slave_crashed)
    return;
  for (const LogLine& line : evidence.description->log) console.wanted_line("    " + line.text);
}

}  // namespace

ExitCode doctor_command(const std::vector<std::string>& arguments, Console& console) {
  const CommandLineSpec spec = doctor_spec();
  const auto line = CommandLine::parse(spec, arguments);
  if (!line) return failed(console, line.error(), ExitCode::usage);
  if (line->has("help")) {
    console.wanted_line(help_text(spec));
    return ExitCode::done;
  }
  const auto port = line->whole("net-master-port", kMinPort, 65535);
  if (!port) return failed(console, port.error(), ExitCode::usage);
  ExitCode code = ExitCode::usage;
  const auto context = farm_context(*line, console, code);
  if (!context) return code;

  EventLoop loop;
  const bool all = line->positional().empty() || line->has("all");
  for (const std::string& address : line->positional()) {
    if (const auto host = host_port_from_text(address, kDaemonPort); !host)
      return failed(console, host.error(), ExitCode::usage);
  }
  const auto named = named_daemons(loop, *context, line->positional());
  if (!named) return failed(console, named.error(), ExitCode::network);
  std::vector<KnownDaemon> addresses = *named;
  const bool enabled = context->preferences.network.enable || line->has("net-enable");
  if (all) {
    const auto known = all_addresses(loop, *context);
    if (!known) return failed(console, known.error(), ExitCode::network);
    for (const std::string& address : *known) {
      if (std::ranges::find(addresses, address, &KnownDaemon::address) == addresses.end())
        addresses.push_back({{}, address});
    }
    if (addresses.empty())
      return failed(console,
                    {ErrorKind::unavailable, "no daemon was found, and none is enabled or listed",
                     "octane_master doctor 10.0.0.11   says why a daemon is not seen" +
                         (enabled ? std::string() : fmt::format(". {}", kSwitchOn))},
                    ExitCode::doctor);
  }
  const auto master_port =
      static_cast<std::uint16_t>(port->value_or(context->preferences.network.master_port));
  const auto found = Consultation(loop, *context, enabled, master_port).run(addresses);
  if (!found) return ExitCode::interrupted;
  bool fault = false;
  for (const DoctorEvidence& evidence : *found) {
    show(console, evidence, line->has("json"), all);
    fault = fault || diagnose(evidence).fault();
  }
  // Those whose fault comes first do not say so, and one line each has no room for help.
  if (all && !enabled && !line->has("json")) console.wanted_line(fmt::format("help: {}", kSwitchOn));
  return fault ? ExitCode::doctor : ExitCode::done;
}

}  // namespace oct
