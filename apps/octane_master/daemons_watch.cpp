#include "octane_master/daemons_watch.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "farm/daemons_text.hpp"
#include "octane_master/farm_scan.hpp"
#include "preferences/preferences_file.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr Duration kRedraw = seconds(1);

/// Shows the list again and again, or what changed in it.
class Watching {
 public:
  Watching(EventLoop& loop, const DaemonsCall& call) : loop_(loop), call_(call) {}

  ExitCode run() {
    const NetworkPreferences& network = call_.context.preferences.network;
    auto scanner = Scanner::open(loop_, scan_choice(network, call_.context.overrides), scan_limits(network),
                                 call_.context.access, [] {});
    if (!scanner) return failed(call_.console, scanner.error());
    scanner_ = *std::move(scanner);
    started_ = steady_now();
    loop_.on_signal([this](int) { loop_.stop(); });
    const auto timer = loop_.every(call_.json() ? milliseconds(100) : kRedraw, [this] { show(); });
    loop_.run();
    call_.console.end_bar();
    return ExitCode::done;
  }

 private:
  void show() {
    if (auto read = load_preferences()) enabled_ = read->preferences.network.enabled_daemons;
    const auto seen = scanner_->daemons();
    MasterIdentity identity = call_.context.identity;
    identity.addresses = scanner_->own_addresses();
    const auto views = views_of(seen, identity, enabled_);
    const bool time_is_up = call_.wait_s && to_seconds(steady_now() - started_) >= *call_.wait_s;
    if (call_.json()) {
      show_changes(views);
    } else {
      show_table(views, shared_ids(seen));
    }
    if (time_is_up) loop_.stop();
  }

  void show_table(const std::vector<DaemonView>& views, const std::vector<notice::DaemonsShareId>& shared) {
    TableChoice choice;
    choice.scanned_port = call_.context.targets.port;
    choice.scanned = "scanning " + scanner_->targets().text();
    choice.verbose = call_.line.has("verbose");
    choice.unix_time_s = unix_now();
    auto lines = daemons_table(views, choice);
    for (const auto& one : shared) lines.push_back("warning: " + phrase(one).text);
    if (call_.console.redraws_lines() && Console::stdout_is_terminal()) {
      call_.console.bar(fmt::format("{}", fmt::join(lines, "\n")));
      return;
    }
    for (const std::string& line : lines) call_.console.wanted_line(line);
    call_.console.wanted_line("");
  }

  void show_changes(const std::vector<DaemonView>& views) {
    std::map<std::string, DaemonView> now;
    for (const DaemonView& view : views) {
      const std::string record = daemon_record(view, call_.context.targets.port, "changed");
      if (std::exchange(records_[view.key], record) != record) call_.console.wanted_line(record);
      now[view.key] = view;
    }
    for (const auto& [key, view] : last_) {
      if (now.contains(key)) continue;
      records_.erase(key);
      call_.console.wanted_line(daemon_record(view, call_.context.targets.port, "gone"));
    }
    last_ = std::move(now);
  }

  EventLoop& loop_;
  const DaemonsCall& call_;
  Instant started_{};
  std::unique_ptr<Scanner> scanner_;
  std::vector<EnabledDaemon> enabled_;
  std::map<std::string, std::string> records_;
  std::map<std::string, DaemonView> last_;
};

}  // namespace

ExitCode watch_daemons(const DaemonsCall& call) {
  EventLoop loop;
  return Watching(loop, call).run();
}

}  // namespace oct
