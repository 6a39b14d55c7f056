#include "film/render_key.hpp"

#include <functional>

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

FilmSource a_source() {
  FilmSource source;
  source.scene_name = "room.glb";
  source.scene_hash.bytes[0] = 1;
  source.kernel_hash.bytes[0] = 2;
  return source;
}

}  // namespace

TEST_CASE("the render key changes with all that a sample depends on", "[film]") {
  const FilmSource source = a_source();
  const RenderSettings settings = a_setting(40, 20, 100);
  struct Case {
    std::function<void(RenderSettings&)> change;
    const char* difference;
  };
  const Case cases[] = {
      {[](RenderSettings& s) { s.width = 41; }, "film width 40, now 41"},
      {[](RenderSettings& s) { s.height = 21; }, "film height 20, now 21"},
      {[](RenderSettings& s) { s.seed = 7; }, "seed 0, now 7"},
      {[](RenderSettings& s) { s.max_depth = 5; }, "maximum depth 4, now 5"},
      {[](RenderSettings& s) { s.quantum_log2 = -20; }, "film quantum 2^ -24, now -20"},
      {[](RenderSettings& s) { s.contribution_limit = 2000; }, "largest contribution 1000, now 2000"},
      {[](RenderSettings& s) { s.indirect_limit = 9; }, "largest indirect contribution 1000, now 9"},
      {[](RenderSettings& s) { s.frame = 3; }, "frame 0, now 3"},
  };
  for (const Case& one : cases) {
    RenderSettings other = settings;
    one.change(other);
    CHECK(render_key(source, other) != render_key(source, settings));
    CHECK(render_difference(source, settings, source, other) == std::string(one.difference));
  }
  RenderSettings two = settings;
  two.seed = 4;
  two.frame = 2;
  CHECK(render_difference(source, settings, source, two) == std::string("seed 0, now 4, frame 0, now 2"));
}

TEST_CASE("the render key does not change with samples, passes, names and headers", "[film]") {
  const RenderSettings settings = a_setting(40, 20, 100);
  RenderSettings other = settings;
  other.samples_per_pixel = 500;
  other.extra_pass_ends[0] = 100;
  FilmSource source = a_source();
  source.scene_name = "copy of room.glb";
  source.frames_per_second = 25;
  CHECK(render_key(a_source(), settings) == render_key(source, other));
  CHECK_FALSE(render_difference(a_source(), settings, source, other));
}

TEST_CASE("another scene and other kernels are another render", "[film]") {
  const RenderSettings settings = a_setting(40, 20, 100);
  FilmSource scene = a_source(), kernels = a_source();
  scene.scene_hash.bytes[31] = 1;
  kernels.kernel_hash.bytes[31] = 1;
  CHECK(render_key(scene, settings) != render_key(a_source(), settings));
  CHECK(render_key(kernels, settings) != render_key(a_source(), settings));
  CHECK(render_key(kernels, settings) != render_key(scene, settings));
  CHECK(render_difference(a_source(), settings, scene, settings) ==
        std::string("another scene, camera or environment"));
  CHECK(render_difference(a_source(), settings, kernels, settings) ==
        std::string("another version of the renderer"));
}
