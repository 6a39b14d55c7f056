#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/connection.hpp"
#include "net/event_loop.hpp"

namespace oct {

struct ConnectOptions {
  std::string host;  ///< name or numeric address
  std::uint16_t port = 0;
  /// Numeric address of this computer to connect from; empty = as the system chooses.
  std::string source = {};
  NetworkAccess access;
  Preamble question;  ///< of this side: conversation, version, name; word and farm follow from `access`
  Deadlines deadlines;
};

struct ConnectFailure {
  /// `unavailable` and `timed_out`: try again later. `incompatible`: final, `word` says why. `protocol`: it
  /// is something else that listens there.
  Error error;
  /// What the peer answered; not_activated when this side's own rule forbids the address, other_farm when the
  /// other side has another key; nothing else.
  std::optional<PreambleWord> word;
  std::uint32_t peer_version = 0;  ///< 0 = unknown
};

/// An attempt to connect. Destroying it, also from inside its call, cancels it without a call.
class Connecting {
 public:
  virtual ~Connecting() = default;
};

/// Does ahead what would keep the loop from its work for 10 ms at the first encrypted connection. Any thread;
/// listeners do it by themselves.
void prepare_encryption(const NetworkAccess& access);

/// Looks the host up, tries its addresses in turn, exchanges preambles, and then calls one of the two, once,
/// never from inside this call.
[[nodiscard]] std::unique_ptr<Connecting> connect(
    EventLoop& loop, ConnectOptions options, std::function<void(std::unique_ptr<Connection>)> on_connected,
    std::function<void(const ConnectFailure&)> on_failed);

}  // namespace oct
