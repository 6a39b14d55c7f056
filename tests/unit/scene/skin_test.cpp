#include "base/hash.hpp"
#include "math/vec.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

const std::vector<float> kTriangleCorners{0, 0, 0, 100, 0, 0, 0, 100, 0};

/// A triangle in centimetres that follows two joints, which stand in metres: node 0 at x = -1, node 1 above it. Its own
/// node, 2, stands far away.
GltfMaker skinned(const std::vector<std::uint8_t>& joints, const std::vector<float>& weights) {
  GltfMaker maker;
  maker.add("nodes", {{"name", "root"}, {"translation", {-1, 0, 0}}, {"children", {1}}});
  maker.add("nodes", {{"name", "tip"}, {"translation", {0, 5, 0}}});
  const Json attributes = {
      {"POSITION", maker.vec3(kTriangleCorners)},
      {"NORMAL", maker.vec3({0, 0, 1, 0, 0, 1, 0, 0, 1})},
      {"TANGENT",
       maker.accessor(GltfMaker::real, "VEC4", 3, std::vector<float>{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1})},
      {"JOINTS_0", maker.accessor(GltfMaker::unsigned_byte, "VEC4", 3, joints)},
      {"WEIGHTS_0", maker.accessor(GltfMaker::real, "VEC4", 3, weights)}};
  maker.show({{"attributes", attributes}}, {{"skin", 0}, {"name", "body"}, {"translation", {50, 50, 50}}});
  std::vector<float> binds;
  for (int i = 0; i < 2; ++i) {
    binds.insert(binds.end(), {0.01f, 0, 0, 0, 0, 0.01f, 0, 0, 0, 0, 0.01f, 0, 0, 0, 0, 1});
  }
  maker.document["skins"] = {{{"name", "bones"},
                              {"joints", {0, 1}},
                              {"inverseBindMatrices", maker.accessor(GltfMaker::real, "MAT4", 2, binds)}}};
  return maker;
}

const std::vector<std::uint8_t> kFirstJoint(12, 0);
const std::vector<float> kWhole{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};

const SceneMesh& shown(const PosedScene& posed) {
  return posed.meshes[posed.instances.at(0).mesh];
}

}  // namespace

TEST_CASE("a skinned mesh stands where its joints are, whatever its node says", "[scene]") {
  const Moments moments(skinned(kFirstJoint, kWhole));
  CHECK(moments.warnings().empty());
  const PosedScene posed = moments.at(0);
  REQUIRE(posed.instances.size() == 1);
  const SceneMesh& mesh = shown(posed);
  CHECK(is_about(mesh.positions[0], -1, 0, 0));
  CHECK(is_about(mesh.positions[1], 0, 0, 0));
  CHECK(is_about(mesh.positions[2], -1, 1, 0));
  CHECK(is_about(mesh.normals[0], 0, 0, 1));
  CHECK(position_of(posed.instances[0].world_from_object).x == 0);
  CHECK(mesh.influences.empty());
}

TEST_CASE("a figure in a surveyed place is counted from there", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  SECTION("by its joints") {
    maker.document["nodes"][0]["translation"] = {583960.25, 4507523, 100};
    const Moments moments(maker);
    CHECK(moments.scene().origin == std::array<double, 3>{583961, 4507523, 100});
    const PosedScene posed = moments.at(0);
    CHECK(is_about(shown(posed).positions[0], -0.75f, 0, 0));
    CHECK(is_about(shown(posed).positions[2], -0.75f, 1, 0));
  }
  SECTION("by its vertices") {
    maker.document["meshes"][0]["primitives"][0]["attributes"]["POSITION"] =
        maker.vec3({45000000, 0, 0, 45000100, 0, 0, 45000000, 100, 0});
    const Moments moments(maker);
    CHECK(moments.scene().origin == std::array<double, 3>{449999, 0, 0});
    const PosedScene posed = moments.at(0);
    const Vec3 first = shown(posed).positions[0];
    CHECK(first.x == Approx(0).margin(0.02));  // the bind matrix is a float
    CHECK(is_about(shown(posed).positions[2] - first, 0, 1, 0));
    CHECK((shown(posed).positions[1] - first).x == Approx(1));
  }
}

