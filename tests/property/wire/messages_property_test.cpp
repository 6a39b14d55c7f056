#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/sample_messages.hpp"

namespace oct {
namespace {

TEST_CASE("decode(encode(message)) is the message, for messages made from their field lists", "[wire]") {
  const std::uint64_t seed = 20240917;
  INFO("seed " << seed);
  test::Random random(seed);
  test::for_each_message([&]<class Message>() {
    INFO(to_string(Message::kType));
    for (int round = 0; round < 60; ++round) {
      const auto message = test::random_message<Message>(random);
      const auto id = static_cast<std::uint32_t>(random.next());
      const Bytes bytes = encode(message, id);
      Packet packet = test::one_packet(bytes);
      REQUIRE(packet.request_id == id);
      auto decoded = decode<Message>(std::move(packet));
      REQUIRE(decoded.has_value());
      // One content has one encoding, so equal bytes are equal messages.
      REQUIRE(encode(*decoded, id) == bytes);
      // The general decoder comes to the same.
      auto any = decode_render_message(test::one_packet(bytes));
      REQUIRE(any.has_value());
      REQUIRE(std::holds_alternative<Message>(*any));
    }
  });
}

TEST_CASE("messages of the daemon conversation come back as they were, too", "[wire]") {
  const std::uint64_t seed = 20251125;
  INFO("seed " << seed);
  test::Random random(seed);
  test::for_each_daemon_message([&]<class Message>() {
    INFO(to_string(Message::kType));
    for (int round = 0; round < 40; ++round) {
      const auto message = test::random_message<Message>(random);
      const auto id = static_cast<std::uint32_t>(random.next());
      const Bytes bytes = encode(message, id);
      auto any = decode_daemon_message(test::one_packet(bytes));
      REQUIRE(any.has_value());
      const auto* known = std::get_if<DaemonMessage>(&*any);
      REQUIRE(known != nullptr);
      REQUIRE(std::holds_alternative<Message>(*known));
      REQUIRE(encode(std::get<Message>(*known), id) == bytes);
    }
  });
}

TEST_CASE("damaged messages of the daemon conversation are read with tolerance or refused", "[wire]") {
  const std::uint64_t seed = 8;
  INFO("seed " << seed);
  test::Random random(seed);
  int refused = 0, accepted = 0;
  test::for_each_daemon_message([&]<class Message>() {
    for (int round = 0; round < 200; ++round) {
      Packet packet = test::one_packet(encode(test::random_message<Message>(random)));
      for (std::uint64_t i = random.between(1, 3); i > 0 && !packet.document.empty(); --i)
        packet.document[random.below(packet.document.size())] ^=
            static_cast<std::byte>(1u << random.below(8));
      auto any = decode_daemon_message(std::move(packet));
      if (!any) {
        REQUIRE(any.error().kind == ErrorKind::protocol);
        ++refused;
        continue;
      }
      ++accepted;
      const Bytes again = test::encode_any(std::get<DaemonMessage>(*any));  // whatever it is, it can be sent
      REQUIRE(decode_daemon_message(test::one_packet(again)).has_value());
    }
  });
  CHECK(refused > 500);
  CHECK(accepted > 500);
}

TEST_CASE("damaged messages are decoded or refused, and what is decoded encodes to the same bytes",
          "[wire]") {
  const std::uint64_t seed = 7;
  INFO("seed " << seed);
  test::Random random(seed);
  int refused = 0, accepted = 0;
  test::for_each_message([&]<class Message>() {
    for (int round = 0; round < 300; ++round) {
      Packet packet = test::one_packet(encode(test::random_message<Message>(random)));
      for (std::uint64_t i = random.between(1, 3); i > 0 && !packet.document.empty(); --i) {
        const std::size_t at = random.below(packet.document.size());
        if (random.chance(0.3))
          packet.document.resize(at);
        else
          packet.document[at] ^= static_cast<std::byte>(1u << random.below(8));
      }
      const Packet damaged = packet;
      auto decoded = decode<Message>(std::move(packet));
      if (!decoded) {
        REQUIRE(decoded.error().kind == ErrorKind::protocol);
        ++refused;
        continue;
      }
      ++accepted;  // the damage hit a value, or undid itself
      REQUIRE(test::one_packet(encode(*decoded)).document == damaged.document);
    }
  });
  CHECK(refused > 1000);
  CHECK(accepted > 100);
}

}  // namespace
}  // namespace oct
