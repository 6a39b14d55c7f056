// Two small pictures, bit for bit, under every compiler, system and instruction set.
#include "device/cpu_info.hpp"
#include "support/catch.hpp"
#include "support/golden_film.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("the film of the small room is what it always was", "[render]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(40, 20, 20, 8));
  CHECK(render_picture(*cpu_device(2, CpuIsa::x64), data).hash().hex() == kSmallRoomFilm);
  if (cpu_runs_v3()) CHECK(render_picture(*cpu_device(2, CpuIsa::v3), data).hash().hex() == kSmallRoomFilm);
}

TEST_CASE("the film of the layered room is what it always was", "[render]") {
  const RenderDataPtr data = compile_for_test(layered_room(), picture(40, 20, 20, 8));
  CHECK(render_picture(*cpu_device(2, CpuIsa::x64), data).hash().hex() == kLayeredRoomFilm);
  if (cpu_runs_v3()) CHECK(render_picture(*cpu_device(2, CpuIsa::v3), data).hash().hex() == kLayeredRoomFilm);
}
