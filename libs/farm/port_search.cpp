#include "farm/port_search.hpp"

#include <utility>

#include "farm/behind.hpp"

namespace oct {
namespace {

constexpr Duration kPatience = seconds(2);  ///< with each port

}  // namespace

PortSearch::PortSearch(EventLoop& loop, std::string address, const std::vector<std::uint16_t>& ports,
                       const NetworkAccess& access, const Deadlines& deadlines,
                       std::function<void(std::optional<std::uint16_t>)> on_done)
    : loop_(loop),
      address_(std::move(address)),
      access_(access),
      deadlines_(deadlines),
      on_done_(std::move(on_done)),
      open_(ports.size()) {
  if (ports.empty()) finish();
  for (const std::uint16_t port : ports) probe(port);
}

void PortSearch::probe(std::uint16_t port) {
  probes_.push_back(probe_port(loop_, {address_, port}, kPatience, [this, port](PortAnswer answer) {
    answer == PortAnswer::connected ? talk(port) : know(port, false);
  }));
}

/// Something listens there: is it a daemon?
void PortSearch::talk(std::uint16_t port) {
  TalkEvents events;
  events.on_open = [this, port] { know(port, true); };
  events.on_end = [this, port](const TalkEnd& end) {
    if (!end.connected) know(port, is_daemon(behind_of(end, access_)));
  };
  talks_.push_back(
      std::make_unique<DaemonTalk>(loop_, HostPort{address_, port}, access_, deadlines_, std::move(events)));
}

void PortSearch::know(std::uint16_t port, bool is_daemon) {
  if (is_daemon && !found_) found_ = port;
  if (--open_ == 0) finish();
}

/// Not from inside the call that brought the last answer.
void PortSearch::finish() {
  finish_ = loop_.after(Duration{}, [this] {
    const auto on_done = on_done_;  // it may destroy this object
    on_done(found_);
  });
}

}  // namespace oct
