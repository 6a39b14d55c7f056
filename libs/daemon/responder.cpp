#include "daemon/responder.hpp"

#include "net/adapters.hpp"
#include "wire/limits.hpp"

namespace oct {

Responder::Responder(EventLoop& loop, ProbeAnswers answers, Status status)
    : loop_(loop), answers_(std::move(answers)), status_(std::move(status)) {}
Responder::~Responder() = default;

Result<void> Responder::listen(const std::string& address, std::uint16_t port) {
  const std::size_t place = sockets_.size();
  const auto on_datagram = [this, place](const Endpoint& from, ByteView bytes) {
    this->on_datagram(place, from, bytes);
  };
  OCT_TRY_ASSIGN(auto socket, DatagramSocket::open(loop_, {address, port}, on_datagram));
  sockets_.push_back(std::move(socket));
#if !defined(_WIN32)
  // there a socket of one address hears no broadcasts
  for (const Adapter& adapter : list_adapters()) {
    if (adapter.address != address || adapter.broadcast.empty()) continue;
    auto broadcasts = DatagramSocket::open(loop_, {adapter.broadcast, port}, on_datagram);
    if (broadcasts) broadcast_sockets_.push_back(*std::move(broadcasts));
  }
#endif
  return {};
}

void Responder::on_datagram(std::size_t socket, const Endpoint& from, ByteView bytes) {
  auto answer = answers_.on(bytes, from.address, status_(), steady_now());
  if (!answer) return;
  if (answer->delay == Duration::zero()) {
    sockets_[socket]->send(from, answer->datagram);  // lost ones are asked for again
    return;
  }
  if (delayed_.size() >= kMaxDelayedAnswers) return;
  const std::uint64_t number = next_++;
  auto send = [this, socket, from, number, datagram = std::move(answer->datagram)] {
    sockets_[socket]->send(from, datagram);
    delayed_.erase(number);
  };
  delayed_[number] = loop_.after(answer->delay, std::move(send));
}

}  // namespace oct