TEST_CASE("a vertex goes to the weighted mean of its joints, two sets and weights of any sum", "[scene]") {
  // the third vertex: a third of joint 0, two thirds of joint 1, which is 5 m higher
  GltfMaker maker = skinned({0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, {2, 0, 0, 0, 0.5f, 0, 0, 0, 1, 1, 0, 0});
  Json& attributes = maker.document["meshes"][0]["primitives"][0]["attributes"];
  attributes["JOINTS_1"] = maker.accessor(GltfMaker::unsigned_short, "VEC4", 3,
                                          std::vector<std::uint16_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
  attributes["WEIGHTS_1"] = maker.accessor(GltfMaker::unsigned_byte, "VEC4", 3,
                                           std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0});
  maker.document["accessors"][attributes["WEIGHTS_1"].get<std::size_t>()]["normalized"] = true;
  const Moments moments(maker);
  CHECK(moments.warnings().empty());
  const PosedScene posed = moments.at(0);
  CHECK(is_about(shown(posed).positions[0], -1, 0, 0));
  CHECK(is_about(shown(posed).positions[1], 0, 0, 0));
  CHECK(is_about(shown(posed).positions[2], -1, 1 + 5.0f * 2 / 3, 0));
}

TEST_CASE("joints that turn bend positions, normals and tangents", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  const float half = 0.70710678f;
  animate(maker, of_node(0, "rotation"), {0, 1}, "VEC4", {0, 0, 0, 1, 0, half, 0, half});  // +X goes to -Z
  const Moments moments(maker);
  const PosedScene posed = moments.at(1);
  const SceneMesh& mesh = shown(posed);
  CHECK(is_about(mesh.positions[1], -1, 0, -1));
  CHECK(is_about(mesh.normals[1], 1, 0, 0));
  CHECK(is_about({mesh.tangents[1].x, mesh.tangents[1].y, mesh.tangents[1].z}, 0, 0, -1));
  CHECK(mesh.tangents[1].w == 1);
}

TEST_CASE("a figure that its joints mirror is not inside out", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  maker.document["nodes"][0]["scale"] = {1, 1, -2};
  const PosedScene posed = Moments(maker).at(0);
  const SceneMesh& mesh = shown(posed);
  const auto& v = mesh.triangles.at(0).v;
  const Vec3 winding =
      cross(mesh.positions[v[1]] - mesh.positions[v[0]], mesh.positions[v[2]] - mesh.positions[v[0]]);
  CHECK(is_about(mesh.normals[0], 0, 0, -1));
  CHECK(winding.z < 0);
  CHECK(mesh.tangents[0].w == -1);
}

TEST_CASE("nodes with the same skin and mesh show one bent mesh", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  maker.add("nodes", {{"mesh", 0}, {"skin", 0}});
  const PosedScene posed = Moments(maker).at(0);
  REQUIRE(posed.instances.size() == 2);
  CHECK(posed.instances[0].mesh == posed.instances[1].mesh);
  CHECK(posed.meshes.size() == 2);
}

TEST_CASE("a figure is not copied where its node lies, and that is said", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  maker.document["extensionsUsed"] = {"EXT_mesh_gpu_instancing"};
  maker.document["nodes"][2]["extensions"]["EXT_mesh_gpu_instancing"]["attributes"] = {
      {"TRANSLATION", maker.vec3({0, 0, 0, 1, 0, 0})}};
  const Moments moments(maker);
  CHECK(moments.at(0).instances.size() == 1);
  REQUIRE(moments.warnings().size() == 1);
  CHECK(moments.warnings()[0].find("\"body\": is one figure, not several") != std::string::npos);
}

TEST_CASE("joints may be nodes that the scene does not show", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  maker.document["scenes"] = {{{"nodes", {2}}}};
  CHECK(is_about(shown(Moments(maker).at(0)).positions[1], 0, 0, 0));
}

TEST_CASE("skins that are wrong are named, and the mesh is shown", "[scene]") {
  GltfMaker maker = skinned(kFirstJoint, kWhole);
  SECTION("no joint for a vertex") {
    maker = skinned(kFirstJoint, {1, 0, 0, 0, 0, 0, 0, 0, std::numeric_limits<float>::quiet_NaN(), -1, 0, 0});
    const Moments moments(maker);
    CHECK(moments.warnings() ==
          std::vector<std::string>{
              "a.glb: mesh 0: has vertices without a joint; they follow the first one of their skin"});
    CHECK(is_about(shown(moments.at(0)).positions[2], -1, 1, 0));
  }
  SECTION("a joint that the skin does not have") {
    maker = skinned({0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0});
    maker.document["nodes"][2]["name"] = "body";
    const Moments good(maker);
    CHECK(good.at(0).warnings.empty());  // joint 9 has no weight
    const Moments moments(skinned({0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}, kWhole));
    const PosedScene posed = moments.at(0);
    CHECK(posed.instances.size() == 1);
    CHECK(posed.warnings ==
          std::vector<std::string>{
              "mesh \"mesh 0\" follows joints that its skin of 2 does not have; they are left out"});
  }
  SECTION("too few matrices") {
    maker.document["accessors"][maker.document["skins"][0]["inverseBindMatrices"].get<std::size_t>()]
                  ["count"] = 1;
    const Moments moments(maker);
    CHECK(moments.warnings() ==
          std::vector<std::string>{"a.glb: skin \"bones\": is ignored: inverseBindMatrices: "
                                   "accessor 5 has 1 matrices for 2 joints"});
    CHECK(position_of(moments.at(0).instances.at(0).world_from_object).x == 50);
  }
  SECTION("a mesh without joints") {
    maker.document["meshes"][0]["primitives"][0]["attributes"].erase("JOINTS_0");
    const Moments moments(maker);
    CHECK(moments.warnings() == std::vector<std::string>{"a.glb: node \"body\": has a skin, but its mesh "
                                                         "names no joints: it stands as its node places it"});
    CHECK(position_of(moments.at(0).instances.at(0).world_from_object).x == 50);
  }
  SECTION("a skin and a joint that do not exist are faults") {
    maker.document["nodes"][2]["skin"] = 4;
    maker.document["skins"][0]["joints"] = {0, 77};
    const auto refused = import_gltf(maker.glb(), "a.glb", "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("node \"body\": skin 4 does not exist: the file has 1 skin") !=
          std::string::npos);
    CHECK(refused.error().message.find("skin \"bones\": joints 77 does not exist: the file has 3 nodes") !=
          std::string::npos);
  }
}

