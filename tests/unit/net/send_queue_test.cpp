#include "net/send_queue.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

Bytes packet(int mark, std::size_t size = 8) {
  return Bytes(size, static_cast<std::byte>(mark));
}

int mark_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::to_integer<int>(bytes->front()) : -1;
}

TEST_CASE("control passes bulk, and each lane keeps its order", "[net]") {
  SendQueue queue;
  REQUIRE(queue.push(Lane::bulk, packet(1)));
  REQUIRE(queue.push(Lane::bulk, packet(2)));
  REQUIRE(queue.push(Lane::control, packet(3)));
  REQUIRE(queue.push(Lane::control, packet(4)));
  CHECK(mark_of(queue.next()) == 3);
  REQUIRE(queue.push(Lane::control, packet(5)));
  CHECK(mark_of(queue.next()) == 4);
  CHECK(mark_of(queue.next()) == 5);
  CHECK(mark_of(queue.next()) == 1);
  REQUIRE(queue.push(Lane::control, packet(6)));
  CHECK(mark_of(queue.next()) == 6);
  CHECK(mark_of(queue.next()) == 2);
  CHECK(queue.empty());
  CHECK(mark_of(queue.next()) == -1);
}

TEST_CASE("a lane takes no more than its bound, and room comes back as packets leave", "[net]") {
  SendQueue queue;
  std::size_t packets = 0;
  while (queue.push(Lane::bulk, packet(1, kMaxPayloadBytes))) ++packets;
  CHECK(packets == kMaxBulkQueueBytes / kMaxPayloadBytes);
  CHECK_FALSE(queue.has_room());
  CHECK(queue.push(Lane::control, packet(2)));  // the other lane is not full
  CHECK(mark_of(queue.next()) == 2);
  while (!queue.has_room()) {
    REQUIRE(queue.next().has_value());
    --packets;
  }
  CHECK(packets * kMaxPayloadBytes < kBulkRoomBytes);

  SendQueue small;
  packets = 0;
  while (small.push(Lane::control, packet(1, 1))) ++packets;
  CHECK(packets == kMaxControlQueuePackets);
}

}  // namespace
}  // namespace oct
