#include "device/queue_sizes.hpp"

#include "device/rounds_ahead.hpp"
#include "launch/queue_memory.hpp"
#include "support/catch.hpp"

using namespace oct;
using std::chrono::milliseconds;

namespace {

std::uint64_t queue_bytes(std::uint32_t paths) {
  return QueueMemory(nullptr, queue_sizes(paths)).byte_size();
}

constexpr std::uint64_t kGigabyte = 1'000'000'000;

}  // namespace

TEST_CASE("sizes of queues are what a stream of units wants", "[device]") {
  for (const std::uint32_t paths : {1u, 256u, 100'000u, kLeastPaths, kMostPaths}) {
    const QueueSizes sizes = queue_sizes(paths);
    CHECK(sizes.paths == paths);
    CHECK(sizes.places >= 1);
    CHECK(sizes.units >= sizes.places);
    CHECK((sizes.units & (sizes.units - 1)) == 0);
    CHECK(sizes.collected <= sizes.places);
  }
}

TEST_CASE("a large GPU has four million paths under way, a small one fewer", "[device]") {
  CHECK(paths_under_way(132 * kPathsPerMultiprocessor, 80 * kGigabyte, queue_bytes) == kMostPaths);
  CHECK(paths_under_way(20 * kPathsPerMultiprocessor, 8 * kGigabyte, queue_bytes) ==
        20 * kPathsPerMultiprocessor);
  CHECK(paths_under_way(2 * kPathsPerMultiprocessor, 8 * kGigabyte, queue_bytes) == kLeastPaths);
  CHECK(paths_under_way(0, 8 * kGigabyte, queue_bytes) == kLeastPaths);
}

TEST_CASE("paths under way take a quarter of the free memory at most", "[device]") {
  std::uint32_t last = kMostPaths;
  for (const std::uint64_t free_bytes : {4 * kGigabyte, 2 * kGigabyte, kGigabyte}) {
    const std::uint32_t paths = paths_under_way(kMostPaths, free_bytes, queue_bytes);
    CHECK(paths < last);
    CHECK(queue_bytes(paths) <= free_bytes / 4);
    last = paths;
  }
  CHECK(paths_under_way(kMostPaths, 0, queue_bytes) == kLeastPaths);
  CHECK(queue_bytes(kLeastPaths) < kGigabyte / 5);
  CHECK(queue_bytes(kMostPaths) < 2 * kGigabyte);
}

TEST_CASE("batches get so many rounds that the host has time", "[device]") {
  RoundsAhead rounds;
  CHECK(rounds.rounds(1u << 22) == RoundsAhead::kAtFirst);
  rounds.took(milliseconds(16), 4, 1u << 22);  // 4 ms a round
  CHECK(rounds.rounds(1u << 22) == 3);
  CHECK(rounds.rounds(1u << 21) == 6);
  CHECK(rounds.rounds(1) == RoundsAhead::kMost);
  rounds.took(milliseconds(60), 3, 1u << 22);
  CHECK(rounds.rounds(1u << 22) == 1);
  CHECK(RoundsAhead(7).rounds(1) == 7);
}

TEST_CASE("a slow device has fewer paths under way, so that no launch is long", "[device]") {
  RoundsAhead rounds;
  CHECK(rounds.paths(1u << 20) == 1u << 20);
  rounds.took(milliseconds(30), 1, 1u << 20);
  CHECK(rounds.paths(1u << 20) == 1u << 20);
  rounds.took(milliseconds(320), 4, 1u << 20);  // 80 ms a round
  CHECK(rounds.paths(1u << 20) == 1u << 19);
  rounds.took(milliseconds(8000), 1, 1u << 20);
  CHECK(rounds.paths(1u << 20) == 1u << 16);
  CHECK(rounds.paths(100) == 100);
}

TEST_CASE("a host that comes late takes no device for slow", "[device]") {
  RoundsAhead rounds;
  rounds.took(milliseconds(50), 4, 1u << 22, true);
  CHECK(rounds.rounds(1u << 22) == RoundsAhead::kAtFirst);  // nothing is known yet
  rounds.took(milliseconds(4), 1, 1u << 22);
  rounds.took(milliseconds(50), 1, 1u << 22, true);
  CHECK(rounds.rounds(1u << 22) == 3);
  rounds.took(milliseconds(2), 1, 1u << 22, true);
  CHECK(rounds.rounds(1u << 22) == 6);
}

TEST_CASE("a stretch of short rounds does not make the next batch long", "[device]") {
  RoundsAhead rounds;
  rounds.took(milliseconds(4), 1, 1u << 22);
  rounds.took(milliseconds(1), 32, 100);  // 30 us each, the last paths of a picture
  CHECK(rounds.rounds(1u << 22) <= 8);
}
