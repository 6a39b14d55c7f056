#include "scene/import_gltf.hpp"
#include "scene/morph.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

/// Texture `index`, looked up at a set of coordinates.
Json at_set(unsigned set, std::size_t index = 0) {
  return {{"index", index}, {"texCoord", set}};
}

void add_texture(GltfMaker& maker) {
  maker.add("images", {{"uri", "data:image/png;base64," + GltfMaker::base64(a_png(1, 2, 3))}});
  maker.add("textures", {{"source", maker.document["images"].size() - 1}});
}

/// Attributes of a triangle with sets 0 to 8; u of set n is n at every corner.
Json attributes_with_sets(GltfMaker& maker) {
  Json attributes = {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}};
  for (unsigned set = 0; set < 9; ++set) {
    const auto u = static_cast<float>(set);
    attributes["TEXCOORD_" + std::to_string(set)] = maker.vec2({u, 0, u, 0, u, 0});
  }
  return attributes;
}

GltfMaker triangle_with(Json material) {
  GltfMaker maker;
  add_texture(maker);
  maker.add("materials", std::move(material));
  maker.show({{"attributes", attributes_with_sets(maker)}, {"material", 0}});
  return maker;
}

/// Which set of the file a texture finds in its mesh.
float set_of(const std::optional<SceneTexture>& texture, const SceneMesh& mesh) {
  REQUIRE(texture.has_value());
  REQUIRE(mesh.uvs.at(texture->uv_set).size() == 3);
  return mesh.uvs[texture->uv_set][0].x;
}

}  // namespace

TEST_CASE("textures find their set of coordinates, whatever its number", "[scene]") {
  const Scene scene =
      import_made(triangle_with({{"pbrMetallicRoughness",
                                  {{"baseColorTexture", at_set(7)}, {"metallicRoughnessTexture", at_set(2)}}},
                                 {"normalTexture", at_set(0)},
                                 {"emissiveTexture", at_set(4)},
                                 {"emissiveFactor", {1, 1, 1}}}))
          .scene;
  const SceneMaterial& material = scene.materials.at(0);
  const SceneMesh& mesh = scene.meshes.at(0);
  CHECK(set_of(material.base_color_texture, mesh) == 7);
  CHECK(set_of(material.metallic_roughness_texture, mesh) == 2);
  CHECK(set_of(material.normal_texture, mesh) == 0);
  CHECK(set_of(material.emission_texture, mesh) == 4);
}

TEST_CASE("a single set is the first one, whatever its number", "[scene]") {
  const Scene scene =
      import_made(triangle_with({{"pbrMetallicRoughness", {{"baseColorTexture", at_set(5)}}}})).scene;
  CHECK(scene.materials.at(0).base_color_texture->uv_set == 0);
  CHECK(set_of(scene.materials[0].base_color_texture, scene.meshes.at(0)) == 5);
  for (const std::size_t unused : {1u, 2u, 3u}) CHECK(scene.meshes[0].uvs[unused].empty());
}

TEST_CASE("a texture transform may name another set", "[scene]") {
  Json info = at_set(1);
  info["extensions"] = {{"KHR_texture_transform", {{"texCoord", 6}}}};
  const Scene scene =
      import_made(triangle_with({{"pbrMetallicRoughness", {{"baseColorTexture", info}}}})).scene;
  CHECK(set_of(scene.materials.at(0).base_color_texture, scene.meshes.at(0)) == 6);
}

