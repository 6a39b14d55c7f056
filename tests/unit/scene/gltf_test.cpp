#include <limits>

#include "base/file.hpp"
#include "math/vec.hpp"
#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

std::vector<float> numbers(const std::vector<Vec3>& vectors) {
  std::vector<float> values;
  for (const Vec3 v : vectors) values.insert(values.end(), {v.x, v.y, v.z});
  return values;
}

std::vector<std::uint32_t> corners(const SceneMesh& mesh) {
  std::vector<std::uint32_t> values;
  for (const Triangle& triangle : mesh.triangles) values.insert(values.end(), triangle.v, triangle.v + 3);
  return values;
}

std::vector<float> matrix(const Transform& transform) {
  return {transform.m, transform.m + 12};
}

const std::vector<float> kSquare{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0};

}  // namespace

TEST_CASE("a triangle comes through the binary and the text container alike", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  const ImportedScene binary = import_made(maker);
  const auto text = import_gltf(bytes_of_text(maker.gltf()), "a.gltf", "");
  REQUIRE(text.has_value());
  for (const Scene* scene : {&binary.scene, &text->scene}) {
    REQUIRE(scene->meshes.size() == 1);
    CHECK(numbers(scene->meshes[0].positions) == std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0});
    CHECK(corners(scene->meshes[0]) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(scene->meshes[0].normals.empty());
    REQUIRE(scene->instances.size() == 1);
    CHECK(scene->materials.size() == 1);
  }
  CHECK(binary.warnings.empty());
}

TEST_CASE("buffers and pictures are found beside the file, by escaped names too", "[scene]") {
  const TempDir folder;
  GltfMaker maker;
  maker.show_triangle();
  maker.document["buffers"] =
      Json::array({{{"byteLength", maker.binary.size()}, {"uri", "sub/b%20%C3%A4.bin"}}});
  Bytes longer = maker.binary;
  longer.resize(longer.size() + 100);  // byteLength may be less than the file
  REQUIRE(write_file_by_renaming(folder.file("sub/b \xc3\xa4.bin"), longer).has_value());
  REQUIRE(write_file_by_renaming(folder.file("a.gltf"), bytes_of_text(maker.document.dump())).has_value());
  const auto scene = import_scene(folder.file("a.gltf"));
  REQUIRE(scene.has_value());
  CHECK(scene->scene.name == "a.gltf");
  CHECK(scene->scene.meshes.size() == 1);
}

TEST_CASE("indices may be bytes, shorts or ints", "[scene]") {
  GltfMaker maker;
  const Json attributes = {{"POSITION", maker.vec3(kSquare)}};
  const auto bytes =
      maker.accessor(GltfMaker::unsigned_byte, "SCALAR", 3, std::vector<std::uint8_t>{2, 1, 0});
  const auto shorts = maker.indices({2, 1, 0});
  const auto ints = maker.accessor(GltfMaker::unsigned_int, "SCALAR", 3, std::vector<std::uint32_t>{2, 1, 0});
  for (const std::size_t indices : {bytes, shorts, ints}) {
    maker.show({{"attributes", attributes}, {"indices", indices}});
  }
  const ImportedScene imported = import_made(maker);
  REQUIRE(imported.scene.meshes.size() == 3);
  for (const SceneMesh& mesh : imported.scene.meshes) {
    CHECK(corners(mesh) == std::vector<std::uint32_t>{2, 1, 0});
    CHECK(mesh.positions.size() == 3);  // the fourth is not used
  }
}

TEST_CASE("strips and fans unfold with the right winding", "[scene]") {
  GltfMaker maker;
  const std::vector<float> five{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 2, 0};
  const Json attributes = {{"POSITION", maker.vec3(five)}};
  const auto mode = GENERATE(4, 5, 6);
  maker.show({{"attributes", attributes}, {"mode", mode}});
  const ImportedScene imported = import_made(maker);
  const std::vector<std::uint32_t> triangles{0, 1, 2};
  const std::vector<std::uint32_t> strip{0, 1, 2, 1, 3, 2, 2, 3, 4};
  const std::vector<std::uint32_t> fan{1, 2, 0, 2, 3, 0, 3, 4, 0};
  CHECK(corners(imported.scene.meshes.at(0)) == (mode == 4 ? triangles : mode == 5 ? strip : fan));
  CHECK(imported.warnings.size() == (mode == 4 ? 1 : 0));  // two corners are left over
}

