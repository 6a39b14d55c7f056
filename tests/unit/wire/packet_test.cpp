#include "wire/packet.hpp"

#include "support/catch.hpp"
#include "support/messages.hpp"

namespace oct {
namespace {

/// Gives the cutter the stream in pieces of at most `piece` bytes and collects what comes out.
Result<std::vector<Packet>> cut(ByteView stream, std::size_t piece) {
  PacketCutter cutter;
  std::vector<Packet> packets;
  while (!stream.empty()) {
    const auto space = cutter.space();
    REQUIRE_FALSE(space.empty());
    const std::size_t count = std::min({space.size(), stream.size(), piece});
    std::memcpy(space.data(), stream.data(), count);
    cutter.written(count);
    stream = stream.subspan(count);
    while (true) {
      OCT_TRY_ASSIGN(auto packet, cutter.next());
      if (!packet) break;
      packets.push_back(std::move(*packet));
    }
  }
  REQUIRE_FALSE(cutter.in_the_middle());
  return packets;
}

Bytes header_bytes(PacketHeader header) {
  const ByteView view = bytes_of_value(header);
  return {view.begin(), view.end()};
}

TEST_CASE("a stream is cut into the same packets, however it comes in pieces", "[wire]") {
  test::Random random(3);
  Bytes stream;
  std::vector<Bytes> payloads;
  for (const std::size_t size : {0, 1, 19, 70'000, 0, 262'144, 262'144, 3, 65'536}) {
    Bytes payload(size);
    for (std::byte& byte : payload) byte = static_cast<std::byte>(random.next());
    const Bytes document(size % 97, std::byte{7});
    const Bytes packet =
        pack(MessageType::chunk, static_cast<std::uint32_t>(payloads.size()), document, payload);
    stream.insert(stream.end(), packet.begin(), packet.end());
    payloads.push_back(std::move(payload));
  }
  for (const std::size_t piece : {7ul, 1000ul, 65'536ul, 10'000'000ul}) {
    INFO("pieces of " << piece);
    const auto packets = cut(stream, piece);
    REQUIRE(packets.has_value());
    REQUIRE(packets->size() == payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      const Packet& packet = packets.value()[i];
      CHECK(packet.type == MessageType::chunk);
      CHECK(packet.request_id == i);
      CHECK(packet.document.size() == payloads[i].size() % 97);
      CHECK(packet.payload == payloads[i]);
    }
  }
}

TEST_CASE("headers with another mark, unknown flags or lengths beyond the limits are refused", "[wire]") {
  CHECK(read_packet_header(header_bytes({})).has_value());
  CHECK(read_packet_header(
            header_bytes({.document_bytes = kMaxDocumentBytes, .payload_bytes = kMaxPayloadBytes}))
            .has_value());
  for (const PacketHeader& header :
       {PacketHeader{.magic = 0x20544547}, PacketHeader{.flags = 1}, PacketHeader{.flags = 0x8000},
        PacketHeader{.document_bytes = kMaxDocumentBytes + 1}, PacketHeader{.document_bytes = 0xffffffff},
        PacketHeader{.payload_bytes = kMaxPayloadBytes + 1}, PacketHeader{.payload_bytes = 0xffffffff}}) {
    const auto refused = read_packet_header(header_bytes(header));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::protocol);
  }
  CHECK_FALSE(read_packet_header(ByteView(header_bytes({})).first(19)).has_value());
}

TEST_CASE("a cutter that met nonsense stays in error and asks for no memory", "[wire]") {
  PacketCutter cutter;
  const Bytes nonsense = header_bytes({.document_bytes = 0xffffffff, .payload_bytes = 0xffffffff});
  std::memcpy(cutter.space().data(), nonsense.data(), nonsense.size());
  cutter.written(nonsense.size());
  CHECK(cutter.space().size() <= 128 * 1024);
  CHECK_FALSE(cutter.next().has_value());
  const Bytes good = encode(Heartbeat{1});
  std::memcpy(cutter.space().data(), good.data(), good.size());
  cutter.written(good.size());
  CHECK_FALSE(cutter.next().has_value());
}

}  // namespace
}  // namespace oct
