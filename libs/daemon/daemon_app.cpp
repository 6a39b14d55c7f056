#include "daemon/daemon_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/escaped.hpp"
#include "base/memory_limit.hpp"
#include "base/overloaded.hpp"
#include "base/version.hpp"
#include "daemon/daemon_id.hpp"
#include "daemon/daemon_text.hpp"
#include "daemon/daemon_words.hpp"
#include "net/computer.hpp"
#include "security/secret.hpp"
#include "wire/codec.hpp"

namespace oct {
namespace {

constexpr const char* kAnyV4 = "0.0.0.0";
constexpr const char* kAnyV6 = "::";
constexpr const char* kThisComputer = "127.0.0.1";
constexpr Duration kReachLimit = seconds(5);
/// At the end: for what was said last to be read.
constexpr Duration kLastWait = seconds(1);

Moment now() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {steady_now(), static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(wall).count())};
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  fill_random(std::span(reinterpret_cast<std::uint8_t*>(&number), sizeof number));
  return number;
}

}  // namespace

DaemonApp::DaemonApp(DaemonConfig config)
    : config_(std::move(config)),
      console_({.quiet = config_.quiet, .no_color = false}),
      log_(make_null_log()),
      idle_([this](Instant now) { return input_.idle(now); }) {}
DaemonApp::~DaemonApp() = default;

ExitCode DaemonApp::run() {
  const ExitCode code = serve();
  if (!console_.finish())
    std::_Exit(static_cast<int>(code));  // its window takes nothing; nothing else is left
  return code;
}

ExitCode DaemonApp::serve() {
  if (!config_.log_file.empty()) {
    auto log = make_file_log(config_.log_file, LogLevel::info);
    if (!log) {
      console_.error(log.error().message, log.error().help);
      return ExitCode::output;
    }
    log_ = *std::move(log);
  }
  if (config_.name.empty()) config_.name = host_name();
  if (auto opened = open(); !opened) {
    console_.error(opened.error().message, opened.error().help);
    log_->error("daemon", "{}", opened.error().message);
    return exit_code_of(opened.error().kind);
  }
  program_ = std::make_unique<SlaveProgram>(loop_, config_, *log_,
                                            [this](DaemonEvent event) { feed(std::move(event)); });
  say_hello();
  loop_.on_signal([this](int) { on_signal(); });
  loop_.post([this] { feed(DaemonStarted{}); });
  if (on_open_) on_open_(config_.port);
  loop_.run();
  return ExitCode::done;
}

// Being found.

ListenOptions DaemonApp::listen_options() const {
  ListenOptions options;
  options.ports = {config_.port, 1};
  options.access = config_.access;
  options.answer.conversation = Conversation::daemon;
  // Before the key is proved nobody learns whose computer this is.
  options.answer.name = config_.access.key ? std::string() : config_.name;
  options.more = {Conversation::control};
  return options;
}

/// Everything that listens, the core, and the id by which masters know it.
Result<void> DaemonApp::open() {
  const bool everywhere = config_.bind.empty();
  const std::string address = everywhere ? kAnyV4 : config_.bind;
  OCT_TRY(listen(address, listen_options()));
  config_.port = listeners_.front()->port();  // from now on all use the same
  responder_ = std::make_unique<Responder>(
      loop_, ProbeAnswers(config_.access, Cookies::with_random_secret(), random_number()),
      [this] { return status(); });
  OCT_TRY(responder_->listen(address, config_.port));
  if (everywhere) open_optional(kAnyV6, listen_options());
  if (address != kAnyV4 && address != kThisComputer) {
    ListenOptions control = listen_options();
    control.answer.conversation = Conversation::control;
    control.more.clear();
    if (auto opened = listen(kThisComputer, control); !opened)
      console_.warning(fmt::format("--status, --pause and --stop will not work: {}", opened.error().message));
  }
  DaemonCoreConfig core;
  auto id = config_.folder.empty() ? Result<std::string>(passing_daemon_id())
                                   : lasting_daemon_id(config_.folder, config_.port, this_computer());
  if (!id) console_.warning(fmt::format("masters will not know this daemon again: {}", id.error().message));
  core.identity.id = id ? *id : passing_daemon_id();
  core.identity.run = random_number();
  core.identity.name = config_.name;
  core.identity.platform = platform_name();
  core.identity.port = config_.port;
  core.inquiry.gpus = config_.gpus;
  core.inquiry.cpu = config_.cpu;
  core.slave = config_.limits;
  core.lending = config_.lending;
  core_ = std::make_unique<DaemonCore>(std::move(core));
  return {};
}