TEST_CASE("points and lines are left out with a warning", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  const auto mode = GENERATE(0, 1, 2, 3);
  maker.show({{"attributes", {{"POSITION", 0}}}, {"mode", mode}});
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.instances.size() == 1);
  REQUIRE(imported.warnings.size() == 1);
  CHECK(imported.warnings[0] ==
        (mode == 0 ? "a.glb: mesh 1: points are not shown" : "a.glb: mesh 1: lines are not shown"));
}

TEST_CASE("sparse accessors change single elements, with and without a buffer view", "[scene]") {
  GltfMaker maker;
  const auto indices = maker.view(std::vector<std::uint16_t>{1, 3});
  const auto values = maker.view(std::vector<float>{5, 5, 5, 6, 6, 6});
  const Json sparse = {{"count", 2},
                       {"indices", {{"bufferView", indices}, {"componentType", 5123}}},
                       {"values", {{"bufferView", values}}}};
  const auto based = maker.vec3(kSquare);
  maker.document["accessors"][based]["sparse"] = sparse;
  const auto zeros =
      maker.add("accessors", {{"componentType", 5126}, {"type", "VEC3"}, {"count", 4}, {"sparse", sparse}});
  const auto order = maker.indices({0, 1, 2, 1, 3, 2});
  maker.show({{"attributes", {{"POSITION", based}}}, {"indices", order}});
  maker.show({{"attributes", {{"POSITION", zeros}}}, {"indices", order}});
  const ImportedScene imported = import_made(maker);
  CHECK(numbers(imported.scene.meshes.at(0).positions) ==
        std::vector<float>{0, 0, 0, 5, 5, 5, 0, 1, 0, 6, 6, 6});
  CHECK(numbers(imported.scene.meshes.at(1).positions) ==
        std::vector<float>{0, 0, 0, 5, 5, 5, 0, 0, 0, 6, 6, 6});
}

TEST_CASE("quantized attributes are brought to floats", "[scene]") {
  GltfMaker maker;
  const auto positions = maker.accessor(
      GltfMaker::int16, "VEC3", 3, std::vector<std::int16_t>{0, 0, 0, 0, 32767, 0, 0, 0, -32768, 0, 0, 0});
  maker.document["bufferViews"][0]["byteStride"] = 8;
  const auto uvs = maker.accessor(GltfMaker::unsigned_byte, "VEC2", 3,
                                  std::vector<std::uint8_t>{0, 255, 0, 0, 51, 102, 0, 0, 7, 8, 0, 0});
  maker.document["bufferViews"][1]["byteStride"] = 4;
  const bool normalized = GENERATE(true, false);
  maker.document["accessors"][0]["normalized"] = normalized;
  maker.document["accessors"][1]["normalized"] = normalized;
  maker.show({{"attributes", {{"POSITION", positions}, {"TEXCOORD_0", uvs}}}});
  maker.document["extensionsRequired"] = {"KHR_mesh_quantization"};
  const SceneMesh mesh = import_made(maker).scene.meshes.at(0);
  const float one = normalized ? 1.0f : 32767.0f;
  CHECK(mesh.positions[1].x == one);
  CHECK(mesh.positions[2].x == (normalized ? -1.0f : -32768.0f));
  CHECK(mesh.uvs[0][0].y == (normalized ? 1.0f : 255.0f));
  CHECK(mesh.uvs[0][1].x == (normalized ? 51.0f / 255.0f : 51.0f));
}

