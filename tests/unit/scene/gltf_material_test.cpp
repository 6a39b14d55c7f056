#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

/// A triangle with that material.
GltfMaker with_material(Json material) {
  GltfMaker maker;
  maker.add("materials", std::move(material));
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", 0}});
  return maker;
}

SceneMaterial material_of(Json material) {
  return import_made(with_material(std::move(material))).scene.materials.at(0);
}

std::string fault_of(Json material) {
  const auto scene = import_gltf(with_material(std::move(material)).glb(), "a.glb", "");
  REQUIRE_FALSE(scene.has_value());
  return scene.error().message;
}

}  // namespace

TEST_CASE("an empty material has glTF's defaults", "[scene]") {
  const SceneMaterial material = material_of(Json::object());
  CHECK(is(material.base_color, 1, 1, 1));
  CHECK(material.metallic == 1.0f);
  CHECK(material.roughness == 1.0f);
  CHECK(material.ior == 1.5f);
  CHECK(material.specular == 1.0f);
  CHECK(material.transmission == 0.0f);
  CHECK(material.alpha_mode == AlphaMode::opaque);
  CHECK(material.alpha_cutoff == 0.5f);
  CHECK_FALSE(material.double_sided);
  CHECK_FALSE(material.unlit);
  CHECK_FALSE(material.base_color_texture.has_value());
}

TEST_CASE("factors and extensions of a material arrive", "[scene]") {
  const SceneMaterial material = material_of(
      {{"name", "glass"},
       {"doubleSided", true},
       {"alphaMode", "MASK"},
       {"alphaCutoff", 0.25},
       {"emissiveFactor", {1, 0.5, 0}},
       {"pbrMetallicRoughness",
        {{"baseColorFactor", {0.5, 0.25, 0.125, 0.75}}, {"metallicFactor", 0}, {"roughnessFactor", 0.5}}},
       {"extensions",
        {{"KHR_materials_emissive_strength", {{"emissiveStrength", 5000000000}}},
         {"KHR_materials_transmission", {{"transmissionFactor", 1.0}}},
         {"KHR_materials_ior", {{"ior", 1.33}}},
         {"KHR_materials_specular", {{"specularFactor", 0.5}, {"specularColorFactor", {2, 1, 0}}}},
         {"KHR_materials_volume", {{"thicknessFactor", 0.1}}},
         {"KHR_materials_unlit", Json::object()}}}});
  CHECK(material.name == "glass");
  CHECK(material.double_sided);
  CHECK(material.unlit);
  CHECK(material.alpha_mode == AlphaMode::mask);
  CHECK(material.alpha_cutoff == 0.25f);
  CHECK(is(material.base_color, 0.5f, 0.25f, 0.125f));
  CHECK(material.alpha == 0.75f);
  CHECK(material.metallic == 0.0f);
  CHECK(material.roughness == 0.5f);
  CHECK(is(material.emission, 1, 0.5f, 0));
  CHECK(material.emission_strength == 5e9f);
  CHECK(material.transmission == 1.0f);
  CHECK(material.ior == 1.33f);
  CHECK(material.specular == 0.5f);
  CHECK(is(material.specular_color, 2, 1, 0));
  CHECK_FALSE(material.thin_walled);
}

TEST_CASE("without thickness transmission is a thin wall", "[scene]") {
  const Json transmission = {{"KHR_materials_transmission", {{"transmissionFactor", 1}}}};
  CHECK(material_of({{"extensions", transmission}}).thin_walled);
  Json volume = transmission;
  volume["KHR_materials_volume"] = {{"thicknessFactor", 0}};
  CHECK(material_of({{"extensions", volume}}).thin_walled);
  volume["KHR_materials_volume"] = {{"thicknessFactor", 1}};
  CHECK_FALSE(material_of({{"extensions", volume}}).thin_walled);
}

