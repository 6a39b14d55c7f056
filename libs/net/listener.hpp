#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/connection.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// Ports to try, in order. {0, 1} = any that the system gives (for tests).
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t count = 1;
};

struct ListenOptions {
  std::string address = "0.0.0.0";  ///< numeric
  PortRange ports;
  NetworkAccess access;
  Preamble answer;  ///< of this side: conversation, version, name; word and farm follow from `access`
  /// Served beside that of `answer`. Conversation::control is for this computer alone, and always in plain.
  std::vector<Conversation> more = {};
  Deadlines deadlines;
};

/// Somebody who did not come in, for the log.
struct RefusedPeer {
  Endpoint peer;        ///< empty when nobody can come in, for want of open files: told once
  Preamble preamble;    ///< what it said; empty name = it said nothing of ours
  PreambleWord word{};  ///< our answer; 0 = it got none
  Error error;          ///< why: another version or key, not activated, HTTP, silence, too many strangers
};

/// Accepts connections, reads their preambles, answers, and hands over those that may come in. Strangers are
/// bounded in number (kMaxPendingConnections) and time (Deadlines::handshake), from their first byte to
/// Connection::established().
class Listener {
 public:
  using OnConnection = std::function<void(std::unique_ptr<Connection>)>;
  using OnRefused = std::function<void(const RefusedPeer&)>;

  /// unavailable when no port of the range is free; invalid_input when the address is not one of this
  /// computer.
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, ListenOptions options,
                                                OnConnection on_connection, OnRefused on_refused);
  /// Accepts no more. Connections handed over live on.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;

 private:
  class Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oct