TEST_CASE("vertex colours may be bytes, shorts or floats, with alpha or without", "[scene]") {
  GltfMaker maker;
  const auto positions = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0});
  const auto floats = maker.vec3({0.25f, 0.5f, 1, 0, 0, 0, 1, 1, 1});
  const auto shorts =
      maker.accessor(GltfMaker::unsigned_short, "VEC4", 3,
                     std::vector<std::uint16_t>{65535, 0, 13107, 26214, 0, 0, 0, 0, 0, 0, 0, 0});
  maker.document["accessors"][shorts]["normalized"] = true;
  const auto bytes = maker.accessor(GltfMaker::unsigned_byte, "VEC4", 3,
                                    std::vector<std::uint8_t>{255, 0, 51, 102, 0, 0, 0, 0, 0, 0, 0, 0});
  maker.document["accessors"][bytes]["normalized"] = true;
  for (const std::size_t colors : {floats, shorts, bytes}) {
    maker.show({{"attributes", {{"POSITION", positions}, {"COLOR_0", colors}}}});
  }
  const Scene scene = import_made(maker).scene;
  const Vec4 first = scene.meshes.at(0).colors.at(0);
  CHECK((first.x == 0.25f && first.y == 0.5f && first.z == 1.0f && first.w == 1.0f));
  for (const std::size_t mesh : {std::size_t{1}, std::size_t{2}}) {
    const Vec4 color = scene.meshes.at(mesh).colors.at(0);
    CHECK((color.x == 1.0f && color.y == 0.0f && color.z == 0.2f && color.w == 0.4f));
  }
}

TEST_CASE("normals and tangents become unit vectors, and mended where they have no direction", "[scene]") {
  GltfMaker maker;
  const auto positions = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0});
  const auto normals = maker.vec3({0, 0, 5, 0, 0, 0, 0, 0, std::numeric_limits<float>::quiet_NaN()});
  const auto tangents = maker.accessor(GltfMaker::real, "VEC4", 3,
                                       std::vector<float>{3, 0, 0, 0.9f, 1, 0, 0, -1, 1e-30f, 0, 0, 1});
  maker.show({{"attributes", {{"POSITION", positions}, {"NORMAL", normals}, {"TANGENT", tangents}}}});
  const ImportedScene imported = import_made(maker);
  const SceneMesh& mesh = imported.scene.meshes.at(0);
  CHECK(numbers(mesh.normals) == std::vector<float>{0, 0, 1, 0, 0, 1, 0, 0, 1});
  REQUIRE(mesh.tangents.size() == 3);
  CHECK((mesh.tangents[0].x == 1.0f && mesh.tangents[0].w == 1.0f));
  CHECK((mesh.tangents[1].x == 1.0f && mesh.tangents[1].w == -1.0f));
  CHECK(mesh.tangents[2].x == 1.0f);
  CHECK(imported.warnings.size() == 1);
}

TEST_CASE("primitives made of the same accessors become one mesh", "[scene]") {
  GltfMaker maker;
  const Json attributes = {{"POSITION", maker.vec3(kSquare)}};
  maker.add("materials", {{"name", "red"}});
  maker.show({{"attributes", attributes}});
  maker.show({{"attributes", attributes}, {"material", 0}});
  const Scene scene = import_made(maker).scene;
  CHECK(scene.meshes.size() == 1);
  REQUIRE(scene.instances.size() == 2);
  CHECK(scene.materials.at(scene.instances[1].material).name == "red");
  CHECK(scene.materials.at(scene.instances[0].material).name == "default");
}

TEST_CASE("nodes place their children", "[scene]") {
  GltfMaker maker;
  // a quarter turn about +Z, written with a length that is not 1
  maker.show_triangle({{"translation", {0, 0, 3}}, {"rotation", {0, 0, 2, 2}}, {"scale", {2, 1, 1}}});
  maker.add("nodes", {{"children", {0}}, {"matrix", {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 10, 0, 0, 1}}});
  const PosedScene posed = Moments(maker).at(0);
  REQUIRE(posed.instances.size() == 1);
  const std::vector<float> found = matrix(posed.instances[0].world_from_object);
  const std::vector<float> wanted{0, -1, 0, 10, 2, 0, 0, 0, 0, 0, -1, -3};
  for (std::size_t i = 0; i < 12; ++i) CHECK(found[i] == Approx(wanted[i]).margin(1e-6));
}

