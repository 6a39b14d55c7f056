#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/probe_answers.hpp"
#include "net/datagram.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// Answers the probes of masters, by UDP. The shell of ProbeAnswers; the loop's thread only.
class Responder {
 public:
  using Status = std::function<DaemonStatus()>;

  Responder(EventLoop& loop, ProbeAnswers answers, Status status);
  ~Responder();

  /// Listens at this address of this computer, too; for one of an adapter, at its broadcast address as well
  /// where systems want that.
  Result<void> listen(const std::string& address, std::uint16_t port);

 private:
  void on_datagram(std::size_t socket, const Endpoint& from, ByteView bytes);

  EventLoop& loop_;
  ProbeAnswers answers_;
  Status status_;
  std::vector<std::unique_ptr<DatagramSocket>> sockets_;
  std::vector<std::unique_ptr<DatagramSocket>> broadcast_sockets_;  ///< answered through sockets_
  std::map<std::uint64_t, std::unique_ptr<Timer>> delayed_;
  std::uint64_t next_ = 0;
};

}  // namespace oct
