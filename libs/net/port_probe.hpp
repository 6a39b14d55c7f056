#pragma once
#include <functional>
#include <memory>

#include "base/instant.hpp"
#include "net/address.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// What became of an attempt to open a TCP connection.
enum class PortAnswer {
  connected,
  refused,      ///< the computer is there, and nothing listens (or a firewall says so)
  silent,       ///< no answer in time
  unreachable,  ///< the network says that there is no way
  forbidden,    ///< this computer's own system did not let it out
};

/// For people: "connection refused: nothing listens there".
const char* words_of(PortAnswer answer);

/// An attempt. Destroying it, also from inside its call, ends it without a call.
class PortProbe {
 public:
  virtual ~PortProbe() = default;
};

/// Connects to a numeric address, closes at once, and calls `on_answer` once, never from inside this call.
[[nodiscard]] std::unique_ptr<PortProbe> probe_port(EventLoop& loop, const Endpoint& to, Duration patience,
                                                    std::function<void(PortAnswer)> on_answer);

}  // namespace oct