Result<void> DaemonApp::listen(const std::string& address, ListenOptions options) {
  options.address = address;
  OCT_TRY_ASSIGN(auto listener,
                 Listener::open(
                     loop_, std::move(options),
                     [this](std::unique_ptr<Connection> made) { on_connection(std::move(made)); },
                     [this](const RefusedPeer& refused) { on_refused(refused); }));
  listeners_.push_back(std::move(listener));
  return {};
}

/// The log is not for strangers to fill.
void DaemonApp::on_refused(const RefusedPeer& refused) {
  if (refused.peer.address.empty()) {
    console_.warning(refused.error.message, refused.error.help);
    return log_->warning("daemon", "{}", refused.error.message);
  }
  if (strangers_.on(refused.peer.address, refused.error.message, steady_now()))
    log_->warning("daemon", "{}: {}", refused.peer.text(), refused.error.message);
  if (const auto others = strangers_.due(steady_now()))
    log_->info("daemon", "{} more connections were sent away, from {} addresses", others->connections,
               others->addresses);
}

/// Where the computer has it: IPv6.
void DaemonApp::open_optional(const std::string& address, ListenOptions options) {
  auto listening = listen(address, std::move(options));
  if (listening) listening = responder_->listen(address, config_.port);
  if (!listening) log_->info("daemon", "not on {}: {}", address, listening.error().message);
}

DaemonStatus DaemonApp::status() const {
  DaemonStatus status = core_->self().status(now());
  status.port = config_.port;
  return status;
}

// The core.

void DaemonApp::feed(DaemonEvent event) {
  for (DaemonAction& action : core_->on(std::move(event), now())) carry_out(action);
  tell_of_loss();
  plan_wake_up();
}

void DaemonApp::plan_wake_up() {
  const Moment present = now();
  const auto at = ending_ ? std::nullopt : core_->wake_at(present);
  wake_up_.reset();
  if (!at) return;
  wake_up_ = loop_.after(std::max(*at - present.instant, Duration::zero()), [this] { feed(WakeUp{}); });
}

void DaemonApp::carry_out(DaemonAction& action) {
  std::visit(Overloaded{
                 [&](const SendTo& message) { send(message); },
                 [&](const SetDeadlines& deadlines) {
                   establish(deadlines.connection, deadlines.heartbeat, deadlines.dead);
                 },
                 [&](const FinishConnection& last) {
                   const auto found = peers_.find(last.connection);
                   if (found != peers_.end()) found->second.connection->finish();
                 },
                 [&](const AskFacts&) {
                   if (!std::exchange(greeted_, true))
                     console_.line("Asking the slave what this computer has ...");
                   program_->ask();
                 },
                 [&](const ReadComputer&) { read_computer(); },
                 [&](const StartSlave& start) { program_->start(start); },
                 [&](const AskSlaveToRest& rest) { program_->ask_to_rest(rest.run); },
                 [&](const SendSlaveTo& send) { program_->send_to(send); },
                 [&](const AskSlaveToLeave& leave) { program_->ask_to_leave(leave.run); },
                 [&](const KillSlave& kill) { program_->kill(kill.run); },
                 [&](const LookAtMemory&) { look_at_memory(); },
                 [&](const TryToReach& reach) { try_reach(reach); },
                 [&](const Announce& news) { announce(words_of(news.news)); },
                 [&](const ShowFacts& facts) { show(facts.facts); },
                 [&](const EndDaemon&) { end(); },
             },
             action);
}

// Connections.

void DaemonApp::on_connection(std::unique_ptr<Connection> made) {
  if (peers_.size() >= kMaxDaemonConnections || ending_) return;
  const ConnectionId id = next_connection_++;
  Connection& connection = *made;
  peers_[id].connection = std::move(made);
  ConnectionEvents events;
  events.on_packet = [this, id](Packet packet) { on_packet(id, std::move(packet)); };
  events.on_closed = [this, id](const Error& reason) { on_closed(id, reason); };
  connection.start(std::move(events));
}

void DaemonApp::on_packet(ConnectionId id, Packet packet) {
  const std::uint32_t request = packet.request_id;
  auto message = decode_daemon_message(std::move(packet));
  if (!message) {
    const Error reason = message.error();
    log_->warning("daemon", "{}: {}", peers_.at(id).connection->peer().text(), reason.message);
    peers_.at(id).connection->finish();
    return;
  }
  if (!std::exchange(peers_.at(id).heard, true)) {
    const Deadlines usual;
    establish(id, usual.heartbeat, usual.dead);
  }
  hear(id, request, *std::move(message));
}

