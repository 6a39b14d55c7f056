#include "farm/daemon_talk.hpp"

#include <utility>

#include "wire/codec.hpp"

namespace oct {
namespace {

ConnectOptions options_of(HostPort to, const NetworkAccess& access, const Deadlines& deadlines,
                          std::string source) {
  ConnectOptions options;
  options.host = std::move(to.host);
  options.port = to.port;
  options.source = std::move(source);
  options.access = access;
  options.question.conversation = Conversation::daemon;
  options.question.name = host_name();
  options.deadlines = deadlines;
  return options;
}

}  // namespace

DaemonTalk::DaemonTalk(EventLoop& loop, HostPort to, const NetworkAccess& access, const Deadlines& deadlines,
                       TalkEvents events, std::string source)
    : deadlines_(deadlines), events_(std::move(events)) {
  connecting_ = connect(
      loop, options_of(std::move(to), access, deadlines, std::move(source)),
      [this](std::unique_ptr<Connection> connection) { on_connected(std::move(connection)); },
      [this](const ConnectFailure& failure) {
        end({failure.error, false, failure.word});
      });
}

DaemonTalk::~DaemonTalk() = default;

void DaemonTalk::on_connected(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  ConnectionEvents events;
  events.on_packet = [this](Packet packet) { on_packet(std::move(packet)); };
  events.on_closed = [this](const Error& error) { end({error, true, std::nullopt}); };
  connection_->start(std::move(events));
  connection_->established(deadlines_.heartbeat, deadlines_.dead, [] { return std::uint64_t{0}; });
  events_.on_open();
}

void DaemonTalk::on_packet(Packet packet) {
  auto message = decode_daemon_message(std::move(packet));
  if (!message) return end({message.error(), true, std::nullopt});
  const auto* known = std::get_if<DaemonMessage>(&*message);
  if (known == nullptr) return;  // of a newer release: nothing that we asked for
  events_.on_message(*known);
}

void DaemonTalk::finish() {
  if (connection_) connection_->finish();
}

void DaemonTalk::end(TalkEnd end) {
  const auto on_end = events_.on_end;  // the call may destroy this
  connection_.reset();
  on_end(end);
}

}  // namespace oct
