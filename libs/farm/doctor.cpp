#include "farm/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "farm/behind.hpp"
#include "farm/bound_since.hpp"
#include "net/discovery.hpp"
#include "net/neighbour.hpp"
#include "security/secret.hpp"

namespace oct {
namespace {

constexpr unsigned kTries = 3;
constexpr Duration kDatagramPause = milliseconds(600);
constexpr Duration kPortPatience = seconds(4);
constexpr Duration kNeighbourPause = milliseconds(200);
constexpr unsigned kNeighbourTries = 18;  // a system gives up asking for a neighbour after 3 s
constexpr Duration kDescribePatience =
    seconds(40);  // its slave program may have to be asked, and its GPUs wake
constexpr Duration kReachPatience = seconds(15);
/// A packet that is lost by chance is sent again several times within it.
constexpr Duration kPathPatience = seconds(8);
constexpr std::size_t kPathTestBytes = 16 * 1024;  // many packets of the largest size
constexpr unsigned kCookieTries = 3;
constexpr int kPortsAround = 10;

PortReply reply_of(PortAnswer answer) {
  switch (answer) {
    case PortAnswer::connected: return PortReply::answered;
    case PortAnswer::refused: return PortReply::refused;
    case PortAnswer::silent: return PortReply::silent;
    case PortAnswer::unreachable: return PortReply::unreachable;
    case PortAnswer::forbidden: return PortReply::forbidden;
  }
  return PortReply::not_tried;
}

Deadlines deadlines_of_doctor() {
  Deadlines deadlines;
  deadlines.connect = milliseconds(4000);
  deadlines.handshake = milliseconds(5000);
  deadlines.dead = milliseconds(60000);  // the patience with each question is the doctor's own
  return deadlines;
}

}  // namespace

Doctor::Doctor(EventLoop& loop, DoctorChoice choice, std::function<void(const DoctorEvidence&)> on_done)
    : loop_(loop), choice_(std::move(choice)), on_done_(std::move(on_done)) {
  evidence_.address = choice_.address;
  evidence_.name = choice_.name;
  evidence_.network_enabled = choice_.network_enabled;
  evidence_.master_port = choice_.master_port;
  evidence_.farm = choice_.access.farm();
  evidence_.insecure = choice_.access.insecure;
  evidence_.version = choice_.identity.version;
  evidence_.own_nick = choice_.identity.nick;
  evidence_.scanned = choice_.targets.subnets_text();
  evidence_.left_out = choice_.targets.left_out_text();
  evidence_.unix_time_s = static_cast<std::uint64_t>(std::time(nullptr));
  if (!read_address()) {
    finish();
  } else {
    look_up_ =
        look_up(loop_, target_.host, [this](std::vector<std::string> found) { on_found(std::move(found)); });
  }
}

Doctor::~Doctor() = default;

/// Which port a master asks there: the scanned one, or the one that the user named for this computer.
Result<void> Doctor::read_address() {
  OCT_TRY_ASSIGN(const HostPort typed, host_port_from_text(choice_.address, 0));
  const std::uint16_t scanned = choice_.targets.port;
  target_ = {typed.host, scanned};
  other_ports_ = choice_.last_ports;
  if (typed.port != 0 && typed.port != scanned) other_ports_.push_back(typed.port);
  for (const HostPort& named : choice_.targets.addresses) {
    if (named.host != typed.host || (typed.port != 0 && typed.port != named.port)) continue;
    target_.port = named.port;
    evidence_.scanned_there = true;
  }
  for (int port = scanned - kPortsAround; port <= scanned + kPortsAround; ++port) {
    if (port >= kMinPort && port <= 65535) other_ports_.push_back(static_cast<std::uint16_t>(port));
  }
  std::sort(other_ports_.begin(), other_ports_.end());
  other_ports_.erase(std::unique(other_ports_.begin(), other_ports_.end()), other_ports_.end());
  std::erase(other_ports_, target_.port);
  evidence_.daemon_port = target_.port;
  return {};
}

void Doctor::on_found(std::vector<std::string> addresses) {
  if (addresses.empty()) return finish();
  evidence_.numeric = addresses.front();
  for (const std::string& address : addresses) {
    if (ipv4_from_text(address)) {
      evidence_.numeric = address;
      break;
    }
  }
  examine_way();
  ask_by_datagram();
  ask_by_connection();
}

void Doctor::examine_way() {
  const auto numeric = ipv4_from_text(evidence_.numeric);
  const auto& own = choice_.identity.addresses;
  evidence_.this_computer =
      is_loopback(evidence_.numeric) || std::find(own.begin(), own.end(), evidence_.numeric) != own.end();
  for (const Adapter& adapter : list_adapters()) {
    const auto address = ipv4_from_text(adapter.address);
    if (!numeric || !address || !subnet_of(*address, adapter.prefix_length).contains(*numeric)) continue;
    evidence_.adapter = fmt::format("{}/{}", adapter.address, adapter.prefix_length);
    evidence_.subnet = subnet_of(*address, adapter.prefix_length).text();
  }
  for (const LeftOutSubnet& left : choice_.targets.left_out) {
    if (numeric && left.subnet.contains(*numeric)) evidence_.left_out_adapter = left.adapter;
  }
  if (numeric && evidence_.subnet.empty()) evidence_.subnet = subnet_of(*numeric, 24).text();
  if (!numeric) evidence_.subnet = kIpv6Network;
  for (const HostPort& named : choice_.targets.addresses) {
    if (named.host == evidence_.numeric && named.port == evidence_.daemon_port)
      evidence_.scanned_there = true;
  }
  if (evidence_.this_computer || (numeric && choice_.targets.contains(*numeric)))
    evidence_.scanned_there = true;
}

// By UDP.

void Doctor::ask_by_datagram() {
  const bool v6 = evidence_.numeric.find(':') != std::string::npos;
  auto socket =
      DatagramSocket::open(loop_, {v6 ? "::" : "0.0.0.0", 0},
                           [this](const Endpoint& from, ByteView bytes) { on_datagram(from, bytes); });
  if (socket) socket_ = *std::move(socket);
  fill_random(std::span(reinterpret_cast<std::uint8_t*>(&question_.nonce), sizeof question_.nonce));
  question_.spread_ms = 0;
  probe_ = probe_datagram(question_, choice_.access);
  send_datagram();
}

void Doctor::send_datagram() {
  if (evidence_.udp != PortReply::not_tried) return;
  if (evidence_.udp_tries == kTries || !socket_) {
    evidence_.udp = sending_failed_ ? PortReply::forbidden : PortReply::silent;
    return go_on_if_both_known();
  }
  ++evidence_.udp_tries;
  sent_ = steady_now();
  if (socket_->send({evidence_.numeric, evidence_.daemon_port}, probe_) == Sent::failed)
    sending_failed_ = true;
  datagram_timer_ = loop_.after(kDatagramPause, [this] { send_datagram(); });
}

void Doctor::on_datagram(const Endpoint& from, ByteView bytes) {
  auto answer = read_status(bytes, choice_.access);
  if (!answer || answer->message.nonce != question_.nonce || from.address != evidence_.numeric) return;
  if (evidence_.udp != PortReply::not_tried) return;  // too late: it goes on from there
  if (answer->proved && is_cookie_alone(answer->message) && cookies_++ < kCookieTries) {
    question_.cookie = answer->message.cookie;
    probe_ = probe_datagram(question_, choice_.access);
    socket_->send(from, probe_);
    return;
  }
  evidence_.udp_ms = to_seconds(steady_now() - sent_) * 1000;
  evidence_.udp = PortReply::answered;
  evidence_.status = std::move(answer->message);
  go_on_if_both_known();
}

// By TCP.

void Doctor::ask_by_connection() {
  port_probe_ = probe_port(loop_, {evidence_.numeric, evidence_.daemon_port}, kPortPatience,
                           [this](PortAnswer answer) { on_port_answer(answer); });
}

void Doctor::on_port_answer(PortAnswer answer) {
  evidence_.tcp = reply_of(answer);
  go_on_if_both_known();
}

void Doctor::go_on_if_both_known() {
  if (evidence_.udp == PortReply::not_tried || evidence_.tcp == PortReply::not_tried) return;
  // The system tells of a datagram only that it did not go out.
  if (evidence_.udp == PortReply::forbidden && evidence_.tcp == PortReply::unreachable)
    evidence_.udp = PortReply::unreachable;
  evidence_.no_route = evidence_.udp == PortReply::unreachable && evidence_.tcp == PortReply::unreachable &&
                       evidence_.adapter.empty();
  if (evidence_.this_computer) evidence_.neighbour = true;
  if (!evidence_.neighbour && !evidence_.adapter.empty()) {
    evidence_.neighbour = neighbour_answers(evidence_.numeric);
    evidence_.neighbour_text = "ARP";
  }
  if (evidence_.tcp == PortReply::answered) return talk();
  const bool silence = evidence_.udp == PortReply::silent && evidence_.tcp != PortReply::refused;
  if (silence && !evidence_.neighbour && !evidence_.adapter.empty() && socket_) return ask_neighbour_again();
  try_other_ports();
}

/// A system may forget a neighbour that did not answer before we ask for it: then it is made to look once
/// more.
void Doctor::ask_neighbour_again() {
  socket_->send({evidence_.numeric, evidence_.daemon_port}, probe_);
  look_for_neighbour(kNeighbourTries);
}

void Doctor::look_for_neighbour(unsigned tries) {
  if (const auto answers = neighbour_answers(evidence_.numeric)) evidence_.neighbour = answers;
  if (evidence_.neighbour.value_or(false) || tries == 0) return try_other_ports();
  datagram_timer_ = loop_.after(kNeighbourPause, [this, tries] { look_for_neighbour(tries - 1); });
}

void Doctor::talk() {
  TalkEvents events;
  events.on_open = [this] {
    evidence_.behind = Behind::daemon;
    test_path();
  };
  events.on_message = [this](const DaemonMessage& message) { on_message(message); };
  events.on_end = [this](const TalkEnd& end) { on_talk_end(end); };
  talk_ = std::make_unique<DaemonTalk>(loop_, HostPort{evidence_.numeric, evidence_.daemon_port},
                                       choice_.access, deadlines_of_doctor(), std::move(events));
}

// Whether large packets get through, first in the one direction, then in the other. What else is said is small enough to
// pass anyhow, until a description is long.

void Doctor::test_path() {
  testing_path_ = true;
  evidence_.large_packets = LargePackets::lost_on_the_way_there;
  TestPath question;
  question.filling.resize(kPathTestBytes);
  talk_->send(question);
  patience_ = loop_.after(kPathPatience, [this] { finish(); });
}

void Doctor::ask_for_large_answer() {
  evidence_.large_packets = LargePackets::lost_on_the_way_back;
  TestPath question;
  question.answer_bytes = kPathTestBytes;
  talk_->send(question);
  patience_ = loop_.after(kPathPatience, [this] { finish(); });
}

/// True when it was one.
bool Doctor::on_path_answer(const DaemonMessage& message) {
  if (!testing_path_) return false;
  const auto* tested = std::get_if<PathTested>(&message);
  if (tested != nullptr && evidence_.large_packets == LargePackets::lost_on_the_way_there) {
    ask_for_large_answer();
  } else if (tested != nullptr) {
    evidence_.large_packets = LargePackets::arrive;
    describe();
  } else if (std::get_if<Unsupported>(&message) != nullptr) {
    evidence_.large_packets = LargePackets::not_tested;  // an older daemon; what we sent did arrive
    describe();
  }
  return true;
}

void Doctor::describe() {
  testing_path_ = false;
  talk_->send(DescribeDaemon());
  patience_ = loop_.after(kDescribePatience, [this] { finish(); });
}

void Doctor::on_message(const DaemonMessage& message) {
  if (on_path_answer(message)) return;
  if (const auto* description = std::get_if<DaemonDescription>(&message)) {
    evidence_.description = *description;
    count_from_here(evidence_.description->owner, evidence_.unix_time_s);
    if (!description->owner.empty())
      evidence_.own_occupancy = is_own(description->owner.front(), choice_.identity);
    talk_->send(TryReach{choice_.master_port});
    patience_ = loop_.after(kReachPatience, [this] { finish(); });
  } else if (const auto* reach = std::get_if<ReachResult>(&message)) {
    evidence_.reach = *reach;
    finish();
  } else if (std::get_if<Unsupported>(&message) != nullptr) {
    finish();
  }
}

void Doctor::on_talk_end(const TalkEnd& end) {
  if (end.connected || std::exchange(talk_ended_, true)) return finish();
  evidence_.behind = behind_of(end, choice_.access);
  evidence_.behind_text = end.error.message;
  // Without a key we do not even ask: then its answer to the datagram tells whether it has one.
  if (evidence_.behind == Behind::not_activated && !choice_.access.key && evidence_.status &&
      evidence_.status->farm != 0)
    evidence_.behind = Behind::we_have_no_key;
  if (is_daemon(evidence_.behind)) return finish();
  try_other_ports();
}

// Where else could it be?

void Doctor::try_other_ports() {
  if (evidence_.no_route || (evidence_.neighbour && !*evidence_.neighbour)) return finish();
  evidence_.ports_tried = other_ports_;
  port_search_ =
      std::make_unique<PortSearch>(loop_, evidence_.numeric, other_ports_, choice_.access,
                                   deadlines_of_doctor(), [this](std::optional<std::uint16_t> port) {
                                     evidence_.other_port = port;
                                     finish();
                                   });
}

/// Not from inside the call that brought the last answer.
void Doctor::finish() {
  if (std::exchange(done_, true)) return;
  finish_ = loop_.after(Duration{}, [this] {
    const auto on_done = on_done_;
    const DoctorEvidence evidence = evidence_;
    on_done(evidence);
  });
}

}  // namespace oct