TEST_CASE("textures arrive with their sampler and transform", "[scene]") {
  GltfMaker maker = with_material(
      {{"pbrMetallicRoughness",
        {{"baseColorTexture",
          {{"index", 0},
           {"texCoord", 0},
           {"extensions",
            {{"KHR_texture_transform",
              {{"offset", {0.5, 1}}, {"rotation", 1}, {"scale", {2, 3}}, {"texCoord", 1}}}}}}}}},
       {"normalTexture", {{"index", 1}, {"scale", 0.5}}},
       {"emissiveTexture", {{"index", 0}}},
       {"extensions",
        {{"KHR_materials_specular", {{"specularColorTexture", {{"index", 1}, {"texCoord", 1}}}}}}}});
  maker.add("samplers", {{"wrapS", 33071}, {"wrapT", 33648}, {"magFilter", 9728}});
  maker.add("textures", {{"source", 0}, {"sampler", 0}});
  maker.add("textures", {{"source", 1}});
  const Bytes embedded = a_png(9, 8, 7);
  maker.add("images",
            {{"name", "embedded"}, {"mimeType", "image/png"}, {"bufferView", maker.view(embedded)}});
  maker.add("images", {{"uri", "data:image/png;base64," + GltfMaker::base64(a_png(1, 2, 3))}});
  const Scene scene = import_made(maker).scene;
  const SceneMaterial& material = scene.materials.at(0);
  REQUIRE(material.base_color_texture.has_value());
  const SceneTexture& texture = *material.base_color_texture;
  CHECK(scene.images.at(texture.image).rgba8 == std::vector<std::uint8_t>{9, 8, 7, 255});
  CHECK(scene.images.at(texture.image).name == "embedded");
  CHECK(texture.uv_set == 1);
  CHECK(texture.offset == std::array<float, 2>{0.5f, 1});
  CHECK(texture.scale == std::array<float, 2>{2, 3});
  CHECK(texture.rotation == 1.0f);
  CHECK(texture.wrap_s == Wrap::clamp_to_edge);
  CHECK(texture.wrap_t == Wrap::mirrored_repeat);
  CHECK(texture.nearest);
  REQUIRE(material.normal_texture.has_value());
  CHECK(material.normal_scale == 0.5f);
  CHECK(scene.images.at(material.normal_texture->image).rgba8 == std::vector<std::uint8_t>{1, 2, 3, 255});
  CHECK_FALSE(material.normal_texture->nearest);
  CHECK(material.emission_texture->image == texture.image);
  REQUIRE(material.specular_color_texture.has_value());
  CHECK(material.specular_color_texture->uv_set == 1);
  CHECK(scene.images.size() == 2);
}

TEST_CASE("a wrong value is named with its material", "[scene]") {
  const auto extension = [](const char* name, Json value) {
    return Json{{"name", "glass"}, {"extensions", {{name, std::move(value)}}}};
  };
  CHECK(fault_of(extension("KHR_materials_ior", {{"ior", 0.9}})) ==
        "a.glb: material \"glass\": ior must be at least 1, got 0.9");
  CHECK(fault_of(extension("KHR_materials_ior", {{"ior", "thick"}})) ==
        "a.glb: material \"glass\": ior must be a number, got a text");
  CHECK(fault_of({{"pbrMetallicRoughness", {{"baseColorFactor", {1, 1, 1}}}}}) ==
        "a.glb: material 0: baseColorFactor must be an array of 4 numbers");
  CHECK(fault_of({{"alphaMode", "DITHER"}}) ==
        "a.glb: material 0: alphaMode must be OPAQUE, MASK or BLEND, got \"DITHER\"");
  CHECK(fault_of({{"normalTexture", {{"index", 3}}}}) ==
        "a.glb: material 0: normalTexture.index 3 does not exist: the file has 0 textures");
}

TEST_CASE("too much of a share of light is clamped with a warning", "[scene]") {
  const ImportedScene imported =
      import_made(with_material({{"pbrMetallicRoughness", {{"roughnessFactor", 1.5}}}}));
  CHECK(imported.scene.materials[0].roughness == 1.0f);
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.glb: material 0: roughnessFactor must be at most 1, got 1.5; it becomes 1"});
}

TEST_CASE("an ior of 0 reflects nearly everything", "[scene]") {
  const float ior = material_of({{"extensions", {{"KHR_materials_ior", {{"ior", 0}}}}}}).ior;
  const float reflectance = (ior - 1) / (ior + 1) * ((ior - 1) / (ior + 1));
  CHECK(reflectance > 0.99f);
}

TEST_CASE("a picture that is missing or broken is named with its number and file", "[scene]") {
  GltfMaker maker = with_material({{"normalTexture", {{"index", 0}}}, {"emissiveTexture", {{"index", 1}}}});
  maker.add("textures", {{"source", 1}});
  maker.add("textures", {{"source", 0}});
  maker.add("images", {{"uri", "data:image/png;base64,AAAA"}, {"name", "noise"}});
  maker.add("images", {{"uri", "no%20wood.png"}});
  ImportOptions strict;
  strict.strict = true;
  const auto scene = import_gltf(maker.glb(), "shot.glb", "some/folder", strict);
  REQUIRE_FALSE(scene.has_value());
  // in the order in which materials ask for them
  CHECK(scene.error().message ==
        "shot.glb: image 0 \"noise\": is not a picture of a known format\n"
        "shot.glb: image 1 \"no wood.png\": file not found (looked in some/folder, some/folder/textures)");
}

TEST_CASE("pictures that no material uses are not read", "[scene]") {
  GltfMaker maker = with_material({{"occlusionTexture", {{"index", 0}}}});
  maker.add("textures", {{"source", 0}});
  maker.add("images", {{"uri", "missing.png"}});
  CHECK(import_made(maker).scene.images.empty());
}

TEST_CASE("a texture that has only a format we lack is left out", "[scene]") {
  GltfMaker maker = with_material({{"normalTexture", {{"index", 0}}}});
  maker.add("textures", {{"extensions", {{"KHR_texture_basisu", {{"source", 0}}}}}});
  maker.add("images", {{"uri", "a.ktx2"}});
  const ImportedScene imported = import_made(maker);
  CHECK_FALSE(imported.scene.materials.at(0).normal_texture.has_value());
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.glb: material 0: normalTexture is left out: its picture is of KHR_texture_basisu, "
            "which cannot be read"});
}
