#include "render_data/rebuilder.hpp"

#include <functional>
#include <set>

#include "render_data/validate.hpp"
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
  data.triangles.edit()[3].v[1] = 1000000;
  const ChunkedScene scene(std::make_shared<const RenderData>(std::move(data)));
  Rebuilder rebuilder = rebuilder_of(scene);
  for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, scene.find(id)->content));
  const auto rebuilt = rebuilder.finish();
  REQUIRE_FALSE(rebuilt);
  CHECK(rebuilt.error().kind == ErrorKind::protocol);
}

TEST_CASE("a check that is stopped leaves everything in its place", "[render_data]") {
  const ChunkedScene scene(some_data());
  Rebuilder rebuilder = rebuilder_of(scene);
  for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, scene.find(id)->content));
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = rebuilder.finish(nullptr, stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::cancelled);
  CHECK(rebuilder.complete());
  const auto finished = rebuilder.finish();
  REQUIRE(finished);
  CHECK(hash(*finished) == hash(*scene.data()));
}

TEST_CASE("a moved camera costs one chunk", "[render_data]") {
  const ChunkedScene before(some_data());
  RenderData changed = *before.data();
  changed.cameras.edit()[0].world_from_camera.m[3] += 1;
  const ChunkedScene after(std::make_shared<const RenderData>(std::move(changed)));
  Rebuilder rebuilder = rebuilder_of(after);
  const auto saved = rebuilder.reuse(before);
  REQUIRE(saved);
  CHECK(*saved == after.distinct_bytes() - sizeof(Camera));
  const auto wanted = rebuilder.wanted();
  REQUIRE(wanted.size() == 1);
  CHECK(after.find(wanted[0])->content.size() == sizeof(Camera));
  REQUIRE(rebuilder.accept(wanted[0], after.find(wanted[0])->content));
  auto data = rebuilder.finish();
  REQUIRE(data);
  CHECK(hash(*data) == hash(*after.data()));
  CHECK(data->positions.is_same(before.data()->positions));
  CHECK(data->texels.is_same(before.data()->texels));
  CHECK_FALSE(data->cameras.is_same(before.data()->cameras));
}

TEST_CASE("arrays that differ in one chunk are rebuilt, the others shared", "[render_data]") {
  const ChunkedScene before(some_data());
  RenderData changed = *before.data();
  changed.positions.edit()[3].x += 0.125f;
  changed.normals.edit().pop_back();  // whole chunks are the same, the length is not
  changed.normals.edit().push_back(changed.normals[0]);
  const ChunkedScene after(std::make_shared<const RenderData>(std::move(changed)));
  Rebuilder rebuilder = rebuilder_of(after);
  REQUIRE(rebuilder.reuse(before));
  for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, after.find(id)->content));
  auto data = rebuilder.finish();
  REQUIRE(data);
  CHECK_FALSE(data->positions.is_same(before.data()->positions));
  CHECK(data->triangles.is_same(before.data()->triangles));
  data->positions.set_chunk_names({});  // they are known already
  CHECK(data->positions.chunk_names() == after.data()->positions.chunk_names());
  RenderData unnamed = *data;
  unnamed.positions.edit();  // forgets the names: the bytes themselves are hashed
  CHECK(hash(unnamed) == hash(*after.data()));
}

TEST_CASE("a scene may share arrays with several others", "[render_data]") {
  const ChunkedScene first(some_data(150));
  RenderData other = *first.data();
  for (Vec3& position : other.positions.edit()) position.y += 0.5f;
  const ChunkedScene second(std::make_shared<const RenderData>(other));
  other.texels.edit().back() ^= 1;
  other.triangles = first.data()->triangles;
  const ChunkedScene wanted(std::make_shared<const RenderData>(other));
  Rebuilder rebuilder = rebuilder_of(wanted);
  REQUIRE(rebuilder.reuse(first));
  REQUIRE(rebuilder.reuse(second));
  for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, wanted.find(id)->content));
  auto data = rebuilder.finish();
  REQUIRE(data);
  CHECK(data->triangles.is_same(first.data()->triangles));
  CHECK(hash(*data) == hash(*wanted.data()));
}

TEST_CASE("data that shares most of a valid scene is still validated where it differs", "[render_data]") {
  const ChunkedScene before(some_data());
  struct Case {
    const char* name;
    std::function<void(RenderData&)> spoil;
  };
  const Case cases[] = {
      {"a mesh without its vertices", [](RenderData& d) { d.positions.edit().pop_back(); }},
      {"a material of no texture", [](RenderData& d) { d.texture_slots.edit().clear(); }},
      {"an instance of no material", [](RenderData& d) { d.materials.edit().clear(); }},
      {"a light of no instance", [](RenderData& d) { d.instances.edit().resize(1); }},
      {"an environment of no light", [](RenderData& d) { d.lights = {}, d.light_alias = {}; }},
      {"a corner that does not exist", [](RenderData& d) { d.triangles.edit()[0].v[0] = kNone; }},
      {"no camera", [](RenderData& d) { d.cameras = {}; }},
      {"texels that belong to no image", [](RenderData& d) { d.texels.edit().push_back(0); }},
  };
  for (const Case& spoilt : cases) {
    CAPTURE(spoilt.name);
    RenderData data = *before.data();
    spoilt.spoil(data);
    const ChunkedScene scene(std::make_shared<const RenderData>(std::move(data)));
    Rebuilder rebuilder = rebuilder_of(scene);
    REQUIRE(rebuilder.reuse(before));
    for (const ChunkId& id : rebuilder.wanted()) REQUIRE(rebuilder.accept(id, scene.find(id)->content));
    CHECK(rebuilder.finish().error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("what is shared with a valid scene is not validated again", "[render_data]") {
  auto spoilt = std::make_shared<RenderData>(*some_data());
  spoilt->positions.edit()[3].x = 1e30f;
  CHECK_FALSE(validate(*spoilt));
  const RenderDataPtr said_to_be_valid = spoilt;
  CHECK(validate(*spoilt, nullptr, {&said_to_be_valid, 1}));
  RenderData other = *spoilt;
  other.triangles.edit();  // a copy of one partner is enough
  CHECK_FALSE(validate(other, nullptr, {&said_to_be_valid, 1}));
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
