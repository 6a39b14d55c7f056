#include "render_data/shared_array.hpp"

#include "render_data/render_data.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "wire/limits.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("copies of an array are one object until one of them is edited", "[render_data]") {
  SharedArray<u32> array{1, 2, 3};
  const SharedArray<u32> copy = array;
  CHECK(copy.is_same(array));
  CHECK(copy.data() == array.data());
  array.edit().push_back(4);
  CHECK_FALSE(copy.is_same(array));
  CHECK(copy.size() == 3);
  REQUIRE(array.size() == 4);
  CHECK(array[3] == 4);
  const u32* const here = array.data();
  array.edit()[0] = 9;  // alone: no copy
  CHECK(array.data() == here);
  CHECK(array[0] == 9);
}

TEST_CASE("arrays without elements are the same", "[render_data]") {
  const SharedArray<u32> none;
  SharedArray<u32> emptied{1};
  CHECK_FALSE(emptied.is_same(none));
  emptied.edit().clear();
  CHECK(emptied.is_same(none));
  CHECK(none.empty());
  CHECK(none.begin() == none.end());
  CHECK(none.chunk_names().empty());
  CHECK(none.content_hash() == emptied.content_hash());
  CHECK_THROWS_AS(none.at(0), std::out_of_range);
}

TEST_CASE("names and hash follow the content", "[render_data]") {
  std::vector<u32> values(2 * kMaxChunkBytes / sizeof(u32) + 1, 7);
  SharedArray<u32> array = values;
  const SharedArray<u32> equal = values;
  ThreadPool pool(3);
  REQUIRE(array.chunk_names(&pool).size() == 3);
  CHECK(array.chunk_names() == equal.chunk_names());
  CHECK(array.chunk_names()[0] == array.chunk_names()[1]);
  CHECK(array.chunk_names()[2] == chunk_id_of(std::as_bytes(std::span(values).last(1))));
  CHECK(array.content_hash() == equal.content_hash());

  const Digest before = array.content_hash();
  array.edit().back() = 8;
  CHECK(array.content_hash() != before);
  CHECK(array.chunk_names()[1] == equal.chunk_names()[1]);
  CHECK(array.chunk_names()[2] != equal.chunk_names()[2]);
  CHECK(SharedArray<u32>{1, 2}.content_hash() != SharedArray<u32>{1, 2, 0}.content_hash());
}

TEST_CASE("names are not made twice", "[render_data]") {
  const SharedArray<u32> array{1, 2, 3};
  const std::vector<ChunkId>* const names = &array.chunk_names();
  const SharedArray<u32> copy = array;
  CHECK(&copy.chunk_names() == names);
  array.set_chunk_names({ChunkId{}});  // too late
  CHECK(&array.chunk_names() == names);
  CHECK(array.chunk_names()[0] != ChunkId{});

  const SharedArray<u32> told{1, 2, 3};
  told.set_chunk_names({ChunkId{}});
  CHECK(told.chunk_names() == std::vector<ChunkId>{ChunkId{}});
}

TEST_CASE("the next frame shares all but camera and settings", "[render_data]") {
  const RenderData data = compiled(a_scene(), small_film());
  Camera camera = data.cameras[0];
  camera.lens_radius = 0.25f;
  RenderSettings settings = data.settings[0];
  settings.frame = 12;
  const RenderData next = with_camera_and_settings(data, camera, settings);
  CHECK(next.cameras[0].lens_radius == 0.25f);
  CHECK(next.settings[0].frame == 12);
  CHECK(data.settings[0].frame == 0);
  std::vector<const void*> before;
  RenderData::each(data, [&](const char*, const auto& array) { before.push_back(array.data()); });
  std::size_t index = 0;
  RenderData::each(next, [&](const char* name, const auto& array) {
    CAPTURE(name);
    const bool differs = name == std::string_view("cameras") || name == std::string_view("settings");
    CHECK((array.data() == before[index++]) == !differs);
  });
}
