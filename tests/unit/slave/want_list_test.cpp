#include "slave/want_list.hpp"

#include <set>

#include "support/catch.hpp"

using namespace oct;

namespace {

std::vector<ChunkId> some_ids(std::uint32_t count) {
  std::vector<ChunkId> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(chunk_id_of(bytes_of_value(i)));
  return ids;
}

}  // namespace

TEST_CASE("chunks are asked for once each, some 8 MB ahead, in order", "[slave]") {
  const std::vector<ChunkId> ids = some_ids(100);
  std::vector<ChunkId> repeated = ids;
  repeated.insert(repeated.end(), ids.begin(), ids.end());
  WantList wants;
  wants.reset(repeated);
  CHECK(wants.total() == 100);
  std::vector<ChunkId> asked;
  std::size_t outstanding = 0;
  while (wants.missing() > 0) {
    for (const ChunkId& id : wants.next_request()) {
      asked.push_back(id);
      ++outstanding;
    }
    CHECK(outstanding <= WantList::kAhead);
    REQUIRE(wants.arrived(asked[asked.size() - outstanding]));
    --outstanding;
  }
  CHECK(asked == ids);
}

TEST_CASE("what was not asked for is not accepted, nor a second time", "[slave]") {
  const std::vector<ChunkId> ids = some_ids(3);
  WantList wants;
  wants.reset({ids[0], ids[1]});
  CHECK_FALSE(wants.arrived(ids[0]));
  wants.next_request();
  CHECK(wants.arrived(ids[0]));
  CHECK_FALSE(wants.arrived(ids[0]));
  CHECK_FALSE(wants.arrived(ids[2]));
}

TEST_CASE("after a lost connection only what is missing is asked for again", "[slave]") {
  const std::vector<ChunkId> ids = some_ids(10);
  WantList wants;
  wants.reset(ids);
  wants.next_request();
  wants.arrived(ids[0]);
  wants.arrived(ids[3]);
  wants.connection_lost();
  const std::vector<ChunkId> again = wants.next_request();
  CHECK(again.size() == 8);
  CHECK(again.front() == ids[1]);
  CHECK(again[1] == ids[2]);
  CHECK(again[2] == ids[4]);
}