TEST_CASE("morph targets change all attributes by their weights", "[scene]") {
  GltfMaker maker;
  const auto zeros = maker.vec3({0, 0, 0, 0, 0, 0, 0, 0, 0});
  const Json attributes = {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})},
                           {"NORMAL", maker.vec3({0, 0, 1, 0, 0, 1, 0, 0, 1})},
                           {"TEXCOORD_0", maker.vec2({0, 0, 1, 0, 0, 1})},
                           {"COLOR_0", maker.vec3({0, 0, 0, 0, 0, 0, 0, 0, 0})}};
  const Json first = {{"POSITION", maker.vec3({0, 0, 2, 0, 0, 4, 0, 0, 6})},
                      {"NORMAL", maker.vec3({2, 0, 0, 0, 0, 0, 0, 0, -2})},
                      {"TEXCOORD_0", maker.vec2({0.5f, 0, 0, 0, 0, 0})},
                      {"COLOR_0", maker.vec3({1, 0, 0, 0, 0, 0, 0, 0, 0})}};
  const auto one = maker.view(std::vector<std::uint16_t>{2});
  const auto offset = maker.view(std::vector<float>{8, 0, 0});
  maker.document["accessors"][zeros]["sparse"] = {{"count", 1},
                                                  {"indices", {{"bufferView", one}, {"componentType", 5123}}},
                                                  {"values", {{"bufferView", offset}}}};
  const auto mesh = maker.show({{"attributes", attributes}, {"targets", {first, {{"POSITION", zeros}}}}});
  maker.document["meshes"][mesh]["weights"] = {0.5, 0.25};
  SECTION("the mesh's own") {
    const PosedScene posed = Moments(maker).at(0);
    const SceneMesh& shape = shown(posed);
    CHECK(is_about(shape.positions[0], 0, 0, 1));
    CHECK(is_about(shape.positions[1], 1, 0, 2));
    CHECK(is_about(shape.positions[2], 2, 1, 3));
    CHECK(is_about(shape.normals[0], 0.70710678f, 0, 0.70710678f));
    CHECK(is_about(shape.normals[2], 0, 0, 1));  // 1 - 1 has no direction: as it was
    CHECK(shape.uvs[0][0].x == 0.25f);
    CHECK(shape.colors[0].x == 0.5f);
    CHECK(shape.colors[0].w == 1.0f);
  }
  SECTION("the node's, which come first") {
    maker.document["nodes"][0]["weights"] = {0, 1};
    maker.add("nodes", {{"mesh", mesh}, {"weights", {0, 0}}});
    maker.add("nodes", {{"mesh", mesh}});
    const Moments moments(maker);
    const PosedScene posed = moments.at(0);
    REQUIRE(posed.instances.size() == 3);
    CHECK(is_about(shown(posed).positions[2], 8, 1, 0));
    CHECK(posed.instances[1].mesh == 0);  // no weight: the scene's own
    CHECK(is_about(posed.meshes[posed.instances[2].mesh].positions[2], 2, 1, 3));
  }
  SECTION("those of an animation, as bytes") {
    animate(maker, of_node(0, "weights"), {0, 2}, "SCALAR", {0, 0, 0, 0});
    const auto weights =
        maker.accessor(GltfMaker::unsigned_byte, "SCALAR", 4, std::vector<std::uint8_t>{0, 255, 255, 0});
    maker.document["accessors"][weights]["normalized"] = true;
    maker.document["animations"][0]["samplers"][0]["output"] = weights;
    const Moments moments(maker);
    CHECK(moments.warnings().empty());
    CHECK(is_about(shown(moments.at(0)).positions[2], 8, 1, 0));
    CHECK(is_about(shown(moments.at(1)).positions[2], 4, 1, 3));
    CHECK(is_about(shown(moments.at(2)).positions[2], 0, 1, 6));
  }
  SECTION("those that a pointer to the mesh gives to all of its nodes") {
    maker.add("nodes", {{"mesh", mesh}});
    animate(maker, of_pointer("/meshes/0/weights"), {0, 1}, "SCALAR", {0, 0, 0, 1});
    const Moments moments(maker);
    const PosedScene posed = moments.at(1);
    for (const SceneInstance& instance : posed.instances)
      CHECK(is_about(posed.meshes[instance.mesh].positions[2], 8, 1, 0));
    CHECK(posed.meshes.size() == 2);
  }
}

