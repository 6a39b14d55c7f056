#include "base/thread_pool.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "base/float_mode.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a loop visits each index once, with any number of threads", "[base]") {
  for (const unsigned threads : {1u, 2u, 7u}) {
    ThreadPool pool(threads);
    CHECK(pool.thread_count() == threads);
    for (const std::size_t count : {0u, 1u, 5u, 1000u}) {
      std::vector<std::atomic<int>> visits(count);
      pool.for_ranges(count, 3, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      for (const auto& visit : visits) REQUIRE(visit == 1);
    }
  }
}

TEST_CASE("an exception in a loop reaches the caller and leaves the pool usable", "[base]") {
  ThreadPool pool(3);
  CHECK_THROWS_AS(pool.for_each(100,
                                [](std::size_t i) {
                                  if (i == 50) throw std::runtime_error("x");
                                }),
                  std::runtime_error);
  std::atomic<int> sum = 0;
  pool.for_each(10, [&](std::size_t i) { sum += static_cast<int>(i); });
  CHECK(sum == 45);
}

TEST_CASE("workers have the project's float mode", "[base]") {
  set_float_mode();
  ThreadPool pool(3);
  std::atomic<int> right = 0;
  pool.for_each(50, [&](std::size_t) { right += float_mode_is_set() ? 1 : 0; });
  CHECK(right == 50);
}
