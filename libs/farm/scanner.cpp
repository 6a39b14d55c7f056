#include "farm/scanner.hpp"

#include <algorithm>
#include <ctime>

#include "farm/bound_since.hpp"
#include "security/secret.hpp"

namespace oct {
namespace {

constexpr Duration kTick = milliseconds(20);
constexpr Duration kNotice = milliseconds(20);
constexpr Duration kNamesLast = seconds(60);
constexpr Duration kAdaptersLast = seconds(3);
constexpr std::size_t kMostCookies = 4096;
constexpr unsigned kMostAskedAgain =
    3;  // of one daemon in one round: its cookies do not seem to be meant for us
/// A datagram that waits for its neighbour costs some 2.5 kB of a socket's buffer, which may be as small as
/// 200 kB; 3 s of a sweep wait at a time.
constexpr std::size_t kMostSweepSockets = 12;

std::uint64_t random_number() {
  std::uint64_t number = 0;
  fill_random(std::span(reinterpret_cast<std::uint8_t*>(&number), sizeof number));
  return number;
}

constexpr const char* kAnyV4 = "0.0.0.0";
constexpr const char* kAnyV6 = "::";

}  // namespace

Scanner::Scanner(EventLoop& loop, ScanChoice choice, std::vector<Adapter> adapters, ScanTargets targets,
                 const ScanLimits& limits, const NetworkAccess& access, std::function<void()> on_change)
    : loop_(loop),
      access_(access),
      choice_(std::move(choice)),
      adapters_(std::move(adapters)),
      adapters_due_(steady_now() + kAdaptersLast),
      on_change_(std::move(on_change)),
      schedule_(limits, std::move(targets), steady_now()),
      directory_(DirectoryLimits(), access) {}

Scanner::~Scanner() = default;

Result<std::unique_ptr<Scanner>> Scanner::open(EventLoop& loop, ScanChoice choice, const ScanLimits& limits,
                                               const NetworkAccess& access, std::function<void()> on_change) {
  std::vector<Adapter> adapters = list_adapters();
  OCT_TRY_ASSIGN(ScanTargets targets, scan_targets(choice, adapters));
  auto scanner =
      std::unique_ptr<Scanner>(new Scanner(loop, std::move(choice), std::move(adapters), std::move(targets),
                                           limits, access, std::move(on_change)));
  const bool v6_alone = is_ipv6(scanner->choice_.source);
  auto& round = v6_alone ? scanner->round_v6_ : scanner->round_;
  OCT_TRY_ASSIGN(round, scanner->open_socket(v6_alone ? kAnyV6 : kAnyV4));
  scanner->timer_ = loop.every(kTick, [self = scanner.get()] { self->tick(); });
  scanner->tick();
  return scanner;
}

Result<std::unique_ptr<DatagramSocket>> Scanner::open_socket(const char* any) {
  const std::string& source = choice_.source;
  if (!source.empty() && is_ipv6(source) != is_ipv6(any))
    return fail(ErrorKind::invalid_input, "not reached from the address that was chosen");
  return DatagramSocket::open(loop_, {source.empty() ? any : source, 0},
                              [this](const Endpoint& from, ByteView bytes) { on_datagram(from, bytes); });
}

Result<void> Scanner::choose(ScanChoice choice) {
  OCT_TRY_ASSIGN(ScanTargets targets, scan_targets(choice, adapters_));
  choice_ = std::move(choice);
  set_targets(std::move(targets));
  return {};
}

/// Addresses come and go while we look: a VPN, another network, a card that waited for its address.
void Scanner::read_adapters_again() {
  adapters_due_ = steady_now() + kAdaptersLast;
  std::vector<Adapter> adapters = list_adapters();
  if (adapters == adapters_) return;
  adapters_ = std::move(adapters);
  // One that was named and is gone: it may come back.
  if (auto targets = scan_targets(choice_, adapters_)) set_targets(*std::move(targets));
  changed();
}

void Scanner::set_targets(ScanTargets targets) {
  if (targets == schedule_.targets()) return;
  names_due_ = {};
  schedule_.set_targets(std::move(targets), steady_now());
}

void Scanner::request() {
  schedule_.request(steady_now());
}

void Scanner::tick() {
  const Instant instant = steady_now();
  if (instant >= adapters_due_) read_adapters_again();
  if (instant >= names_due_) look_up_names();
  ScanSchedule::Due due = schedule_.due(instant);
  if (due.round) begin_round();
  for (Probe& probe : due.probes) {
    if (send(probe) == Sent::later) schedule_.postpone(std::move(probe), instant);
  }
}

void Scanner::begin_round() {
  question_ = {};
  question_.nonce = random_number();
  probe_ = probe_datagram(question_, access_);
  question_.spread_ms = 0;
  probe_at_once_ = probe_datagram(question_, access_);
  asked_again_.clear();
  if (directory_.begin_round(question_.nonce)) changed();
  std::vector<Endpoint> known = named_;
  for (const SeenDaemon& daemon : directory_.daemons()) known.push_back(daemon.endpoint);
  schedule_.set_known(std::move(known));
}

void Scanner::look_up_names() {
  names_due_ = steady_now() + kNamesLast;
  look_ups_.clear();
  named_.clear();
  for (const HostPort& host : schedule_.targets().addresses) {
    look_ups_.push_back(look_up(loop_, host.host, [this, port = host.port](std::vector<std::string> found) {
      for (std::string& address : found) {
        const Endpoint to{std::move(address), port};
        named_.push_back(to);
        // The round may be over already: ask at once.
        if (!probe_at_once_.empty()) send({to, false});
      }
    }));
  }
}

Sent Scanner::send(const Probe& probe) {
  if (probe.sweep) return send_sweep(probe.to);
  const auto& subnets = schedule_.targets().subnets;
  const bool broadcast = std::any_of(subnets.begin(), subnets.end(), [&](const ScanSubnet& subnet) {
    return subnet.broadcast == probe.to.address;
  });
  return send_by_round(probe.to, broadcast ? probe_ : probe_for(probe.to));
}

Sent Scanner::send_by_round(const Endpoint& to, ByteView datagram) {
  auto& socket = is_ipv6(to.address) ? round_v6_ : round_;
  if (!socket) {
    auto opened = open_socket(is_ipv6(to.address) ? kAnyV6 : kAnyV4);
    if (!opened) return Sent::failed;
    socket = *std::move(opened);
  }
  return socket->send(to, datagram);
}

/// With the cookie that was got from there last, if any.
Bytes Scanner::probe_for(const Endpoint& to) {
  const auto cookie = cookies_.find(to);
  if (cookie == cookies_.end()) return probe_at_once_;
  DaemonProbe probe = question_;
  probe.cookie = cookie->second;
  return probe_datagram(std::move(probe), access_);
}

/// A daemon of our farm tells who it is only to who asks with a cookie of its own: at once again, unless we know already.
void Scanner::on_cookie(const Endpoint& from, const DaemonStatus& status) {
  if (!directory_.expects(status.nonce)) return;
  if (cookies_.size() >= kMostCookies && !cookies_.contains(from)) cookies_.clear();
  cookies_[from] = status.cookie;
  if (directory_.has_answered(from) || asked_again_[from]++ >= kMostAskedAgain) return;
  send_by_round(from, probe_for(from));
}

Sent Scanner::send_sweep(const Endpoint& to) {
  for (const auto& socket : sweep_) {
    const Sent sent = socket->send(to, probe_at_once_);
    if (sent != Sent::later) return sent;
  }
  if (is_ipv6(choice_.source)) return Sent::failed;
  if (sweep_.size() >= kMostSweepSockets) return Sent::later;
  auto socket = open_socket(kAnyV4);
  if (!socket) return Sent::later;
  sweep_.push_back(*std::move(socket));
  return sweep_.back()->send(to, probe_at_once_);
}

void Scanner::on_datagram(const Endpoint& from, ByteView bytes) {
  auto answer = read_status(bytes, access_);
  if (!answer) return;
  DaemonStatus& status = answer->message;
  if (answer->proved && is_cookie_alone(status)) return on_cookie(from, status);
  // Without a key the daemon of this computer is one for its loopback address, and closed to all others.
  const auto is_own = [&](const Adapter& adapter) {
    return !adapter.loopback && adapter.address == from.address;
  };
  if (status.id.empty() && std::any_of(adapters_.begin(), adapters_.end(), is_own)) return;
  count_from_here(status.owner, static_cast<std::uint64_t>(std::time(nullptr)));
  if (directory_.on_answer(from, status, answer->proved)) changed();
}

void Scanner::changed() {
  if (notice_) return;
  notice_ = loop_.after(kNotice, [this] {
    notice_.reset();
    on_change_();
  });
}

}  // namespace oct
