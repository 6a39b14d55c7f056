#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

constexpr const char* kName = "KHR_materials_pbrSpecularGlossiness";

Json glossy(Json members) {
  return {{"name", "m"}, {"extensions", {{kName, std::move(members)}}}};
}

void add_picture(GltfMaker& maker, const Bytes& png) {
  maker.add("images", {{"uri", "data:image/png;base64," + GltfMaker::base64(png)}});
  maker.add("textures", {{"source", maker.document["images"].size() - 1}});
}

void show_with(GltfMaker& maker, Json material) {
  const std::size_t place = maker.add("materials", std::move(material));
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", place}});
}

SceneMaterial glossy_material(Json members) {
  GltfMaker maker;
  show_with(maker, glossy(std::move(members)));
  return import_made(maker).scene.materials.at(0);
}

const std::vector<std::uint8_t>& roughness_pixels(const SceneMaterial& material, const Scene& scene) {
  REQUIRE(material.metallic_roughness_texture.has_value());
  return scene.images.at(material.metallic_roughness_texture->image).rgba8;
}

}  // namespace

TEST_CASE("specular and glossiness become a dielectric of that reflectance", "[scene]") {
  const SceneMaterial material = glossy_material({{"diffuseFactor", {0.5, 0.25, 0.125, 0.75}},
                                                  {"specularFactor", {0.04, 0.02, 1}},
                                                  {"glossinessFactor", 0.75}});
  CHECK(is(material.base_color, 0.5f, 0.25f, 0.125f));
  CHECK(material.alpha == 0.75f);
  CHECK(material.metallic == 0);
  CHECK(material.ior == 1.5f);
  CHECK(material.specular == 1);
  CHECK(is(material.specular_color, 1, 0.5f, 1 / 0.04f));
  CHECK(material.roughness == 0.25f);
  CHECK_FALSE(material.metallic_roughness_texture.has_value());
}

TEST_CASE("specular-glossiness has its own defaults, and takes the place of metallic-roughness", "[scene]") {
  GltfMaker maker;
  Json material = glossy(Json::object());
  material["pbrMetallicRoughness"] = {
      {"baseColorFactor", {0, 0, 0, 0}}, {"metallicFactor", 1}, {"roughnessFactor", 1}};
  material["extensions"]["KHR_materials_ior"] = {{"ior", 2}};
  show_with(maker, material);
  const SceneMaterial made = import_made(maker).scene.materials.at(0);
  CHECK(is(made.base_color, 1, 1, 1));
  CHECK(made.alpha == 1);
  CHECK(made.metallic == 0);
  CHECK(made.roughness == 0);
  CHECK(made.ior == 1.5f);
  CHECK(is(made.specular_color, 1 / 0.04f, 1 / 0.04f, 1 / 0.04f));
}

TEST_CASE("pictures of glossiness become pictures of roughness", "[scene]") {
  GltfMaker maker;
  add_picture(maker, a_png(9, 8, 7));
  // glossiness 255, 128, 0 in alpha
  add_picture(maker, make_png(3, 1, 8, 6, {{10, 20, 30, 255, 1, 2, 3, 128, 4, 5, 6, 0}}));
  const Json textures = {{"diffuseTexture", {{"index", 0}}},
                         {"specularGlossinessTexture", {{"index", 1}, {"texCoord", 1}}}};
  Json half = textures;
  half["glossinessFactor"] = 0.5;
  Json none = textures;
  none["glossinessFactor"] = 0;
  for (const Json& members : {textures, half, textures, none}) show_with(maker, glossy(members));
  const Scene scene = import_made(maker).scene;
  REQUIRE(scene.materials.size() == 4);

  const SceneMaterial& full = scene.materials[0];
  CHECK(scene.images.at(full.base_color_texture->image).rgba8 == std::vector<std::uint8_t>{9, 8, 7, 255});
  CHECK(scene.images.at(full.specular_color_texture->image).rgba8.at(0) == 10);
  CHECK(full.roughness == 1);
  CHECK(full.metallic_roughness_texture->uv_set == 1);
  CHECK(roughness_pixels(full, scene) ==
        std::vector<std::uint8_t>{255, 0, 255, 255, 255, 127, 255, 255, 255, 255, 255, 255});
  CHECK(roughness_pixels(scene.materials[1], scene) ==
        std::vector<std::uint8_t>{255, 127, 255, 255, 255, 191, 255, 255, 255, 255, 255, 255});

  // equal ones are made once, and none where nothing is glossy
  CHECK(scene.materials[2].metallic_roughness_texture->image == full.metallic_roughness_texture->image);
  CHECK_FALSE(scene.materials[3].metallic_roughness_texture.has_value());
  CHECK(scene.materials[3].roughness == 1);
  CHECK(scene.images.size() == 4);
}

TEST_CASE("glossiness of 16 bits keeps them", "[scene]") {
  GltfMaker maker;
  add_picture(maker, make_png(1, 1, 16, 6, {{0, 0, 0, 0, 0, 0, 0x40, 0x00}}));
  show_with(maker, glossy({{"specularGlossinessTexture", {{"index", 0}}}}));
  const Scene scene = import_made(maker).scene;
  const SceneImage& image = scene.images.at(scene.materials.at(0).metallic_roughness_texture->image);
  CHECK(image.rgba16 == std::vector<std::uint16_t>{65535, 65535 - 0x4000, 65535, 65535});
}

TEST_CASE("without its picture glossiness is that of the factor", "[scene]") {
  GltfMaker maker;
  maker.add("images", {{"uri", "data:image/png;base64,AAAA"}});
  maker.add("textures", {{"source", 0}});
  show_with(maker, glossy({{"glossinessFactor", 0.75},
                           {"specularFactor", {0.5, 0.5, 0.5}},
                           {"specularGlossinessTexture", {{"index", 0}}}}));
  const ImportedScene made = import_made(maker);
  const SceneMaterial& material = made.scene.materials.at(0);
  CHECK(material.roughness == 0.25f);
  CHECK_FALSE(material.metallic_roughness_texture.has_value());
  CHECK_FALSE(material.specular_color_texture.has_value());
  CHECK(made.scene.images.empty());
  CHECK(made.warnings.size() == 1);
}

TEST_CASE("members of specular-glossiness are brought into their ranges, or named", "[scene]") {
  GltfMaker maker;
  show_with(maker, glossy({{"glossinessFactor", 1.5}}));
  CHECK(import_made(maker).warnings ==
        std::vector<std::string>{
            "a.glb: material \"m\": glossinessFactor must be at most 1, got 1.5; it becomes 1"});
  GltfMaker wrong;
  show_with(wrong, glossy({{"diffuseFactor", {1, 1, 1}}}));
  const auto scene = import_gltf(wrong.glb(), "a.glb", "");
  REQUIRE_FALSE(scene.has_value());
  CHECK(scene.error().message == "a.glb: material \"m\": diffuseFactor must be an array of 4 numbers");
}
