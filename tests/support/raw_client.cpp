#include "support/raw_client.hpp"

#include "net/asio.hpp"

namespace oct::test {

struct RawClient::State {
  asio::io_context context;
  tcp::socket socket{context};
  Duration limit;
  bool connected = false;

  /// Runs one operation to its end or to the limit.
  template <class Start>
  std::tuple<IoError, std::size_t> perform(Start&& start) {
    std::tuple<IoError, std::size_t> outcome{asio::error::timed_out, 0};
    start([&outcome](IoError error, std::size_t count) { outcome = {error, count}; });
    context.restart();
    context.run_for(limit);
    if (!context.stopped()) {
      IoError ignored;
      socket.cancel(ignored);
      context.run();
      outcome = {asio::error::timed_out, 0};
    }
    return outcome;
  }
};

RawClient::RawClient(std::uint16_t port, Duration limit) : state_(std::make_unique<State>()) {
  state_->limit = limit;
  IoError error;
  state_->socket.connect({asio::ip::address_v4::loopback(), port}, error);
  state_->connected = !error;
}

RawClient::~RawClient() = default;

bool RawClient::is_connected() const {
  return state_->connected;
}

bool RawClient::send(ByteView bytes) {
  while (!bytes.empty()) {
    const auto [error, count] = state_->perform(
        [&](auto done) { state_->socket.async_write_some(asio::buffer(bytes.data(), bytes.size()), done); });
    if (error) return false;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool RawClient::send(std::string_view text) {
  return send(std::as_bytes(std::span(text)));
}

Bytes RawClient::receive(std::size_t count) {
  Bytes bytes(count);
  std::size_t have = 0;
  while (have < count) {
    const auto [error, more] = state_->perform([&](auto done) {
      state_->socket.async_read_some(asio::buffer(bytes.data() + have, count - have), done);
    });
    if (error) break;
    have += more;
  }
  bytes.resize(have);
  return bytes;
}

std::optional<Bytes> RawClient::receive_to_end() {
  Bytes all;
  while (true) {
    Bytes piece(4096);
    const auto [error, count] = state_->perform(
        [&](auto done) { state_->socket.async_read_some(asio::buffer(piece.data(), piece.size()), done); });
    if (error == asio::error::timed_out) return std::nullopt;
    if (error) return all;
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

std::optional<Packet> RawClient::receive_packet() {
  const Bytes head = receive(kPacketHeaderBytes);
  const auto header = read_packet_header(head);
  if (!header) return std::nullopt;
  Packet packet{static_cast<MessageType>(header->type), header->request_id, receive(header->document_bytes),
                receive(header->payload_bytes)};
  if (packet.document.size() != header->document_bytes || packet.payload.size() != header->payload_bytes)
    return std::nullopt;
  return packet;
}

std::optional<Preamble> RawClient::greet(const Preamble& preamble) {
  const auto question = encode_preamble(preamble);
  if (!send(question)) return std::nullopt;
  const auto answer = decode_preamble(receive(kPreambleBytes));
  if (!answer) return std::nullopt;
  return *answer;
}

void RawClient::end_sending() {
  IoError ignored;
  state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void RawClient::close() {
  IoError ignored;
  state_->socket.close(ignored);
}

}  // namespace oct::test
