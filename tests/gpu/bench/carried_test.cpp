#include "gpu/bench/carried.hpp"

#include "base/file.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "support/catch.hpp"
#include "support/compiled.hpp"
#include "support/temp_dir.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::bench;
using namespace oct::test;

TEST_CASE("scenes of a folder are found by their names, rays beside them", "[gpu_bench]") {
  const TempDir folder;
  for (const char* name : {"b.octscene", "a.octscene", "b.rays", "b.meter.json", "c.rays"})
    REQUIRE(write_file_by_renaming(folder.file(name), bytes_of_value(1)));
  const auto scenes = scenes_in(folder.file(""));
  REQUIRE(scenes);
  REQUIRE(scenes->size() == 2);
  CHECK((*scenes)[0].name == "a");
  CHECK((*scenes)[0].rays.empty());
  CHECK((*scenes)[1].name == "b");
  CHECK(file_name((*scenes)[1].rays) == "b.rays");
}

TEST_CASE("a folder without scenes is an error that names it", "[gpu_bench]") {
  const TempDir folder;
  const auto none = scenes_in(folder.file(""));
  REQUIRE(!none);
  CHECK(none.error().message.find("has no compiled scene") != std::string::npos);
  CHECK(!scenes_in(folder.file("missing")));
}

TEST_CASE("the number of samples is all that changes", "[gpu_bench]") {
  const RenderData data = compiled(small_room(), small_film());
  const RenderDataPtr more = with_samples(data, 64);
  CHECK(more->settings[0].samples_per_pixel == 64);
  CHECK(more->settings[0].width == data.settings[0].width);
  CHECK(more->positions.data() == data.positions.data());
}

TEST_CASE("a carried scene is the one that was written", "[gpu_bench]") {
  const TempDir folder;
  const auto data = std::make_shared<const RenderData>(compiled(small_room(), small_film()));
  ThreadPool pool(2);
  REQUIRE(write_compiled_scene(folder.file("room.octscene"), {}, ChunkedScene(data), pool));
  const auto scenes = scenes_in(folder.file(""));
  REQUIRE(scenes);
  const auto loaded = load_carried(scenes->front());
  REQUIRE(loaded);
  CHECK(content_hashes(**loaded) == content_hashes(*data));
  REQUIRE(write_file_by_renaming(folder.file("room.octscene"), bytes_of_value(1)));
  CHECK(!load_carried(scenes->front()));
}
