#include "launch/block_order.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a batch in blocks takes each of its paths once, sixteen in a row from 4 x 4 pixels", "[launch]") {
  constexpr u32 kWidth = 24, kHeight = 8;
  for (const u64 first : {u64{0}, u64{kWidth} * 4, u64{kWidth} * kHeight * 7}) {
    constexpr u64 kCount = u64{kWidth} * 4 * 3;
    REQUIRE(come_in_blocks(first, kCount, kWidth, kHeight));
    std::vector<u32> taken(kCount);
    for (u64 place = first; place < first + kCount; ++place) {
      const u64 path = in_blocks(place, kWidth);
      REQUIRE(path >= first);
      REQUIRE(path < first + kCount);
      ++taken[path - first];
      const u64 start = in_blocks(place - place % 16, kWidth);
      CHECK(path / kWidth - start / kWidth < 4);
      CHECK(path % kWidth - start % kWidth < 4);
    }
    for (const u32 times : taken) CHECK(times == 1);
  }
}

TEST_CASE("batches that are not whole strips, and odd tiles, are taken in rows", "[launch]") {
  CHECK(come_in_blocks(0, 256, 16, 16));
  CHECK_FALSE(come_in_blocks(1, 256, 16, 16));
  CHECK_FALSE(come_in_blocks(0, 255, 16, 16));
  CHECK_FALSE(come_in_blocks(0, 256, 15, 16));
  CHECK_FALSE(come_in_blocks(0, 256, 16, 15));
  CHECK(come_in_blocks(256, 64, 16, 4));
}

TEST_CASE("new paths come in whole blocks, where there is room for several, and all in the end", "[launch]") {
  CHECK(new_paths(256, 2048) == 256);
  CHECK(new_paths(255, 2048) == 240);
  CHECK(new_paths(64, 2048) == 64);
  CHECK(new_paths(63, 2048) == 0);
  CHECK(new_paths(63, 64) == 0);
  CHECK(new_paths(63, 63) == 63);
  CHECK(new_paths(256, 3) == 3);
  CHECK(new_paths(256, 0) == 0);
}
