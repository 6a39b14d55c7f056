#include "octane_master/daemons_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "farm/daemons_text.hpp"
#include "farm/imported_addresses.hpp"
#include "octane_master/daemons_call.hpp"
#include "octane_master/daemons_watch.hpp"
#include "octane_master/farm_scan.hpp"
#include "preferences/preferences_file.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr double kLongestWait = 86400;
constexpr Duration kAnswerPatience = seconds(30);

CommandLineSpec daemons_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master daemons";
  spec.usage = {
      "octane_master daemons list                      which daemons are there, and what they do",
      "octane_master daemons watch                     the same, every second until CTRL-C",
      "octane_master daemons enable NAME|ADDRESS|all   use it in renders with network rendering on",
      "octane_master daemons disable NAME|ADDRESS|all  stop using it; a running master releases it",
      "octane_master daemons steal NAME|ADDRESS        end another master's occupancy; yours for 30 s",
      "octane_master daemons export FILE               write the addresses of those seen and enabled",
      "octane_master daemons import FILE               also look at its addresses from now on",
  };
  spec.groups = {{"Output",
                  {{"--json", "print an array; with watch, a record for each change"},
                   {"--verbose", "owners' addresses, and the last lines of slaves that crashed"},
                   {"--wait S", "scan for exactly S seconds"}}},
                 {"Network", farm_options()}};
  spec.groups[1].options.push_back(
      {"--net-nick NAME (user@HOST)", "name of this user, shown to other masters"});
  spec.groups[1].options.push_back({"--net-insecure", "trust other computers without a key"});
  return spec;
}

/// Where an enabled daemon is looked for later: the scanned port goes without saying.
EnabledDaemon enabled_of(const SeenDaemon& daemon, std::uint16_t scanned_port) {
  const bool usual = daemon.endpoint.port == scanned_port;
  return {daemon.status.id, daemon.name(),
          usual ? bracketed(daemon.endpoint.address) : daemon.endpoint.text()};
}

