#include "compile/compile.hpp"

#include <algorithm>

#include "render_data/manifest.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

std::string error_of(const Scene& scene, const CompileOptions& options = small_film()) {
  ThreadPool pool(1);
  const auto data = compile(scene, options, pool);
  return data ? "" : data.error().message;
}

}  // namespace

TEST_CASE("a scene becomes arrays that fit together", "[compile]") {
  const RenderData data = compiled(a_scene());
  CHECK(data.meshes.size() == 2);
  CHECK(data.instances.size() == 4);
  CHECK(data.materials.size() == 3);
  CHECK(data.texture_images.size() == 3);  // colour and numbers of the first, the sky
  CHECK(data.lights.size() == 2 + 3 + 1);
  CHECK(data.light_alias.size() == data.lights.size());
  CHECK(data.environment_alias.size() == 16 * 8);
  CHECK(data.environment_density.size() == 16 * 8);
  CHECK(data.environments.size() == 1);
  CHECK(data.cameras.size() == 1);
  CHECK(data.settings.size() == 1);
}

TEST_CASE("the same scene gives the same hash with any compiler, system and number of threads", "[compile]") {
  Scene scene = a_scene();
  scene.meshes[0] = a_sheet(100);
  scene.images[1] = a_sky(64, 32);
  const Digest expected = hash(compiled(scene, small_film(), 1));
  for (const unsigned threads : {2u, 7u}) CHECK(hash(compiled(scene, small_film(), threads)) == expected);
  CHECK(expected.hex() == "e7bf8e130591071212ed4132f2c939b173973aed2a4d2e44bbac02006c7fea90");
}

TEST_CASE("an empty scene with a camera compiles and is black", "[compile]") {
  Scene scene;
  scene.cameras.resize(1);
  const RenderData data = compiled(scene, small_film());
  CHECK(data.lights.empty());
  CHECK(data.light_alias.empty());
  CHECK(data.instances.empty());
  CHECK(data.environments[0].light == kNone);
}

TEST_CASE("the film's shape decides the width of the view, the vertical field stays", "[compile]") {
  Scene scene = a_scene();
  scene.cameras[0].vertical_fov_degrees = 90;
  CompileOptions options;
  options.width = 300;
  options.height = 100;
  const Camera camera = compiled(scene, options).cameras[0];
  CHECK(camera.half_height == Approx(1));
  CHECK(camera.half_width == Approx(3));
  CHECK(camera.lens_radius == 0.01f);

  options.camera_override = scene.cameras[0];
  options.camera_override->vertical_fov_degrees = 40;
  CHECK(compiled(scene, options).cameras[0].half_height == Approx(0.36397023));
}

TEST_CASE("an orthographic camera keeps its height, the film's shape decides the width", "[compile]") {
  Scene scene = a_scene();
  scene.cameras[0].orthographic_height_m = 5.0f;
  CompileOptions options;
  options.width = 300;
  options.height = 100;
  const Camera camera = compiled(scene, options).cameras[0];
  CHECK(camera.projection == Projection::orthographic);
  CHECK(camera.half_height == 2.5f);
  CHECK(camera.half_width == Approx(7.5));
  ThreadPool pool(1);
  scene.cameras[0].orthographic_height_m = 0.0f;
  CHECK_FALSE(compile(scene, options, pool));
}

TEST_CASE("what could not be posed is said with the rest", "[compile]") {
  Scene scene = a_scene();
  scene.nodes.resize(1);
  scene.nodes[0].scale = {1, 0, 0};
  scene.instances.push_back(scene.instances.at(0));
  scene.instances.back().node = 0;
  std::vector<std::string> warnings;
  ThreadPool pool(1);
  REQUIRE(compile(scene, small_film(), pool, &warnings));
  CHECK(warnings.at(0).find("is scaled to a line or a point") != std::string::npos);
}

TEST_CASE("settings follow the options", "[compile]") {
  CompileOptions options = small_film();
  options.seed = 7;
  options.frame = -3;
  options.contribution_limit = 1000;
  RenderSettings settings = compiled(a_scene(), options).settings[0];
  CHECK(settings.width == 32);
  CHECK(settings.height == 24);
  CHECK(settings.samples_per_pixel == 16);
  CHECK(settings.seed == 7);
  CHECK(settings.frame == -3);
  CHECK(settings.indirect_limit == 1000);
  options.indirect_limit = 10;
  settings = compiled(a_scene(), options).settings[0];
  CHECK(settings.indirect_limit == 10);
}

TEST_CASE("what cannot be compiled is an error that names it", "[compile]") {
  using Catch::Matchers::Contains;
  Scene scene = a_scene();
  scene.instances[1].mesh = 9;
  CHECK_THAT(error_of(scene), Contains("\"lamp\"") && Contains("no mesh 9"));
  scene = a_scene();
  scene.instances[1].material = 9;
  CHECK_THAT(error_of(scene), Contains("no material 9"));
  scene = a_scene();
  scene.instances[2].world_from_object.m[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THAT(error_of(scene), Contains("\"pane\"") && Contains("not finite"));
  scene = a_scene();
  scene.instances[2].world_from_object.m[3] = 2e18f;
  CHECK_THAT(error_of(scene), Contains("\"pane\"") && Contains("1e18"));
  scene = a_scene();
  scene.meshes[1].positions[2].y = std::numeric_limits<float>::infinity();
  CHECK_THAT(error_of(scene), Contains("\"quad\"") && Contains("position 2"));
  scene = a_scene();
  scene.meshes[1].triangles[1].v[2] = 4;
  CHECK_THAT(error_of(scene), Contains("triangle 1 uses vertex 4 of 4"));
  scene = a_scene();
  scene.meshes[1].normals.pop_back();
  CHECK_THAT(error_of(scene), Contains("\"quad\"") && Contains("attribute"));
  scene = a_scene();
  scene.images[0].rgba8.clear();
  CHECK_THAT(error_of(scene), Contains("\"pattern\""));
  scene = a_scene();
  scene.images[0].width = 0;
  CHECK_THAT(error_of(scene), Contains("\"pattern\""));
  scene = a_scene();
  scene.materials[0].base_color_texture->image = 5;
  CHECK_THAT(error_of(scene), Contains("\"painted\"") && Contains("image 5"));
  scene = a_scene();
  scene.materials[0].base_color_texture->uv_set = 4;
  CHECK_THAT(error_of(scene), Contains("\"painted\""));
  scene = a_scene();
  scene.lights[0].position.x = std::numeric_limits<float>::infinity();
  CHECK_THAT(error_of(scene), Contains("\"bulb\""));
  scene = a_scene();
  scene.cameras[0].vertical_fov_degrees = 180;
  CHECK_THAT(error_of(scene), Contains("field of view"));
  scene = a_scene();
  scene.cameras[0].world_from_camera = Transform{};
  CHECK_THAT(error_of(scene), Contains("view direction"));
  scene.cameras.clear();
  CHECK_THAT(error_of(scene), Contains("no camera 0"));
  CompileOptions options;
  options.width = 0;
  CHECK_THAT(error_of(a_scene(), options), Contains("0 x 720"));
  options = small_film();
  options.samples_per_pixel = 1u << 30;
  CHECK_THAT(error_of(a_scene(), options), Contains("do not fit"));
}
