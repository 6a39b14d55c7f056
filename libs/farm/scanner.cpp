#include "farm/scanner.hpp"

#include <algorithm>

#include "security/secret.hpp"

namespace oct {
namespace {

constexpr Duration kTick = milliseconds(20);
constexpr Duration kNotice = milliseconds(20);
constexpr Duration kNamesLast = seconds(60);
/// A datagram that waits for its neighbour costs some 2.5 kB of a socket's buffer, which may be as small as
/// 200 kB; 3 s of a sweep wait at a time.
constexpr std::size_t kMostSweepSockets = 12;

std::uint64_t random_number() {
  std::uint64_t number = 0;
  fill_random(std::span(reinterpret_cast<std::uint8_t*>(&number), sizeof number));
  return number;
}

bool is_v6(const Endpoint& endpoint) {
  return endpoint.address.find(':') != std::string::npos;
}

}  // namespace

Scanner::Scanner(EventLoop& loop, ScanTargets targets, const ScanLimits& limits, const NetworkAccess& access,
                 std::function<void()> on_change)
    : loop_(loop),
      access_(access),
      on_change_(std::move(on_change)),
      schedule_(limits, std::move(targets), steady_now()),
      directory_(DirectoryLimits(), access) {}

Scanner::~Scanner() = default;

Result<std::unique_ptr<Scanner>> Scanner::open(EventLoop& loop, ScanTargets targets, const ScanLimits& limits,
                                               const NetworkAccess& access, std::function<void()> on_change) {
  auto scanner =
      std::unique_ptr<Scanner>(new Scanner(loop, std::move(targets), limits, access, std::move(on_change)));
  OCT_TRY_ASSIGN(scanner->round_, scanner->open_socket("0.0.0.0"));
  scanner->timer_ = loop.every(kTick, [self = scanner.get()] { self->tick(); });
  scanner->tick();
  return scanner;
}

Result<std::unique_ptr<DatagramSocket>> Scanner::open_socket(const char* address) {
  return DatagramSocket::open(loop_, {address, 0},
                              [this](const Endpoint& from, ByteView bytes) { on_datagram(from, bytes); });
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
  if (instant >= names_due_) look_up_names();
  ScanSchedule::Due due = schedule_.due(instant);
  if (due.round) begin_round();
  for (Probe& probe : due.probes) {
    if (send(probe) == Sent::later) schedule_.postpone(std::move(probe), instant);
  }
}

void Scanner::begin_round() {
  own_.clear();
  for (const Adapter& adapter : list_adapters()) {
    if (!adapter.loopback) own_.push_back(adapter.address);
  }
  DaemonProbe probe;
  probe.nonce = random_number();
  probe_ = probe_datagram(probe, access_);
  probe.spread_ms = 0;
  probe_at_once_ = probe_datagram(probe, access_);
  if (directory_.begin_round(probe.nonce)) changed();
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
  if (is_v6(probe.to) && !round_v6_) {
    auto socket = open_socket("::");
    if (!socket) return Sent::failed;
    round_v6_ = *std::move(socket);
  }
  DatagramSocket& socket = is_v6(probe.to) ? *round_v6_ : *round_;
  const auto& subnets = schedule_.targets().subnets;
  const bool broadcast = std::any_of(subnets.begin(), subnets.end(), [&](const ScanSubnet& subnet) {
    return subnet.broadcast == probe.to.address;
  });
  return socket.send(probe.to, broadcast ? probe_ : probe_at_once_);
}

Sent Scanner::send_sweep(const Endpoint& to) {
  for (const auto& socket : sweep_) {
    const Sent sent = socket->send(to, probe_at_once_);
    if (sent != Sent::later) return sent;
  }
  if (sweep_.size() >= kMostSweepSockets) return Sent::later;
  auto socket = open_socket("0.0.0.0");
  if (!socket) return Sent::later;
  sweep_.push_back(*std::move(socket));
  return sweep_.back()->send(to, probe_at_once_);
}

void Scanner::on_datagram(const Endpoint& from, ByteView bytes) {
  const auto answer = read_status(bytes, access_);
  // Without a key the daemon of this computer is one for its loopback address, and closed to all others.
  const bool tells_nothing = answer && answer->message.id.empty();
  if (tells_nothing && std::find(own_.begin(), own_.end(), from.address) != own_.end()) return;
  if (answer && directory_.on_answer(from, answer->message, answer->proved)) changed();
}

void Scanner::changed() {
  if (notice_) return;
  notice_ = loop_.after(kNotice, [this] {
    notice_.reset();
    on_change_();
  });
}

}  // namespace oct