std::string names_text(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

void say_that_it_is_off(const DaemonsCall& call) {
  if (call.context.preferences.network.enable || call.json()) return;
  call.console.note(
      "Network rendering is off in this master: --net-enable switches it on for one render,\n"
      "octane_master preferences set network.enable true for all.");
}

// list

ExitCode list(const DaemonsCall& call) {
  EventLoop loop;
  FarmScan scan(loop, call.context);
  const auto finished = scan.run(call.wait_s);
  if (!finished) return failed(call.console, finished.error());
  if (!*finished) return ExitCode::interrupted;
  if (call.json() || call.line.has("verbose")) scan.ask_for_logs();
  const std::vector<DaemonView> views = scan.views();
  for (const notice::DaemonsShareId& shared : shared_ids(scan.daemons())) {
    const Phrase words = phrase(shared);
    call.console.warning(words.text, words.help);
  }
  const ScanTargets& targets = call.context.targets;
  if (call.json()) {
    call.console.wanted_line(daemons_json(views, targets.port));
    return ExitCode::done;
  }
  TableChoice choice;
  choice.scanned_port = targets.port;
  choice.scanned = fmt::format("scanned {} in {:.1f} s", targets.text(), scan.seconds());
  choice.verbose = call.line.has("verbose");
  choice.unix_time_s = unix_now();
  for (const std::string& line : daemons_table(views, choice)) call.console.wanted_line(line);
  if (const std::string left_out = targets.left_out_text(); !left_out.empty())
    call.console.note(
        fmt::format("Not scanned: {}; --net-subnet scans such a virtual network, too", left_out));
  say_that_it_is_off(call);
  if (views.empty())
    call.console.note("help: octane_master doctor 10.0.0.11   says why a daemon is not seen");
  return ExitCode::done;
}

// enable, disable, steal

/// Scans, and picks those that the words mean; an error names the words that mean nobody.
Result<std::vector<SeenDaemon>> seen_by_names(FarmScan& scan, const DaemonsCall& call) {
  OCT_TRY_ASSIGN(const bool finished, scan.run(call.wait_s));
  if (!finished) return fail(ErrorKind::cancelled, "stopped");
  std::vector<SeenDaemon> picked;
  const auto pick = [&](const SeenDaemon& daemon) {
    const auto same = [&](const SeenDaemon& other) { return other.key == daemon.key; };
    if (std::none_of(picked.begin(), picked.end(), same)) picked.push_back(daemon);
  };
  const auto seen = scan.daemons();
  for (const std::string& name : call.names) {
    std::size_t found = 0;
    for (const SeenDaemon& daemon : seen) {
      if (name == "all" ? daemon.stranger : !means(name, daemon)) continue;
      ++found;
      pick(daemon);
    }
    if (found > 0) continue;
    if (name == "all")
      return fail(ErrorKind::unavailable, "no daemon was found",
                  "octane_master doctor 10.0.0.11   says why a daemon is not seen");
    return fail(ErrorKind::unavailable, fmt::format("{}: no such daemon was found", name),
                fmt::format("octane_master daemons list shows those that were; octane_master doctor {} says "
                            "why this one was not",
                            name));
  }
  return picked;
}

/// "octane_master daemons enable RENDER1" also tries again what crashed.
void retry(EventLoop& loop, const DaemonsCall& call, const std::vector<SeenDaemon>& daemons) {
  std::vector<std::unique_ptr<DaemonQuestion>> questions;
  std::size_t open = 0;
  for (const SeenDaemon& daemon : daemons) {
    if (daemon.status.mode != DaemonMode::crashed && daemon.status.mode != DaemonMode::no_slave) continue;
    ++open;
    questions.push_back(std::make_unique<DaemonQuestion>(
        loop, daemon.endpoint, call.context.access, RetryDaemon(), kAnswerPatience,
        [&, name = daemon.name()](Result<DaemonMessage> answer) {
          const auto* now = answer ? std::get_if<DaemonDescription>(&*answer) : nullptr;
          if (!answer) {
            call.console.warning(answer.error().message, answer.error().help);
          } else if (now != nullptr &&
                     (now->mode == DaemonMode::no_slave || now->mode == DaemonMode::crashed)) {
            call.console.warning(fmt::format("{}: crashed: {}", name, now->reason));
          } else {
            call.console.line(fmt::format("{} tries again", name));
          }
          if (--open == 0) loop.stop();
        }));
  }
  if (open > 0) loop.run();
}

ExitCode enable(const DaemonsCall& call) {
  EventLoop loop;
  FarmScan scan(loop, call.context);
  const auto daemons = seen_by_names(scan, call);
  if (!daemons) return failed(call.console, daemons.error());
  std::vector<std::string> names;
  for (const SeenDaemon& daemon : *daemons) {
    if (daemon.stranger) {
      return failed(call.console,
                    {ErrorKind::incompatible,
                     fmt::format("{} cannot be enabled: {}", daemon.endpoint.address,
                                 reason_text(view_of(daemon, call.context.identity).reason)),
                     fmt::format("octane_master doctor {}   says more", daemon.endpoint.address)},
                    ExitCode::activation);
    }
    names.push_back(daemon.name());
  }
  const auto changed = change_preferences([&](Preferences& preferences) -> Result<void> {
    auto& enabled = preferences.network.enabled_daemons;
    for (const SeenDaemon& daemon : *daemons) {
      std::erase_if(enabled, [&](const EnabledDaemon& one) { return is_same(one, daemon); });
      enabled.push_back(enabled_of(daemon, call.context.targets.port));
    }
    return {};
  });
  if (!changed) return failed(call.console, changed.error());
  call.console.line(fmt::format(
      "Enabled {}. A master occupies them while it renders with network rendering on, not before.",
      names_text(names)));
  retry(loop, call, *daemons);
  return ExitCode::done;
}

/// Needs no scan: what is enabled has its name and address in the preferences.
ExitCode disable(const DaemonsCall& call) {
  std::vector<std::string> names;
  const auto changed = change_preferences([&](Preferences& preferences) -> Result<void> {
    auto& enabled = preferences.network.enabled_daemons;
    for (const std::string& name : call.names) {
      const auto is_meant = [&](const EnabledDaemon& one) { return name == "all" || means(name, one); };
      if (name != "all" && std::none_of(enabled.begin(), enabled.end(), is_meant))
        return fail(ErrorKind::invalid_input, fmt::format("{}: is not enabled", name),
                    "octane_master daemons list shows which are");
      for (const EnabledDaemon& one : enabled) {
        if (is_meant(one)) names.push_back(one.name.empty() ? one.address : one.name);
      }
      std::erase_if(enabled, is_meant);
    }
    return {};
  });
  if (!changed) return failed(call.console, changed.error());
  call.console.line(
      names.empty()
          ? std::string("Nothing was enabled")
          : fmt::format("Disabled {}. A running master releases them within a second.", names_text(names)));
  return ExitCode::done;
}

ExitCode steal(const DaemonsCall& call) {
  EventLoop loop;
  FarmScan scan(loop, call.context);
  const auto daemons = seen_by_names(scan, call);
  if (!daemons) return failed(call.console, daemons.error());
  ExitCode code = ExitCode::done;
  std::size_t open = daemons->size();
  std::vector<std::unique_ptr<DaemonQuestion>> questions;
  for (const SeenDaemon& daemon : *daemons) {
    questions.push_back(std::make_unique<DaemonQuestion>(
        loop, daemon.endpoint, call.context.access, StealDaemon{call.context.identity.nick}, kAnswerPatience,
        [&, name = daemon.name()](Result<DaemonMessage> answer) {
          const auto* refused = answer ? std::get_if<OccupyRefused>(&*answer) : nullptr;
          if (!answer) {
            code = failed(call.console, answer.error());
          } else if (refused != nullptr) {
            code = failed(call.console, {ErrorKind::unavailable, fmt::format("{}: {}", name, refused->text)});
          } else {
            call.console.line(
                fmt::format("{} is free, and kept for {} for 30 s", name, call.context.identity.nick));
          }
          if (--open == 0) loop.stop();
        }));
  }
  if (open > 0) loop.run();
  return code;
}

// export, import

ExitCode export_to(const DaemonsCall& call, const std::string& path) {
  if (auto writable = check_writable(path); !writable) return failed(call.console, writable.error());
  EventLoop loop;
  FarmScan scan(loop, call.context);
  const auto finished = scan.run(call.wait_s);
  if (!finished) return failed(call.console, finished.error());
  if (!*finished) return ExitCode::interrupted;
  std::vector<EnabledDaemon> daemons;
  for (const SeenDaemon& daemon : scan.daemons()) {
    if (!daemon.stranger && !is_loopback(daemon.endpoint.address))
      daemons.push_back(enabled_of(daemon, call.context.targets.port));
  }
  const std::size_t seen = daemons.size();
  for (const EnabledDaemon& one : call.context.preferences.network.enabled_daemons) {
    const auto same = [&](const EnabledDaemon& other) {
      return other.id == one.id && other.name == one.name;
    };
    if (std::none_of(daemons.begin(), daemons.end(), same) && !one.address.empty()) daemons.push_back(one);
  }
  const std::string text = exported_daemons(daemons);
  if (auto written = write_file_by_renaming(path, std::as_bytes(std::span(text))); !written)
    return failed(call.console, written.error());
  call.console.line(
      fmt::format("Exported {} daemons to {}, {} of them seen now", daemons.size(), path, seen));
  return ExitCode::done;
}

ExitCode import_from(const DaemonsCall& call, const std::string& path) {
  const auto bytes = read_file(path, 4 << 20);
  if (!bytes) return failed(call.console, bytes.error(), ExitCode::input);
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto addresses = imported_addresses(text, path);
  if (!addresses) return failed(call.console, addresses.error(), ExitCode::input);
  std::size_t added = 0;
  const auto changed = change_preferences([&](Preferences& preferences) -> Result<void> {
    auto& known = preferences.network.daemon_addresses;
    for (const std::string& address : *addresses) {
      if (std::find(known.begin(), known.end(), address) != known.end()) continue;
      known.push_back(address);
      ++added;
    }
    return {};
  });
  if (!changed) return failed(call.console, changed.error());
  call.console.line(
      fmt::format("Imported {} addresses, {} of them new. octane_master daemons list looks there.",
                  addresses->size(), added));
  return ExitCode::done;
}

std::vector<std::string> split_at_commas(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    for (const std::string& part : words_of(word)) parts.push_back(part);
  }
  return parts;
}