TEST_CASE("the default scene is shown, else the first, else everything", "[scene]") {
  GltfMaker maker;
  for (int i = 0; i < 3; ++i) maker.show_triangle({{"name", std::string(1, static_cast<char>('a' + i))}});
  const auto names = [&] {
    std::string list;
    for (const SceneInstance& instance : import_made(maker).scene.instances) list += instance.name;
    return list;
  };
  CHECK(names() == "abc");
  maker.document["scenes"] = {{{"nodes", {1}}}, {{"nodes", {2, 0}}}};
  CHECK(names() == "b");
  maker.document["scene"] = 1;
  CHECK(names() == "ca");
}

TEST_CASE("a hierarchy may be very deep", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  constexpr int kDepth = 20000;
  for (int i = 0; i < kDepth; ++i) {
    maker.add("nodes", {{"children", {i}}, {"translation", {1, 0, 0}}});
  }
  const Moments moments(maker);
  const PosedScene posed = moments.at(0);
  REQUIRE(posed.instances.size() == 1);
  CHECK(static_cast<double>(posed.instances[0].world_from_object.m[3]) + moments.scene().origin[0] == kDepth);
}

TEST_CASE("cameras lose the scale of their nodes and keep their direction", "[scene]") {
  GltfMaker maker;
  maker.add("cameras",
            {{"type", "perspective"},
             {"name", "main"},
             {"perspective", {{"yfov", 1.5707963267948966}, {"znear", 0.1}, {"aspectRatio", 1.5}}}});
  // half a turn about +Y
  maker.add("nodes",
            {{"camera", 0}, {"rotation", {0, 1, 0, 0}}, {"scale", {3, 3, 3}}, {"translation", {0, 0, 5}}});
  const PosedScene posed = Moments(maker).at(0);
  REQUIRE(posed.cameras.size() == 1);
  const SceneCamera& camera = posed.cameras[0];
  CHECK(camera.name == "main");
  CHECK(camera.vertical_fov_degrees == 90.0f);
  CHECK(camera.aspect == 1.5f);
  CHECK(matrix(camera.world_from_camera) == std::vector<float>{-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 5});
}

TEST_CASE("punctual lights shine along -Z of their nodes", "[scene]") {
  GltfMaker maker;
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {
      {{"type", "point"}, {"color", {1, 0.5, 0}}, {"intensity", 5000000000}},
      {{"type", "spot"},
       {"spot", {{"innerConeAngle", 0.5235987755982989}, {"outerConeAngle", 0.7853981633974483}}}},
      {{"type", "directional"}, {"intensity", 2}}};
  for (int i = 0; i < 3; ++i) {
    // a quarter turn about +X brings -Z to +Y
    maker.add("nodes", {{"translation", {1, 2, 3}},
                        {"rotation", {0.7071067811865476, 0, 0, 0.7071067811865476}},
                        {"extensions", {{"KHR_lights_punctual", {{"light", i}}}}}});
  }
  const PosedScene scene = Moments(maker).at(0);
  REQUIRE(scene.lights.size() == 3);
  CHECK(scene.lights[0].kind == SceneLightKind::point);
  CHECK(scene.lights[0].intensity.x == 5e9f);
  CHECK(scene.lights[0].intensity.y == 2.5e9f);
  CHECK(scene.lights[0].position.y == 2.0f);
  CHECK(scene.lights[1].kind == SceneLightKind::spot);
  CHECK(scene.lights[1].inner_cone_degrees == Approx(30));
  CHECK(scene.lights[1].outer_cone_degrees == Approx(45));
  CHECK(scene.lights[2].kind == SceneLightKind::directional);
  CHECK(scene.lights[2].direction.y == Approx(1));
  CHECK(scene.lights[2].direction.z == Approx(0).margin(1e-6));
}

TEST_CASE("extensions that are not supported are named", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.document["extensionsUsed"] = {"KHR_xmp", "KHR_materials_ior"};
  CHECK(import_made(maker).warnings == std::vector<std::string>{"a.glb: KHR_xmp is ignored"});
  maker.document["extensionsRequired"] = {"EXT_lights_ies"};
  const auto refused = import_gltf(maker.glb(), "car.gltf", "");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  CHECK(refused.error().message == "car.gltf: needs extension EXT_lights_ies, which is not supported");
}