/// Each conversation has its own requests: the person's come from this computer alone.
void DaemonApp::hear(ConnectionId id, std::uint32_t request,
                     std::variant<DaemonMessage, UnknownMessage> message) {
  const auto* known = std::get_if<DaemonMessage>(&message);
  if (known != nullptr && std::holds_alternative<Heartbeat>(*known)) return;
  const Connection& connection = *peers_.at(id).connection;
  if (connection.preamble().conversation != Conversation::control)
    return feed(MasterSaid{id, request, connection.peer().address, std::move(message), program_->file()});
  if (const auto* said = known == nullptr ? nullptr : std::get_if<ControlRequest>(known))
    return feed(PersonSaid{id, request, *said});
  send({id, request, Unsupported{0}});
}

void DaemonApp::on_closed(ConnectionId id, const Error& reason) {
  const Error copy = reason;
  peers_.erase(id);
  feed(ConnectionClosed{id, copy});
  stop_if_closed();
}

void DaemonApp::send(const SendTo& action) {
  const auto found = peers_.find(action.connection);
  if (found == peers_.end()) return;
  std::visit([&](const auto& message) { found->second.connection->send(message, action.request); },
             action.message);
}

/// Heartbeats to the owner tell how its slave gets on, to others that the daemon is there.
void DaemonApp::establish(ConnectionId id, std::chrono::milliseconds heartbeat,
                          std::chrono::milliseconds dead) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  found->second.connection->established(
      heartbeat, dead, [this, id] { return core_->is_owner(id) ? core_->progress() : std::uint64_t{0}; });
}

/// Where the system does not tell how much is free, it is enough.
void DaemonApp::look_at_memory() {
  const auto limit = memory_limit();
  loop_.post([this, bytes = limit ? limit->bytes : ~std::uint64_t{0}] { feed(MemorySeen{bytes}); });
}

void DaemonApp::try_reach(const TryToReach& action) {
  const ConnectionId id = action.connection;
  const std::uint32_t request = action.request;
  const auto tell = [this, id, request](bool reached, const std::string& why_not) {
    feed(ReachTried{id, request, {reached ? 1u : 0u, why_not}});
  };
  if (reaching_.size() >= kMaxReachAttempts) {
    return loop_.post([tell] { tell(false, "too many such attempts are under way"); });
  }
  const std::uint64_t number = next_reach_++;
  reaching_[number] = probe_port(loop_, {action.target.address, action.target.port}, kReachLimit,
                                 [this, tell, number](PortAnswer answer) {
                                   const auto handle = std::move(reaching_[number]);
                                   reaching_.erase(number);
                                   const bool reached = answer == PortAnswer::connected;
                                   tell(reached, reached ? "" : words_of(answer));
                                 });
}

void DaemonApp::read_computer() {
  const Moment present = now();
  ComputerRead read;
  read.computer.second_of_day = second_of_day(present.unix_s);
  if (config_.lending.idle_for) read.computer.idle = idle_(present.instant);
  loop_.post([this, read] { feed(read); });
}

// What people see.

void DaemonApp::say_hello() {
  const auto say = [this](const std::string& line) {
    console_.line(line);
    log_->info("daemon", "{}", line);
  };
  say(hello_line(config_.name, config_.port, config_.access));
  if (!config_.lending.is_always()) say(lending_line(config_.lending));
}

void DaemonApp::show(const Result<SlaveFacts>& facts) {
  for (const std::string& line : facts ? facts_lines(*facts) : std::vector<std::string>()) {
    console_.line(line);
    log_->info("daemon", "{}", line);
  }
  if (!facts) {
    console_.error(facts.error().message,
                   "octane_slave lies beside octane_daemon, unless --slave PATH says where");
    log_->error("daemon", "{}", facts.error().message);
    console_.line("Trying again later. Masters see why.");
  }
  console_.line("Waiting for masters. CTRL-C stops the daemon.");
}

void DaemonApp::announce(const std::string& text) {
  console_.line(escaped(fmt::format("{:<11}{}", time_of_day(now().unix_s), text)));
  log_->info("daemon", "{}", text);
}

/// A log that takes no more is no reason to end.
void DaemonApp::tell_of_loss() {
  if (const auto loss = log_->take_loss()) console_.warning(loss->message, loss->help);
}

// Ending.

void DaemonApp::ask_to_stop() {
  loop_.post([this] { on_signal(); });
}

void DaemonApp::on_signal() {
  if (std::exchange(stop_asked_, true))
    std::_Exit(static_cast<int>(ExitCode::done));  // the slave goes with us
  feed(DaemonStopAsked{});
}

/// Lets everybody read what was said last, for a moment.
void DaemonApp::end() {
  ending_ = true;
  listeners_.clear();
  responder_.reset();
  reaching_.clear();
  for (auto& [id, peer] : peers_) peer.connection->finish();
  last_wait_ = loop_.after(kLastWait, [this] { loop_.stop(); });
  stop_if_closed();
}

void DaemonApp::stop_if_closed() {
  if (ending_ && peers_.empty()) loop_.stop();
}

}  // namespace oct