ExitCode dispatch(const DaemonsCall& call, const std::string& what, const CommandLineSpec& spec) {
  const std::size_t count = call.names.size();
  if (what == "list" && count == 0) return list(call);
  if (what == "watch" && count == 0) return watch_daemons(call);
  if (what == "enable" && count > 0) return enable(call);
  if (what == "disable" && count > 0) return disable(call);
  if (what == "steal" && count > 0) return steal(call);
  if (what == "export" && count == 1) return export_to(call, call.names[0]);
  if (what == "import" && count == 1) return import_from(call, call.names[0]);
  std::string usage;
  for (const std::string& line : spec.usage) {
    if (line.find("daemons " + what + " ") != std::string::npos) usage = line;
  }
  if (!usage.empty())
    return failed(call.console,
                  {ErrorKind::invalid_input, fmt::format("daemons {}: is not understood so", what), usage});
  const auto near = nearest(what, {"list", "watch", "enable", "disable", "steal", "export", "import"});
  return failed(call.console,
                {ErrorKind::invalid_input, fmt::format("daemons {}: is not known", what),
                 near ? fmt::format("did you mean octane_master daemons {}?", *near)
                      : "octane_master daemons list, watch, enable, disable, steal, export or import"});
}

}  // namespace

ExitCode daemons_command(const std::vector<std::string>& arguments, Console& console) {
  const CommandLineSpec spec = daemons_spec();
  const auto line = CommandLine::parse(spec, arguments);
  if (!line) return failed(console, line.error());
  if (line->has("help")) {
    console.wanted_line(help_text(spec));
    return ExitCode::done;
  }
  const auto wait = line->number("wait", 0, kLongestWait);
  if (!wait) return failed(console, wait.error());
  ExitCode code = ExitCode::usage;
  auto context = farm_context(*line, console, code);
  if (!context) return code;
  std::vector<std::string> words = line->positional();
  const std::string what = words.empty() ? "list" : words.front();
  if (!words.empty()) words.erase(words.begin());
  if (what != "export" && what != "import") words = split_at_commas(words);
  return dispatch({console, *line, *context, words, *wait}, what, spec);
}

}  // namespace oct
