#include "compile/instances.hpp"

#include <cmath>

#include "data/packing.hpp"
#include "math/transform.hpp"
#include "render_data/limits.hpp"
#include "render_data/manifest.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// `count` instances of each mesh, all of one plain material.
Scene scene_of(std::vector<SceneMesh> meshes, std::size_t count = 1) {
  Scene scene;
  scene.cameras.resize(1);
  scene.cameras[0].world_from_camera.m[11] = 9;  // all of it is in view
  scene.materials.resize(1);
  scene.meshes = std::move(meshes);
  for (std::size_t mesh = 0; mesh < scene.meshes.size(); ++mesh) {
    for (std::size_t i = 0; i < count; ++i) {
      scene.instances.push_back({"instance", mesh, 0, moved(static_cast<float>(i), 0, 0)});
    }
  }
  return scene;
}

}  // namespace

TEST_CASE("meshes of equal content are kept once", "[compile]") {
  SceneMesh other = a_quad();
  other.name = "another name";
  SceneMesh different = a_quad();
  different.positions[0].x = -2;
  const RenderData data = compiled(scene_of({a_quad(), other, different}), small_film());
  REQUIRE(data.instances.size() == 3);
  CHECK(data.meshes.size() == 2);
  CHECK(data.instances[0].mesh == data.instances[1].mesh);
  CHECK(data.instances[2].mesh != data.instances[0].mesh);
  CHECK(data.positions.size() == 8);
}

TEST_CASE("meshes that differ in one vertex, wherever it is, are not taken for equal", "[compile]") {
  const SceneMesh sheet = a_sheet(20);
  for (std::size_t vertex = 0; vertex < sheet.positions.size(); vertex += 13) {
    CAPTURE(vertex);
    SceneMesh other = sheet;
    other.positions[vertex].z += 0.001f;
    CHECK(compiled(scene_of({sheet, other, sheet}), small_film()).meshes.size() == 2);
  }
}

