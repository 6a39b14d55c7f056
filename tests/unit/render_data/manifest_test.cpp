#include "render_data/manifest.hpp"

#include "render_data/chunks.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "wire/limits.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr std::uint64_t kEnough = 1 << 30;

/// More than one chunk of positions and texels, with a last piece that is not full.
RenderData large_data() {
  Scene scene = a_scene();
  scene.meshes[0] = a_sheet(160);
  scene.images[0] = an_image(300, 300);
  return compiled(scene, small_film());
}

}  // namespace

TEST_CASE("pieces hold whole elements and fit a packet", "[render_data]") {
  CHECK(elements_per_chunk(1) == 262144);
  CHECK(elements_per_chunk(12) == 21845);
  CHECK(elements_per_chunk(112) == 2340);
  CHECK(chunk_count({12, 0}) == 0);
  CHECK(chunk_count({12, 1}) == 1);
  CHECK(chunk_count({12, 21845}) == 1);
  CHECK(chunk_count({12, 21846}) == 2);
}

TEST_CASE("places cover every byte of every array once, in order", "[render_data]") {
  const std::vector<ArrayInfo> arrays{{12, 50000}, {4, 0}, {112, 1}, {16, 16384}, {16, 16385}};
  const auto places = chunk_places(arrays);
  std::size_t next = 0;
  for (std::uint32_t array = 0; array < arrays.size(); ++array) {
    std::uint64_t covered = 0;
    for (std::uint64_t piece = 0; piece < chunk_count(arrays[array]); ++piece, ++next) {
      REQUIRE(next < places.size());
      CHECK(places[next].array == array);
      CHECK(places[next].first_byte == covered);
      CHECK(places[next].bytes <= kMaxChunkBytes);
      CHECK(places[next].bytes % arrays[array].element_bytes == 0);
      covered += places[next].bytes;
    }
    CHECK(covered == arrays[array].count * arrays[array].element_bytes);
  }
  CHECK(next == places.size());
}

TEST_CASE("a chunked scene finds each of its chunks, and no other", "[render_data]") {
  const auto data = std::make_shared<const RenderData>(large_data());
  const ChunkedScene scene(data);
  const Manifest& manifest = scene.manifest();
  CHECK(byte_size(manifest) == byte_size(*data));
  CHECK(scene.distinct_bytes() <= byte_size(*data));
  CHECK(manifest.chunks.size() > kRenderDataArrayCount);
  for (const ChunkId& id : manifest.chunks) {
    const auto chunk = scene.find(id);
    REQUIRE(chunk);
    CHECK(chunk_id_of(chunk->content) == id);
    CHECK(chunk->content.size() % chunk->element_bytes == 0);
  }
  CHECK_FALSE(scene.find(ChunkId{}));
}

TEST_CASE("the hash does not depend on threads, and covers names, sizes and content", "[render_data]") {
  RenderData data = large_data();
  const Digest before = hash(data);
  ThreadPool pool(3);
  CHECK(hash(data, &pool) == before);
  CHECK(hash(make_manifest(data)) == before);

  data.positions.edit()[777].y += 1.0f;
  CHECK(hash(data) != before);
  data.positions.edit()[777].y -= 1.0f;
  data.normals.edit().push_back(0);
  CHECK(hash(data) != before);

  RenderData normals;
  normals.normals = {1, 2, 3};
  RenderData texels;
  texels.texels = {1, 2, 3};
  CHECK(hash(normals) != hash(texels));
}

TEST_CASE("the hash without settings covers all but them", "[render_data]") {
  RenderData data = large_data();
  data.settings.edit().resize(1);
  const auto digest = [&] { return hash_without_settings(make_manifest(data)); };
  const Digest before = digest();
  CHECK(before != hash(data));
  data.settings.edit()[0].samples_per_pixel = 500;
  CHECK(digest() == before);
  data.settings.edit()[0].seed = 500;
  CHECK(digest() == before);
  data.cameras.edit().resize(1);
  data.cameras.edit()[0].half_width += 1;
  CHECK(digest() != before);
  const Digest moved = digest();
  data.positions.edit()[777].y += 1.0f;
  CHECK(digest() != moved);
}

TEST_CASE("a manifest of other arrays, counts or chunks is refused", "[render_data]") {
  const Manifest good = make_manifest(compiled(a_scene(), small_film()));
  REQUIRE(check_manifest(good, kEnough));
  const auto kind_of = [&](const Manifest& manifest, std::uint64_t max_bytes = kEnough) {
    const auto checked = check_manifest(manifest, max_bytes);
    return checked ? std::optional<ErrorKind>() : checked.error().kind;
  };
  CHECK(kind_of(good, byte_size(good)) == std::nullopt);
  CHECK(kind_of(good, byte_size(good) - 1) == ErrorKind::exhausted);

  Manifest manifest = good;
  manifest.arrays.pop_back();
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest = good;
  manifest.arrays[0].element_bytes = 16;
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest = good;
  manifest.arrays[0].element_bytes = 0;
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest = good;
  manifest.arrays[0].count += 1000000;
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest = good;
  manifest.arrays[0].count = ~std::uint64_t{0};
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest = good;
  manifest.chunks.pop_back();
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  manifest.chunks.assign(good.chunks.size() + 1, ChunkId{});
  CHECK(kind_of(manifest) == ErrorKind::protocol);
  CHECK(kind_of(Manifest{}) == ErrorKind::protocol);
}
