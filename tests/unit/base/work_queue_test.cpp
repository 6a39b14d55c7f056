#include "base/work_queue.hpp"

#include <atomic>
#include <vector>

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("one thread runs tasks in the order they were posted, and all of them", "[base]") {
  std::vector<int> order;
  {
    WorkQueue queue;
    for (int i = 0; i < 1000; ++i) queue.post([&order, i] { order.push_back(i); });
  }
  REQUIRE(order.size() == 1000);
  for (int i = 0; i < 1000; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("several threads run each task once", "[base]") {
  std::atomic<int> runs = 0;
  {
    WorkQueue queue(4);
    for (int i = 0; i < 1000; ++i) queue.post([&runs] { ++runs; });
  }
  CHECK(runs == 1000);
}
