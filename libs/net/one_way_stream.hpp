#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// A plain TCP connection to a foreign program that only listens: bytes go out, what comes in is dropped. It
/// carries no packets of ours. Destroying it, also from inside one of its calls, closes it without a call.
class OneWayStream {
 public:
  virtual ~OneWayStream() = default;

  /// Queues bytes once connected; `on_sent` is called when the system has taken all of them. What is queued
  /// is not limited here: wait for on_sent.
  virtual void send(Bytes bytes, std::function<void()> on_sent) = 0;
};

/// All on the loop's thread, never from inside open_one_way_stream().
struct OneWayEvents {
  std::function<void()> on_connected;
  std::function<void(const Error&)> on_lost;  ///< or never connected; nothing comes behind it
};

/// Looks `host` up, a name or a numeric address, and tries its addresses in turn for `limit` at most.
[[nodiscard]] std::unique_ptr<OneWayStream> open_one_way_stream(EventLoop& loop, const std::string& host,
                                                                std::uint16_t port, Duration limit,
                                                                OneWayEvents events);

}  // namespace oct
