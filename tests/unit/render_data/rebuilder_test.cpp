#include "render_data/rebuilder.hpp"

#include <set>

#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr std::uint64_t kRoom = 1 << 30;

std::shared_ptr<const RenderData> some_data(u32 cells = 150) {
  Scene scene = a_scene();
  scene.meshes[0] = a_sheet(cells);
  scene.images[0] = an_image(512, 512);  // repeats after 256 pixels: equal chunks
  return std::make_shared<const RenderData>(compiled(scene, small_film()));
}

Rebuilder rebuilder_of(const ChunkedScene& scene) {
  auto rebuilder = Rebuilder::make(scene.manifest(), kRoom);
  if (!rebuilder) FAIL(rebuilder.error().message);
  return *std::move(rebuilder);
}

}  // namespace

TEST_CASE("chunks in any order and repeated give the same data", "[render_data]") {
  const ChunkedScene scene(some_data());
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Rebuilder rebuilder = rebuilder_of(scene);
    std::vector<ChunkId> order = rebuilder.wanted();
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    const std::vector<ChunkId> once = order;
    order.insert(order.end(), once.begin(), once.end());  // everything twice, and some again in between
    std::set<ChunkId> here;
    for (const ChunkId& next : order) {
      for (const ChunkId& id : {next, order[random.below(order.size())]}) {
        const auto accepted = rebuilder.accept(id, scene.find(id)->content);
        REQUIRE(accepted);
        CHECK(*accepted == here.insert(id).second);
      }
    }
    REQUIRE(rebuilder.complete());
    CHECK(rebuilder.wanted().empty());
    auto data = rebuilder.finish();
    REQUIRE(data);
    CHECK(hash(*data) == hash(*scene.data()));
  }
}

TEST_CASE("equal chunks are wanted once and land at every place", "[render_data]") {
  Scene scene = a_scene();
  scene.images[0] = an_image(256, 2048);
  for (std::size_t i = 0; i < scene.images[0].rgba8.size(); ++i) scene.images[0].rgba8[i] = 77;
  const ChunkedScene chunked(std::make_shared<const RenderData>(compiled(scene, small_film())));
  CHECK(chunked.distinct_bytes() < byte_size(*chunked.data()) / 2);
  Rebuilder rebuilder = rebuilder_of(chunked);
  CHECK(rebuilder.distinct_bytes() == chunked.distinct_bytes());
  const auto wanted = rebuilder.wanted();
  CHECK(wanted.size() < chunked.manifest().chunks.size());
  for (const ChunkId& id : wanted) REQUIRE(rebuilder.accept(id, chunked.find(id)->content));
  auto data = rebuilder.finish();
  REQUIRE(data);
  CHECK(make_manifest(*data) == chunked.manifest());
}

TEST_CASE("wanted chunks come in the order of the manifest, as many as asked for", "[render_data]") {
  const ChunkedScene scene(some_data());
  Rebuilder rebuilder = rebuilder_of(scene);
  const auto all = rebuilder.wanted();
  const auto first = rebuilder.wanted(3);
  REQUIRE(first.size() == 3);
  CHECK(std::equal(first.begin(), first.end(), all.begin()));
  CHECK(first[0] == scene.manifest().chunks[0]);
  REQUIRE(rebuilder.accept(first[1], scene.find(first[1])->content));
  CHECK(rebuilder.wanted(2) == std::vector<ChunkId>{all[0], all[2]});
  CHECK(rebuilder.wanted(0).empty());
}

TEST_CASE("a wrong chunk is refused and changes nothing", "[render_data]") {
  const ChunkedScene scene(some_data());
  Rebuilder rebuilder = rebuilder_of(scene);
  const ChunkId id = rebuilder.wanted(1)[0];
  const ByteView content = scene.find(id)->content;
  Bytes wrong(content.begin(), content.end());
  wrong[wrong.size() / 2] ^= std::byte{1};
  const std::uint64_t missing = rebuilder.missing_bytes();

  CHECK(rebuilder.accept(ChunkId{}, content).error().kind == ErrorKind::protocol);
  CHECK(rebuilder.accept(id, wrong).error().kind == ErrorKind::protocol);
  CHECK(rebuilder.accept(id, content.first(content.size() - 1)).error().kind == ErrorKind::protocol);
  CHECK(rebuilder.accept(id, {}).error().kind == ErrorKind::protocol);
  CHECK(rebuilder.missing_bytes() == missing);
  CHECK(rebuilder.wanted(1)[0] == id);
  CHECK(rebuilder.finish().error().kind == ErrorKind::unavailable);
  CHECK(rebuilder.accept(id, content));
}

TEST_CASE("data that arrived whole but is not valid is refused", "[render_data]") {
  RenderData data = compiled(a_scene(), small_film());
  data.triangles[3].v[1] = 1000000;
  const ChunkedScene scene(std::make_shared<const RenderData>(std::move(data)));
  Rebuilder rebuilder = rebuilder_of(scene);
  for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, scene.find(id)->content));
  const auto rebuilt = rebuilder.finish();
  REQUIRE_FALSE(rebuilt);
  CHECK(rebuilt.error().kind == ErrorKind::protocol);
}

TEST_CASE("a moved camera costs one chunk", "[render_data]") {
  const ChunkedScene before(some_data());
  RenderData changed = *before.data();
  changed.cameras[0].world_from_camera.m[3] += 1;
  const ChunkedScene after(std::make_shared<const RenderData>(std::move(changed)));
  Rebuilder rebuilder = rebuilder_of(after);
  const std::uint64_t saved = rebuilder.reuse(before);
  CHECK(saved == after.distinct_bytes() - sizeof(Camera));
  const auto wanted = rebuilder.wanted();
  REQUIRE(wanted.size() == 1);
  CHECK(after.find(wanted[0])->content.size() == sizeof(Camera));
  REQUIRE(rebuilder.accept(wanted[0], after.find(wanted[0])->content));
  auto data = rebuilder.finish();
  REQUIRE(data);
  CHECK(hash(*data) == hash(*after.data()));
}

TEST_CASE("a manifest that gives one name to pieces of different length is refused", "[render_data]") {
  Manifest manifest = ChunkedScene(some_data()).manifest();
  manifest.chunks[1] = manifest.chunks.back();
  CHECK(Rebuilder::make(manifest, kRoom).error().kind == ErrorKind::protocol);
}

TEST_CASE("more than the limit is refused before any memory is taken", "[render_data]") {
  Manifest manifest = ChunkedScene(some_data()).manifest();
  CHECK(Rebuilder::make(manifest, 1000).error().kind == ErrorKind::exhausted);
}
