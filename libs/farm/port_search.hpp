#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farm/daemon_talk.hpp"
#include "net/port_probe.hpp"

namespace oct {

/// Looks for a daemon of any farm behind several ports of one computer, all at once. The loop's thread only;
/// destroying it, from inside its call too, ends it.
class PortSearch {
 public:
  /// `on_done` comes once, never from inside this call, with the first port at which a daemon was met.
  PortSearch(EventLoop& loop, std::string address, const std::vector<std::uint16_t>& ports,
             const NetworkAccess& access, const Deadlines& deadlines,
             std::function<void(std::optional<std::uint16_t>)> on_done);
  PortSearch(const PortSearch&) = delete;
  PortSearch& operator=(const PortSearch&) = delete;

 private:
  void probe(std::uint16_t port);
  void talk(std::uint16_t port);
  void know(std::uint16_t port, bool is_daemon);
  void finish();

  EventLoop& loop_;
  const std::string address_;
  const NetworkAccess access_;
  const Deadlines deadlines_;
  const std::function<void(std::optional<std::uint16_t>)> on_done_;
  std::size_t open_ = 0;  ///< ports without an answer
  std::optional<std::uint16_t> found_;
  std::unique_ptr<Timer> finish_;
  std::vector<std::unique_ptr<PortProbe>> probes_;
  std::vector<std::unique_ptr<DaemonTalk>> talks_;
};

}  // namespace oct