TEST_CASE("a small file cannot ask for endless bent copies", "[scene]") {
  GltfMaker maker;
  std::vector<float> many(3 * 30000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<float>(i % 7);
  const auto positions = maker.vec3(many);
  const auto mesh =
      maker.show({{"attributes", {{"POSITION", positions}}}, {"targets", {{{"POSITION", positions}}}}},
                 {{"weights", {1}}});
  for (int i = 0; i < 999; ++i) maker.add("nodes", {{"mesh", mesh}, {"weights", {0.001 * i + 0.0005}}});
  const PosedScene posed = Moments(maker).at(0);
  CHECK(posed.instances.size() == 1000);
  CHECK(posed.meshes.size() < 700);
  REQUIRE_FALSE(posed.warnings.empty());
  CHECK(posed.warnings[0] ==
        "instance \"node 561\" keeps its shape: the scene has too many bent copies of its meshes");
}

TEST_CASE("a posed scene has the same bits with every compiler and on every system", "[scene]") {
  GltfMaker maker = skinned({0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0}, {1, 3, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0});
  animate(maker, of_node(0, "rotation"), {0, 1}, "VEC4", {0.1f, 0.2f, 0.3f, 0.9f, -0.7f, 0.1f, 0.5f, -0.2f});
  const std::vector<float> keys{0,    0, 0, 0, 0, 0.1f, 0.9f, 0.3f, 0.5f, 0, 0, 0,
                                0.2f, 0, 0, 0, 0, 0.7f, 0.1f, 0.6f, 0,    0, 0, 0};
  animate(maker, of_node(1, "rotation"), {0, 1.7f}, "VEC4", keys, "CUBICSPLINE");
  animate(maker, of_node(1, "translation"), {0, 3}, "VEC3", {0.1f, 0.2f, 0.3f, 7, 8, 9});
  const Moments moments(maker);
  Sha256 hash;
  for (const double time : {0.0, 0.1, 0.37, 0.7, 0.999, 1.3}) {
    const PosedScene posed = moments.at(time);
    hash.add(std::as_bytes(std::span(shown(posed).positions)));
    hash.add(std::as_bytes(std::span(shown(posed).normals)));
    hash.add(std::as_bytes(std::span(shown(posed).tangents)));
  }
  CHECK(hash.finish().hex() == "87056ac0e08ecc84c367a4b4b5b19a3721b279760eb298a4f228ebef0fe5cce9");
}
