#pragma once
#include <optional>
#include <string>
#include <vector>

#include "daemon/daemon_core.hpp"
#include "daemon/daemon_words.hpp"

namespace oct::test {

inline DaemonCoreConfig a_daemon() {
  DaemonCoreConfig config;
  config.identity.id = "5b1e5b1e5b1e5b1e5b1e5b1e5b1e5b1e";
  config.identity.name = "RENDER1";
  config.identity.platform = "linux";
  config.identity.port = 48000;
  return config;
}

inline SlaveFacts some_facts() {
  SlaveFacts facts;
  facts.version = 1000000;
  facts.kernel_hash = "aa";
  facts.devices = {{DeviceKind::cuda, 0, "GPU A", 24'000'000'000, 0},
                   {DeviceKind::cuda, 1, "GPU B", 24'000'000'000, 0},
                   {DeviceKind::cpu, 0, "16 threads", 64'000'000'000, 16}};
  return facts;
}

/// A DaemonCore, a clock that stands until it is moved, and what it asked for last.
class DaemonRig {
 public:
  static constexpr std::uint64_t kStartUnix = 1'760'000'000;
  static constexpr FileStamp kFile = 7;

  explicit DaemonRig(const DaemonCoreConfig& config = a_daemon()) : core(config) {}

  Moment now() const {
    return {Instant(since_start), kStartUnix + static_cast<std::uint64_t>(to_seconds(since_start))};
  }
  /// A look at the computer is answered at once.
  void tell(DaemonEvent event) {
    actions = core.on(std::move(event), now());
    if (find<ReadComputer>() == nullptr) return;
    ++looks;
    DaemonActions more = core.on(ComputerRead{computer()}, now());
    actions.insert(actions.end(), more.begin(), more.end());
  }
  ComputerState computer() const {
    ComputerState state;
    const auto second = static_cast<std::uint64_t>(to_seconds(since_start - kStart));
    state.second_of_day = static_cast<unsigned>((start_second_of_day + second) % 86400);
    if (last_input) state.idle = since_start - *last_input;
    return state;
  }
  void start(FileStamp file = kFile) {
    tell(DaemonStarted{});
    tell(FactsCame{some_facts(), file});
  }
  void hear(ConnectionId from, DaemonMessage message, std::uint32_t request = 1, FileStamp file = kFile) {
    tell(MasterSaid{from, request, address_of(from), std::move(message), file});
  }
  void person(ControlCommand command, std::uint32_t minutes = 0) {
    tell(PersonSaid{99, 1, {command, minutes}});
  }
  void close(ConnectionId connection, ErrorKind kind = ErrorKind::cancelled) {
    tell(ConnectionClosed{connection, {kind, "silent for 15.0 s"}});
  }
  /// Time passes, and the deadlines in it are met one after the other; the actions of all of them.
  void pass(Duration time) {
    DaemonActions all;
    const Duration end = since_start + time;
    for (auto at = core.wake_at(now()); at && at->time_since_epoch() <= end; at = core.wake_at(now())) {
      since_start = std::max(since_start, at->time_since_epoch());
      tell(WakeUp{});
      all.insert(all.end(), actions.begin(), actions.end());
    }
    since_start = end;
    actions = std::move(all);
  }

  static std::string address_of(ConnectionId connection) { return "10.0.0." + std::to_string(connection); }

  template <class Action>
  const Action* find() const {
    for (const DaemonAction& action : actions) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }
  template <class Message>
  const Message* sent_to(ConnectionId connection) const {
    const Message* last = nullptr;
    for (const DaemonAction& action : actions) {
      const auto* send = std::get_if<SendTo>(&action);
      if (send == nullptr || send->connection != connection) continue;
      if (const auto* message = std::get_if<Message>(&send->message)) last = message;
    }
    return last;
  }
  bool announced(const std::string& text) const {
    for (const DaemonAction& action : actions) {
      const auto* news = std::get_if<Announce>(&action);
      if (news != nullptr && words_of(news->news).find(text) != std::string::npos) return true;
    }
    return false;
  }
  bool finishes(ConnectionId connection) const {
    for (const DaemonAction& action : actions) {
      const auto* finish = std::get_if<FinishConnection>(&action);
      if (finish != nullptr && finish->connection == connection) return true;
    }
    return false;
  }

  OccupyDaemon occupation(const std::string& nick = "studio@DESK", bool steal = false) const {
    OccupyDaemon message;
    message.nick = nick;
    message.master_port = 21000;
    message.steal = steal ? 1 : 0;
    return message;
  }
  /// Connection 1 has the daemon, and slave `run` speaks.
  SlaveRun become_bound() {
    start();
    hear(1, occupation());
    const SlaveRun run = find<StartSlave>()->run;
    tell(SlaveWrote{run, "progress 1"});
    return run;
  }

  DaemonCore core;
  DaemonActions actions;
  static constexpr Duration kStart = seconds(1000);
  Duration since_start = kStart;
  unsigned start_second_of_day = 0;                 ///< local time
  std::optional<Duration> last_input = Duration{};  ///< on the clock of since_start; nothing: nobody can tell
  int looks = 0;
};

}  // namespace oct::test
