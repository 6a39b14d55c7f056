#include "master/inbox_guard.hpp"

#include "support/catch.hpp"
#include "wire/limits.hpp"

using namespace oct;

namespace {

FilmContributions answer(std::uint64_t lease, std::size_t units, std::size_t bytes) {
  FilmContributions message;
  message.lease = lease;
  message.units.resize(units);
  message.sums.resize(bytes);
  return message;
}

LeaseGrant lease_of(std::uint64_t id, std::size_t units) {
  LeaseGrant grant;
  grant.lease = id;
  grant.units.resize(units);
  return grant;
}

std::optional<std::string> arrives(InboxGuard& guard, RenderMessage message, std::size_t bytes = 100) {
  return guard.arrived(Result<RenderMessage>(std::move(message)), bytes);
}

}  // namespace

TEST_CASE("contributions are bounded by the leases that they answer", "[master]") {
  InboxGuard guard;
  guard.granted(lease_of(7, 3));
  guard.granted(lease_of(8, 2));
  CHECK_FALSE(arrives(guard, answer(7, 2, 2 * 8192)));
  CHECK(arrives(guard, answer(7, 2, 1)) == "it answered 2 units of lease 7, which has 1 left");
  CHECK(arrives(guard, answer(7, 0, 1)) == "it answered 0 units of lease 7, which has 1 left");
  CHECK(arrives(guard, answer(7, 1, 8193)) == "it sent 8193 bytes for 1 units");
  CHECK_FALSE(arrives(guard, answer(7, 1, 8192)));
  CHECK(arrives(guard, answer(7, 1, 1)) == "it answered lease 7, which it does not hold");
  CHECK(arrives(guard, answer(9, 1, 1)) == "it answered lease 9, which it does not hold");
}

TEST_CASE("a lease that was handed back is not answered any more", "[master]") {
  InboxGuard guard;
  guard.granted(lease_of(7, 3));
  CHECK_FALSE(arrives(guard, LeaseReturn{7, "recalled"}));
  CHECK(arrives(guard, answer(7, 1, 1)) == "it answered lease 7, which it does not hold");
}

TEST_CASE("other messages are bounded while they wait", "[master]") {
  InboxGuard guard;
  const std::string flood = "it sends messages faster than they can be read";
  const Result<RenderMessage> heartbeat = RenderMessage(Heartbeat{});
  SECTION("by number") {
    for (std::size_t i = 0; i < kMaxInboxPackets; ++i) CHECK_FALSE(guard.arrived(heartbeat, 20));
    CHECK(guard.arrived(heartbeat, 20) == flood);
    guard.taken(heartbeat, 20);
    CHECK_FALSE(guard.arrived(heartbeat, 20));
  }
  SECTION("by bytes, messages that cannot be read among them") {
    const Result<RenderMessage> broken = fail(ErrorKind::protocol, "no message");
    CHECK_FALSE(guard.arrived(broken, kMaxInboxBytes - 10));
    CHECK(guard.arrived(heartbeat, 11) == flood);
    CHECK_FALSE(guard.arrived(heartbeat, 10));
    guard.taken(broken, kMaxInboxBytes - 10);
    CHECK_FALSE(guard.arrived(heartbeat, 11));
  }
}