TEST_CASE("of the faults of a large mesh the first is told, however many threads look", "[compile]") {
  SceneMesh sheet = a_sheet(300);
  sheet.positions[70'000].x = 1e20f;
  sheet.positions[20'000].y = 1e20f;
  sheet.triangles[3].v[1] = 1'000'000;
  for (const unsigned threads : {1u, 5u}) {
    ThreadPool pool(threads);
    const auto data = compile(scene_of({a_quad(), sheet}), small_film(), pool);
    REQUIRE_FALSE(data);
    CHECK(data.error().message.ends_with(": position 20000 is not within 1e18 m"));
  }
}

TEST_CASE("a large mesh loses what has no extent, and nothing else", "[compile]") {
  const SceneMesh sheet = a_sheet(200);
  SceneMesh with_line = sheet;
  const auto place = with_line.triangles.begin() + 30'000;
  with_line.triangles.insert(place, Triangle{{5, 5, 6}});
  const RenderData expected = compiled(scene_of({sheet}), small_film());
  for (const unsigned threads : {1u, 5u})
    CHECK(hash(compiled(scene_of({with_line}), small_film(), threads)) == hash(expected));
}

TEST_CASE("triangles without extent are left out, and instances without triangles", "[compile]") {
  SceneMesh mesh = a_quad();
  mesh.positions.push_back(mesh.positions[0]);
  mesh.normals.push_back(mesh.normals[0]);
  mesh.uvs = {};
  mesh.triangles.push_back({{0, 4, 1}});  // corners in one place
  mesh.triangles.push_back({{1, 2, 1}});
  SceneMesh nothing = a_quad();
  nothing.triangles = {{{0, 0, 1}}};
  std::vector<std::string> warnings;
  const RenderData data = compiled(scene_of({mesh, nothing}), small_film(), 1, &warnings);
  REQUIRE(data.meshes.size() == 1);
  CHECK(data.meshes[0].triangle_count == 2);
  CHECK(data.instances.size() == 1);
  CHECK(warnings.size() == 1);
}

TEST_CASE("attributes that no material of a mesh uses are left out", "[compile]") {
  Scene scene = scene_of({a_quad()});
  scene.meshes[0].tangents.assign(4, {1, 0, 0, 1});
  RenderData data = compiled(scene, small_film());
  CHECK(data.uvs.empty());
  CHECK(data.tangents.empty());
  CHECK(data.meshes[0].first_uv[0] == kNone);
  CHECK(data.normals.size() == 4);

  scene.images = {an_image(2, 2)};
  scene.materials.resize(2);
  scene.materials[1].normal_texture = SceneTexture{.uv_set = 1};
  scene.instances.push_back({"second", 0, 1, moved(0, 0, 1)});
  data = compiled(scene, small_film());
  CHECK(data.meshes.size() == 1);
  CHECK(data.meshes[0].first_uv[0] == kNone);
  CHECK(data.meshes[0].first_uv[1] == 0);
  CHECK(data.tangents.size() == 4);
  CHECK(data.uvs[1].y == 2);
}

TEST_CASE("of four sets of texture coordinates those that are used are kept, in order", "[compile]") {
  Scene scene = scene_of({a_quad()});
  for (float set = 0; SceneMesh & mesh : scene.meshes) {
    for (std::vector<Vec2>& uvs : mesh.uvs) uvs.assign(4, {set++, 0});
  }
  scene.images = {an_image(2, 2)};
  scene.materials[0].base_color_texture = SceneTexture{.uv_set = 3};
  scene.materials[0].normal_texture = SceneTexture{.uv_set = 2};
  const RenderData data = compiled(scene, small_film());
  const Mesh& mesh = data.meshes[0];
  CHECK(mesh.first_uv[0] == kNone);
  CHECK(mesh.first_uv[1] == kNone);
  CHECK(mesh.first_uv[2] == 0);
  CHECK(mesh.first_uv[3] == 4);
  CHECK(data.uvs[0].x == 2);
  CHECK(data.uvs[4].x == 3);
  CHECK(data.texture_slots[data.materials[0].base_color_texture].uv_set == 3);
}

TEST_CASE("a missing normal is taken from the faces around it", "[compile]") {
  Scene scene = scene_of({a_quad()});
  scene.meshes[0].normals[1] = {0, 0, 0};
  scene.meshes[0].normals[2] = {std::numeric_limits<float>::quiet_NaN(), 0, 0};
  const RenderData data = compiled(scene, small_film());
  for (const u32 packed : data.normals) CHECK(unpack_normal(packed).z == 1);
}

TEST_CASE("a mirrored instance is marked, a flat one becomes a mesh in the world", "[compile]") {
  Scene scene = scene_of({a_quad(), a_sheet(4)});
  scene.instances[0].world_from_object = {{-1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0}};
  scene.instances[1].world_from_object = {{1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 3}};
  const RenderData data = compiled(scene, small_film());
  REQUIRE(data.instances.size() == 2);
  CHECK((data.instances[0].flags & kInstanceFlipsWinding) != 0);
  CHECK((data.instances[1].flags & kInstanceFlipsWinding) == 0);
  const Instance& flat = data.instances[1];
  CHECK(flat.world_from_object.m[3] == 0);
  const Mesh& mesh = data.meshes[flat.mesh];
  for (u32 v = 0; v < mesh.vertex_count; ++v) {
    CHECK(data.positions[mesh.first_vertex + v].z == 3);
    CHECK(unpack_normal(data.normals[mesh.first_normal + v]).z == 1);
  }
}

TEST_CASE("an instance scaled to a line or a point is left out", "[compile]") {
  Scene scene = scene_of({a_quad()}, 2);
  scene.instances[0].world_from_object = Transform{};
  std::vector<std::string> warnings;
  const RenderData data = compiled(scene, small_film(), 1, &warnings);
  CHECK(data.instances.size() == 1);
  CHECK(warnings.size() == 1);
}

TEST_CASE("inverse transforms take world points back", "[compile]") {
  const RenderData data = compiled(a_scene(), small_film());
  for (const Instance& instance : data.instances) {
    const Vec3 p{0.3f, -0.7f, 0.2f};
    const Vec3 back =
        transform_point(instance.object_from_world, transform_point(instance.world_from_object, p));
    CHECK(length(back - p) < 1e-6f);
  }
}

TEST_CASE("meshes used once are baked, and cheap ones", "[compile]") {
  Scene scene = scene_of({a_quad()}, 50);
  scene.meshes.push_back(a_sheet(20));
  scene.instances.push_back({"once", 1, 0, moved(0, 0, 3)});
  for (const Instance& instance : compiled(scene, small_film()).instances)
    CHECK((instance.flags & kInstanceBaked) != 0);
}

TEST_CASE("costly copies stay instances, the cheapest meshes are baked first within the budget",
          "[compile]") {
  RenderData data;
  const u32 triangles[3] = {100, 100000, 60000};
  for (const u32 count : triangles) {
    Mesh mesh{};
    mesh.triangle_count = count;
    data.meshes.edit().push_back(mesh);
  }
  data.triangles.edit().resize(160100);
  const auto add = [&](u32 mesh, int copies) {
    for (int i = 0; i < copies; ++i) {
      Instance instance{};
      instance.mesh = mesh;
      data.instances.edit().push_back(instance);
    }
  };
  add(0, 100);  // adds 9900
  add(1, 3);    // adds 200000
  add(2, 5);    // adds 240000
  REQUIRE(baked_duplicate_budget(data.triangles.size()) == 262144);
  choose_baked(data);
  for (const Instance& instance : data.instances)
    CHECK(((instance.flags & kInstanceBaked) != 0) == (instance.mesh != 2));
}

TEST_CASE("what baking adds is at most as much as there is, or 262144 triangles", "[compile]") {
  CHECK(baked_duplicate_budget(0) == 262144);
  CHECK(baked_duplicate_budget(262145) == 262145);
  CHECK(baked_duplicate_budget(10000000) == 10000000);
}

TEST_CASE("sheets of glass are told from bodies with holes", "[compile]") {
  const auto is_open = [](SceneMesh mesh, bool solid = true) {
    Scene scene = a_scene();
    scene.materials.resize(1);
    scene.materials[0] = {};
    scene.materials[0].metallic = 0;
    scene.materials[0].transmission = 1;
    scene.materials[0].thin_walled = !solid;
    scene.meshes = {std::move(mesh)};
    scene.instances = {{"glass", 0, 0}};
    const RenderData data = compiled(scene, small_film());
    return (data.instances[0].flags & kInstanceOpen) != 0;
  };
  SceneMesh cube;
  for (int i = 0; i < 8; ++i)
    cube.positions.push_back(
        {static_cast<float>(i & 1), static_cast<float>(i >> 1 & 1), static_cast<float>(i >> 2)});
  cube.triangles = {{{0, 2, 3}}, {{0, 3, 1}}, {{4, 5, 7}}, {{4, 7, 6}}, {{0, 1, 5}}, {{0, 5, 4}},
                    {{2, 6, 7}}, {{2, 7, 3}}, {{0, 4, 6}}, {{0, 6, 2}}, {{1, 3, 7}}, {{1, 7, 5}}};
  CHECK_FALSE(is_open(cube));
  SceneMesh without_lid = cube;
  without_lid.triangles.resize(10);
  CHECK_FALSE(is_open(without_lid));
  SceneMesh corner = cube;  // three faces
  corner.triangles = {{{0, 2, 3}}, {{0, 3, 1}}, {{0, 1, 5}}, {{0, 5, 4}}, {{0, 4, 6}}, {{0, 6, 2}}};
  CHECK(is_open(corner));
  CHECK(is_open(a_quad()));
  CHECK_FALSE(is_open(a_quad(), false));  // thin walls have no inside anyway
}
