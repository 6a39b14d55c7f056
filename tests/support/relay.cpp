#include "support/relay.hpp"

#include <list>
#include <mutex>
#include <thread>

#include "base/check.hpp"
#include "net/asio.hpp"

namespace oct::test {

struct Relay::State {
  asio::io_context context;
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  std::uint16_t server_port = 0;
  Hook hook;
  std::size_t piece_bytes = 0;
  std::mutex mutex;  ///< of the hook, the sockets' ends and `stopped`
  bool stopped = false;
  struct Pair {
    tcp::socket client, server;
  };
  std::list<Pair> pairs;
  std::list<std::thread> threads;
  std::thread accepting;

  void accept() {
    while (true) {
      IoError error;
      tcp::socket client(context), server(context);
      acceptor.accept(client, error);
      {
        const std::lock_guard lock(mutex);
        if (stopped) return;
      }
      if (!error) server.connect({asio::ip::address_v4::loopback(), server_port}, error);
      const std::lock_guard lock(mutex);
      if (stopped) return;
      if (error) continue;
      for (tcp::socket* socket : {&client, &server}) socket->set_option(tcp::no_delay(true), error);
      Pair& pair = pairs.emplace_back(Pair{std::move(client), std::move(server)});
      threads.emplace_back([this, &pair] { pump(pair, Way::to_server); });
      threads.emplace_back([this, &pair] { pump(pair, Way::to_client); });
    }
  }

  static void end(Pair& pair) {
    IoError ignored;
    for (tcp::socket* socket : {&pair.client, &pair.server})
      socket->shutdown(tcp::socket::shutdown_both, ignored);
  }

  void pump(Pair& pair, Way way) {
    tcp::socket& from = way == Way::to_server ? pair.client : pair.server;
    tcp::socket& to = way == Way::to_server ? pair.server : pair.client;
    std::uint64_t offset = 0;
    bool holding = false;
    Bytes bytes;
    while (true) {
      bytes.resize(piece_bytes);
      IoError error;
      const std::size_t count = from.read_some(asio::buffer(bytes), error);
      if (error) break;
      bytes.resize(count);
      Act act = Act::hold;
      {
        const std::lock_guard lock(mutex);
        if (stopped) return;
        if (!holding) act = hook(way, offset, bytes);
      }
      offset += count;
      holding = holding || act == Act::hold;
      if (act == Act::cut) return end(pair);
      for (std::size_t sent = 0; !holding && !error && sent < bytes.size();)
        sent += to.write_some(asio::buffer(bytes) + sent, error);
      if (error) break;
    }
    IoError ignored;
    if (!holding) to.shutdown(tcp::socket::shutdown_send, ignored);
  }
};

Relay::Relay(std::uint16_t server_port, Hook hook, std::size_t piece_bytes)
    : state_(std::make_unique<State>()) {
  state_->server_port = server_port;
  state_->hook = std::move(hook);
  state_->piece_bytes = piece_bytes;
  state_->accepting = std::thread([state = state_.get()] { state->accept(); });
}

Relay::~Relay() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    for (State::Pair& pair : state_->pairs) State::end(pair);
  }
  IoError ignored;
  tcp::socket knock(state_->context);  // wakes the acceptor
  knock.connect({asio::ip::address_v4::loopback(), port()}, ignored);
  state_->accepting.join();
  for (std::thread& thread : state_->threads) thread.join();
}

std::uint16_t Relay::port() const {
  return state_->acceptor.local_endpoint().port();
}

}  // namespace oct::test
