#include "octane_master/farm_scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {
namespace {

constexpr Duration kStep = milliseconds(20);
/// Answers to a broadcast wait up to 200 ms, and a busy computer takes its time.
constexpr Duration kLastAnswers = milliseconds(400);
constexpr Duration kLongestSweep = seconds(20);  // a /20; who has more names what to look at, or waits
constexpr Duration kLogPatience = seconds(5);

}  // namespace

FarmScan::FarmScan(EventLoop& loop, const FarmContext& context) : loop_(loop), context_(context) {}
FarmScan::~FarmScan() {
  loop_.on_signal([&loop = loop_](int) { loop.stop(); });
}

Result<bool> FarmScan::run(std::optional<double> wait_s) {
  OCT_TRY_ASSIGN(scanner_, Scanner::open(loop_, scan_choice(context_.preferences.network, context_.overrides),
                                         scan_limits(context_.preferences.network), context_.access, [] {}));
  loop_.on_signal([this](int) {
    stopped_ = true;
    loop_.stop();
  });
  const Instant started = steady_now();
  std::optional<Instant> swept;
  const auto is_over = [&, wait_s] {
    if (wait_s) return to_seconds(steady_now() - started) >= *wait_s;
    if (!scanner_->sweeping() && !swept) swept = steady_now();
    return (swept && steady_now() - *swept >= kLastAnswers) || steady_now() - started >= kLongestSweep;
  };
  const auto timer = loop_.every(kStep, [&] {
    if (is_over()) loop_.stop();
  });
  loop_.run();
  seconds_ = to_seconds(steady_now() - started);
  return !stopped_;
}

void FarmScan::ask_for_logs() {
  std::size_t open = 0;
  for (const SeenDaemon& daemon : scanner_->daemons()) {
    const bool failed =
        daemon.status.mode == DaemonMode::crashed || daemon.status.mode == DaemonMode::no_slave;
    if (daemon.stranger || !failed) continue;
    ++open;
    questions_.push_back(std::make_unique<DaemonQuestion>(
        loop_, daemon.endpoint, context_.access, DescribeDaemon(), kLogPatience,
        [this, &open, key = daemon.key](Result<DaemonMessage> answer) {
          const auto* description = answer ? std::get_if<DaemonDescription>(&*answer) : nullptr;
          if (description != nullptr) {
            for (const LogLine& line : description->log) logs_[key].push_back(line.text);
          }
          if (--open == 0) loop_.stop();
        }));
  }
  if (open > 0) loop_.run();
  questions_.clear();
}

std::vector<DaemonView> FarmScan::views() const {
  const auto seen = scanner_->daemons();
  std::vector<DaemonView> views =
      views_of(seen, context_.identity, context_.preferences.network.enabled_daemons);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (const auto log = logs_.find(seen[i].key); log != logs_.end()) views[i].log = log->second;
  }
  return views;
}

std::vector<DaemonView> views_of(const std::vector<SeenDaemon>& daemons, const MasterIdentity& identity,
                                 const std::vector<EnabledDaemon>& enabled) {
  std::vector<DaemonView> views;
  std::vector<bool> found(enabled.size());
  for (const SeenDaemon& daemon : daemons) {
    views.push_back(view_of(daemon, identity));
    for (std::size_t i = 0; i < enabled.size(); ++i) {
      if (!is_same(enabled[i], daemon)) continue;
      found[i] = views.back().enabled = true;
      if (daemon.stranger && !enabled[i].name.empty()) views.back().name = enabled[i].name;
    }
  }
  for (std::size_t i = 0; i < enabled.size(); ++i) {
    if (found[i]) continue;
    DaemonView view;
    view.id = enabled[i].id;
    view.key = fmt::format("enabled {} {}", enabled[i].id, enabled[i].address);
    const auto host = host_port_from_text(enabled[i].address, kDaemonPort);
    view.endpoint = host ? Endpoint{host->host, host->port} : Endpoint{enabled[i].address, kDaemonPort};
    view.name = enabled[i].name.empty() ? view.endpoint.address : enabled[i].name;
    view.enabled = true;
    view.reason = {DaemonReason::Kind::not_seen};
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace oct