TEST_CASE("of more than four sets the further ones are left out with a warning", "[scene]") {
  const ImportedScene imported = import_made(triangle_with(
      {{"name", "patchwork"},
       {"pbrMetallicRoughness", {{"baseColorTexture", at_set(1)}, {"metallicRoughnessTexture", at_set(2)}}},
       {"normalTexture", at_set(3)},
       {"emissiveTexture", at_set(8)},
       {"emissiveFactor", {1, 1, 1}},
       {"extensions", {{"KHR_materials_specular", {{"specularTexture", at_set(5)}}}}}}));
  const SceneMaterial& material = imported.scene.materials.at(0);
  const SceneMesh& mesh = imported.scene.meshes.at(0);
  CHECK(set_of(material.base_color_texture, mesh) == 1);
  CHECK(set_of(material.normal_texture, mesh) == 3);
  CHECK(set_of(material.specular_texture, mesh) == 5);
  CHECK_FALSE(material.emission_texture.has_value());
  CHECK(is(material.emission, 0, 0, 0));  // the picture said where it glows
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.glb: material \"patchwork\": uses 5 sets of texture coordinates, of which 4 "
            "are read: its textures with the others are left out"});
}

TEST_CASE("materials with other sets see the same primitive each in its own way", "[scene]") {
  GltfMaker maker;
  add_texture(maker);
  const auto add_material = [&](unsigned set) {
    maker.add("materials", {{"pbrMetallicRoughness", {{"baseColorTexture", at_set(set)}}}});
  };
  add_material(0);
  add_material(1);
  add_material(3);
  add_material(3);
  const Json attributes = attributes_with_sets(maker);
  for (const int material : {0, 1, 2, 3}) maker.show({{"attributes", attributes}, {"material", material}});
  const Scene scene = import_made(maker).scene;
  REQUIRE(scene.instances.size() == 4);
  for (const SceneInstance& instance : scene.instances) {
    const float expected = std::array{0.0f, 1.0f, 3.0f, 3.0f}.at(instance.material);
    CHECK(set_of(scene.materials[instance.material].base_color_texture, scene.meshes[instance.mesh]) ==
          expected);
  }
  CHECK(scene.meshes.size() == 2);  // sets 0 and 1 in one, set 3 in the other
}

TEST_CASE("morph targets move every set", "[scene]") {
  GltfMaker maker;
  add_texture(maker);
  maker.add("materials", {{"pbrMetallicRoughness", {{"baseColorTexture", at_set(8)}}}});
  Json target = {{"TEXCOORD_8", maker.vec2({0.5f, 0, 0, 0, 0, 0})}};
  maker.show({{"attributes", attributes_with_sets(maker)},
              {"material", 0},
              {"targets", Json::array({std::move(target)})}});
  const Scene scene = import_made(maker).scene;
  SceneMesh shape = shape_of(scene.meshes.at(0));
  add_morph_targets(scene.meshes[0], std::vector<float>{1}, shape);
  CHECK(shape.uvs[0][0].x == 8.5f);
  CHECK(shape.uvs[0][1].x == 8);
}

TEST_CASE("a set that the mesh does not have, or that is not one, is named", "[scene]") {
  GltfMaker absent;
  add_texture(absent);
  absent.add("materials", {{"pbrMetallicRoughness", {{"baseColorTexture", at_set(2147483647)}}}});
  absent.show({{"attributes", {{"POSITION", absent.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", 0}});
  CHECK(import_made(absent).scene.meshes.at(0).uvs[0].empty());

  for (const Json& set : {Json(-1), Json(1.5), Json("1"), Json(4294967296)}) {
    INFO(set.dump());
    GltfMaker maker =
        triangle_with({{"pbrMetallicRoughness", {{"baseColorTexture", {{"index", 0}, {"texCoord", set}}}}}});
    const auto scene = import_gltf(maker.glb(), "a.glb", "");
    REQUIRE_FALSE(scene.has_value());
    CHECK(scene.error().message.find("baseColorTexture.texCoord must be") != std::string::npos);
  }
  GltfMaker maker = triangle_with({{"pbrMetallicRoughness", {{"baseColorTexture", at_set(3)}}}});
  maker.document["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_3"] = maker.vec2({0, 0});
  const auto scene = import_gltf(maker.glb(), "a.glb", "");
  REQUIRE_FALSE(scene.has_value());
  CHECK(scene.error().message == "a.glb: mesh 0: TEXCOORD_3 has 1 elements, POSITION has 3");
}
