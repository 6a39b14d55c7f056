#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"
#include "wire/preamble.hpp"

namespace oct::test {

/// A peer that says whatever a test wants, byte by byte: right, wrong, half, late or never. It blocks, with a
/// limit: for tests against a program, or a loop that runs on another thread.
class RawClient {
 public:
  /// Connects to this computer; `limit` holds for every call.
  explicit RawClient(std::uint16_t port, Duration limit = seconds(10));
  ~RawClient();

  bool is_connected() const;
  /// False when the peer does not take it.
  bool send(ByteView bytes);
  bool send(std::string_view text);
  template <class Message>
  bool send_message(const Message& message) {
    return send(encode(message));
  }

  /// Exactly `count` bytes, or fewer when the peer closed or the limit passed.
  Bytes receive(std::size_t count);
  /// Everything until the peer closes; nothing when it does not within the limit.
  std::optional<Bytes> receive_to_end();
  /// The next packet; nothing when the peer closed, the limit passed, or it is no packet.
  std::optional<Packet> receive_packet();

  /// Sends this preamble and returns the answer, if it is one.
  std::optional<Preamble> greet(const Preamble& preamble);

  /// No more will be sent (the peer sees the end); receiving goes on.
  void end_sending();
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct::test
