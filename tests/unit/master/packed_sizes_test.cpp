#include "master/packed_sizes.hpp"

#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "wire/chunk_codec.hpp"
#include "wire/compression.hpp"

using namespace oct;

namespace {

ChunkId chunk_id(std::uint8_t number) {
  const std::byte content{number};
  return chunk_id_of(ByteView(&content, 1));
}

SlaveStatus a_slave(std::uint64_t missing, std::uint64_t total) {
  SlaveStatus slave;
  slave.bytes_total = total;
  slave.bytes_done = total - missing;
  return slave;
}

}  // namespace

TEST_CASE("what was packed is measured, the rest estimated by it", "[master]") {
  PackedSizes sizes(1000, {{chunk_id(1), {100, 40}}});
  CHECK(sizes.total().content == 1000);
  CHECK(sizes.total().wire == 400);
  sizes.packed(chunk_id(2), {400, 60});
  CHECK(sizes.total().wire == 100 + 100);
  sizes.packed(chunk_id(2), {400, 60});  // to another slave
  CHECK(sizes.total().wire == 100 + 100);
  sizes.packed(chunk_id(3), {500, 450});
  CHECK(sizes.total().wire == 550);
  CHECK(PackedSizes(1000, {}).total().wire == 1000);
}

TEST_CASE("sending what the sample held changes no estimate", "[master]") {
  PackedSizes sizes(1000, {{chunk_id(1), {500, 100}}, {chunk_id(2), {500, 450}}});
  CHECK(sizes.total().wire == 550);
  sizes.packed(chunk_id(1), {500, 100});
  CHECK(sizes.total().wire == 550);
}

TEST_CASE("the sample of a small scene is all of it", "[master]") {
  RenderData data;
  std::vector<std::uint32_t> texels(300'000);
  std::iota(texels.begin(), texels.end(), 0u);
  data.texels = std::move(texels);
  ThreadPool pool(1);
  const ChunkedScene scene(std::make_shared<const RenderData>(std::move(data)), &pool);
  std::uint64_t wire = 0;
  for (const ChunkId& id : scene.manifest().chunks) {
    const ChunkView view = scene.find(id).value();
    wire += pack_chunk(id, view.content, view.element_bytes, readable_compressions()).content.size();
  }
  const PackedSizes sizes(scene.distinct_bytes(), packed_sample_of(scene, pool));
  CHECK(sizes.total().content == scene.distinct_bytes());
  CHECK(sizes.total().wire == wire);
}

TEST_CASE("an update is counted in bytes on the wire", "[master]") {
  UpdateBytes update;
  update.total = {1000, 400};
  SlaveStatus slave = a_slave(1000, 1000);
  count_on_wire(slave, update);
  CHECK(slave.bytes_total == 400);
  CHECK(slave.bytes_done == 0);

  // What was sent so far was hard to compress.
  update.sent = {200, 190};
  slave = a_slave(800, 1000);
  count_on_wire(slave, update);
  CHECK(slave.bytes_total == 400);
  CHECK(slave.bytes_done == 190);

  slave = a_slave(1, 1000);
  count_on_wire(slave, {{1000, 400}, {1000, 400}});
  CHECK(slave.bytes_done == 399);  // it is not updated yet
  slave = a_slave(0, 1000);
  count_on_wire(slave, update);
  CHECK(slave.bytes_done == 400);
  CHECK(slave.bytes_total == 400);

  slave = a_slave(300, 1000);
  count_on_wire(slave, {});  // nothing is known of it
  CHECK(slave.bytes_total == 1000);
  CHECK(slave.bytes_done == 700);
}
