#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "farm/scan_targets.hpp"
#include "net/connector.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

/// How a conversation with a daemon ended, or why none came about.
struct TalkEnd {
  Error error;
  bool connected = false;            ///< it had begun
  std::optional<PreambleWord> word;  ///< what the other side answered instead
};

struct TalkEvents {
  std::function<void()> on_open = [] {};
  std::function<void(const DaemonMessage&)> on_message = [](const DaemonMessage&) {};
  std::function<void(const TalkEnd&)> on_end = [](const TalkEnd&) {};  ///< at most once, then nothing more
};

/// One conversation with a daemon, from connecting on. Destroying it, also from inside its events, closes at
/// once and silences them. The loop's thread only.
///   source  numeric address of this computer to connect from; empty = as the system chooses
class DaemonTalk {
 public:
  DaemonTalk(EventLoop& loop, HostPort to, const NetworkAccess& access, const Deadlines& deadlines,
             TalkEvents events, std::string source = {});
  ~DaemonTalk();
  DaemonTalk(const DaemonTalk&) = delete;
  DaemonTalk& operator=(const DaemonTalk&) = delete;

  /// After on_open.
  template <class Message>
  void send(const Message& message) {
    if (connection_) connection_->send(message);
  }
  /// Sends what is queued, then closes; on_end tells when that is done.
  void finish();

  bool open() const { return connection_ != nullptr; }
  /// Once open: what the daemon said first.
  const Preamble& preamble() const { return connection_->preamble(); }
  const Endpoint& peer() const { return connection_->peer(); }

 private:
  void on_connected(std::unique_ptr<Connection> connection);
  void on_packet(Packet packet);
  void end(TalkEnd end);

  const Deadlines deadlines_;
  const TalkEvents events_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace oct
