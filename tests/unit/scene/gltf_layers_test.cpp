#include <limits>
#include <set>

#include "scene/import_gltf.hpp"
#include "scene/material_textures.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

/// A triangle with that material, and `textures` textures; texture t is one pixel of red t.
GltfMaker triangle_of(Json material, std::uint8_t textures = 0) {
  GltfMaker maker;
  for (std::uint8_t t = 0; t < textures; ++t) {
    maker.add("images", {{"uri", "data:image/png;base64," + GltfMaker::base64(a_png(t, 0, 0))}});
    maker.add("textures", {{"source", t}});
  }
  maker.add("materials", std::move(material));
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", 0}});
  return maker;
}

Json material_with(const std::string& name, Json members) {
  return {{"name", "m"}, {"extensions", {{"KHR_materials_" + name, std::move(members)}}}};
}

ImportedScene imported_with(const std::string& name, Json members, std::uint8_t textures = 0) {
  return import_made(triangle_of(material_with(name, std::move(members)), textures));
}

SceneMaterial layered(const std::string& name, Json members) {
  return imported_with(name, std::move(members)).scene.materials.at(0);
}

Json numbered_texture(int index) {
  return {{"index", index}};
}

/// Red of the picture that a texture shows.
int red_shown_by(const std::optional<SceneTexture>& texture, const Scene& scene) {
  REQUIRE(texture.has_value());
  return scene.images.at(texture->image).rgba8.at(0);
}

}  // namespace

TEST_CASE("without extensions a material has no layers", "[scene]") {
  const SceneMaterial material = import_made(triangle_of(Json::object())).scene.materials.at(0);
  CHECK(material.clearcoat.factor == 0);
  CHECK(is(material.sheen.color, 0, 0, 0));
  CHECK(material.anisotropy.strength == 0);
  CHECK(material.iridescence.factor == 0);
  CHECK(material.diffuse_transmission.factor == 0);
  CHECK(is(material.volume.attenuation_color, 1, 1, 1));
  CHECK(material.volume.attenuation_distance_m == std::numeric_limits<float>::infinity());
  CHECK(material.volume.dispersion == 0);
}

TEST_CASE("a clear coat arrives with its pictures", "[scene]") {
  Json normal = numbered_texture(2);
  normal["scale"] = 0.5;
  const ImportedScene made = imported_with("clearcoat",
                                           {{"clearcoatFactor", 0.75},
                                            {"clearcoatRoughnessFactor", 0.25},
                                            {"clearcoatTexture", numbered_texture(0)},
                                            {"clearcoatRoughnessTexture", numbered_texture(1)},
                                            {"clearcoatNormalTexture", normal}},
                                           3);
  const SceneClearcoat& coat = made.scene.materials.at(0).clearcoat;
  CHECK(coat.factor == 0.75f);
  CHECK(coat.roughness == 0.25f);
  CHECK(coat.normal_scale == 0.5f);
  CHECK(red_shown_by(coat.texture, made.scene) == 0);
  CHECK(red_shown_by(coat.roughness_texture, made.scene) == 1);
  CHECK(red_shown_by(coat.normal_texture, made.scene) == 2);
  CHECK(made.warnings == std::vector<std::string>{});
}

TEST_CASE("sheen arrives with its pictures", "[scene]") {
  const ImportedScene made = imported_with("sheen",
                                           {{"sheenColorFactor", {0.5, 0.25, 1}},
                                            {"sheenRoughnessFactor", 0.125},
                                            {"sheenColorTexture", numbered_texture(1)},
                                            {"sheenRoughnessTexture", numbered_texture(0)}},
                                           2);
  const SceneSheen& sheen = made.scene.materials.at(0).sheen;
  CHECK(is(sheen.color, 0.5f, 0.25f, 1));
  CHECK(sheen.roughness == 0.125f);
  CHECK(red_shown_by(sheen.color_texture, made.scene) == 1);
  CHECK(red_shown_by(sheen.roughness_texture, made.scene) == 0);
}

TEST_CASE("anisotropy arrives with its picture, its rotation unbounded", "[scene]") {
  const ImportedScene made = imported_with(
      "anisotropy",
      {{"anisotropyStrength", 0.5}, {"anisotropyRotation", -7.5}, {"anisotropyTexture", numbered_texture(1)}},
      2);
  const SceneAnisotropy& anisotropy = made.scene.materials.at(0).anisotropy;
  CHECK(anisotropy.strength == 0.5f);
  CHECK(anisotropy.rotation == -7.5f);
  CHECK(red_shown_by(anisotropy.texture, made.scene) == 1);
  CHECK(made.warnings == std::vector<std::string>{});
}

TEST_CASE("iridescence arrives with its pictures", "[scene]") {
  const ImportedScene made = imported_with("iridescence",
                                           {{"iridescenceFactor", 0.5},
                                            {"iridescenceIor", 1.75},
                                            {"iridescenceThicknessMinimum", 150},
                                            {"iridescenceThicknessMaximum", 50},
                                            {"iridescenceTexture", numbered_texture(1)},
                                            {"iridescenceThicknessTexture", numbered_texture(0)}},
                                           2);
  const SceneIridescence& film = made.scene.materials.at(0).iridescence;
  CHECK(film.factor == 0.5f);
  CHECK(film.ior == 1.75f);
  CHECK(film.thickness_minimum_nm == 150);
  CHECK(film.thickness_maximum_nm == 50);  // either may be the larger one
  CHECK(red_shown_by(film.texture, made.scene) == 1);
  CHECK(red_shown_by(film.thickness_texture, made.scene) == 0);
  CHECK(layered("iridescence", Json::object()).iridescence.ior == 1.3f);
}

TEST_CASE("diffuse transmission arrives with its pictures", "[scene]") {
  const ImportedScene made = imported_with("diffuse_transmission",
                                           {{"diffuseTransmissionFactor", 0.5},
                                            {"diffuseTransmissionColorFactor", {1, 0.5, 0.25}},
                                            {"diffuseTransmissionTexture", numbered_texture(1)},
                                            {"diffuseTransmissionColorTexture", numbered_texture(0)}},
                                           2);
  const SceneDiffuseTransmission& diffuse = made.scene.materials.at(0).diffuse_transmission;
  CHECK(diffuse.factor == 0.5f);
  CHECK(is(diffuse.color, 1, 0.5f, 0.25f));
  CHECK(red_shown_by(diffuse.texture, made.scene) == 1);
  CHECK(red_shown_by(diffuse.color_texture, made.scene) == 0);
}

TEST_CASE("the inside of glass absorbs and disperses", "[scene]") {
  const SceneMaterial wine = layered(
      "volume", {{"thicknessFactor", 1}, {"attenuationColor", {0.5, 0, 0.25}}, {"attenuationDistance", 2}});
  CHECK(is(wine.volume.attenuation_color, 0.5f, 0, 0.25f));
  CHECK(wine.volume.attenuation_distance_m == 2);
  CHECK_FALSE(wine.thin_walled);
  CHECK(layered("dispersion", {{"dispersion", 0.5}}).volume.dispersion == 0.5f);

  for (const double infinite : {3.4028234663852886e38, 1e39, 1.7976931348623157e308}) {
    const ImportedScene clear =
        imported_with("volume", {{"thicknessFactor", 1}, {"attenuationDistance", infinite}});
    CHECK(clear.warnings.empty());
    CHECK(clear.scene.materials.at(0).volume.attenuation_distance_m > 1e38f);
  }
  const ImportedScene none = imported_with("volume", {{"thicknessFactor", 1}, {"attenuationDistance", 0}});
  CHECK(none.scene.materials.at(0).volume.attenuation_distance_m == std::numeric_limits<float>::infinity());
  CHECK(none.warnings ==
        std::vector<std::string>{"a.glb: material \"m\": attenuationDistance must be above 0, got "
                                 "0; it is ignored, so that nothing is absorbed"});
}

TEST_CASE("factors of layers are brought into their ranges with a warning", "[scene]") {
  struct Case {
    const char *extension, *member;
    Json value;
    const char* warning;
    float (*read)(const SceneMaterial&);
    float expected;
  };
  const Case cases[] = {
      {"clearcoat", "clearcoatFactor", 2, "at most 1, got 2; it becomes 1",
       [](const SceneMaterial& m) { return m.clearcoat.factor; }, 1},
      {"clearcoat", "clearcoatRoughnessFactor", -1, "at least 0, got -1; it becomes 0",
       [](const SceneMaterial& m) { return m.clearcoat.roughness; }, 0},
      {"sheen",
       "sheenColorFactor",
       {0, 3, 0},
       "at most 1, got 3; it becomes 1",
       [](const SceneMaterial& m) { return m.sheen.color.y; },
       1},
      {"sheen", "sheenRoughnessFactor", 1.5, "at most 1, got 1.5; it becomes 1",
       [](const SceneMaterial& m) { return m.sheen.roughness; }, 1},
      {"anisotropy", "anisotropyStrength", -0.5, "at least 0, got -0.5; it becomes 0",
       [](const SceneMaterial& m) { return m.anisotropy.strength; }, 0},
      {"iridescence", "iridescenceFactor", 1e30, "at most 1, got 1e+30; it becomes 1",
       [](const SceneMaterial& m) { return m.iridescence.factor; }, 1},
      {"iridescence", "iridescenceIor", 0.5, "at least 1, got 0.5; it becomes 1",
       [](const SceneMaterial& m) { return m.iridescence.ior; }, 1},
      {"iridescence", "iridescenceThicknessMaximum", -4, "at least 0, got -4; it becomes 0",
       [](const SceneMaterial& m) { return m.iridescence.thickness_maximum_nm; }, 0},
      {"diffuse_transmission", "diffuseTransmissionFactor", 7, "at most 1, got 7; it becomes 1",
       [](const SceneMaterial& m) { return m.diffuse_transmission.factor; }, 1},
      {"diffuse_transmission",
       "diffuseTransmissionColorFactor",
       {1, 1, -1},
       "at least 0, got -1; it becomes 0",
       [](const SceneMaterial& m) { return m.diffuse_transmission.color.z; },
       0},
      {"dispersion", "dispersion", -1, "at least 0, got -1; it becomes 0",
       [](const SceneMaterial& m) { return m.volume.dispersion; }, 0},
      {"volume",
       "attenuationColor",
       {2, 1, 1},
       "at most 1, got 2; it becomes 1",
       [](const SceneMaterial& m) { return m.volume.attenuation_color.x; },
       1},
  };
  for (const Case& example : cases) {
    INFO(example.member);
    const ImportedScene made = imported_with(example.extension, {{example.member, example.value}});
    CHECK(example.read(made.scene.materials.at(0)) == example.expected);
    CHECK(made.warnings == std::vector<std::string>{std::string("a.glb: material \"m\": ") + example.member +
                                                    " must be " + example.warning});
  }
}

TEST_CASE("members of layers that are not what they should be are named", "[scene]") {
  const auto fault = [](const char* name, Json members) {
    const auto scene = import_gltf(triangle_of(material_with(name, std::move(members))).glb(), "a.glb", "");
    REQUIRE_FALSE(scene.has_value());
    return scene.error().message;
  };
  const std::string start = "a.glb: material \"m\": ";
  CHECK(fault("clearcoat", {{"clearcoatFactor", "shiny"}}) ==
        start + "clearcoatFactor must be a number, got a text");
  CHECK(fault("clearcoat", {{"clearcoatTexture", numbered_texture(0)}}) ==
        start + "clearcoatTexture.index 0 does not exist: the file has 0 textures");
  CHECK(fault("clearcoat", {{"clearcoatNormalTexture", 3}}) ==
        start + "clearcoatNormalTexture must be an object");
  CHECK(fault("sheen", {{"sheenColorFactor", {1, 1}}}) ==
        start + "sheenColorFactor must be an array of 3 numbers");
  CHECK(fault("sheen", {{"sheenColorFactor", {1, 1, "1"}}}) ==
        start + "sheenColorFactor must be an array of 3 numbers");
  CHECK(fault("anisotropy", {{"anisotropyRotation", 1e300}}) ==
        start + "anisotropyRotation must be a number that fits 32 bits, got 1e+300");
  CHECK(fault("iridescence", {{"iridescenceIor", true}}) ==
        start + "iridescenceIor must be a number, got true or false");
  CHECK(fault("dispersion", {{"dispersion", Json::array()}}) ==
        start + "dispersion must be a number, got an array");
  CHECK(fault("volume", {{"attenuationColor", 1}}) ==
        start + "attenuationColor must be an array of 3 numbers");
  CHECK(fault("diffuse_transmission", 5) == start + "KHR_materials_diffuse_transmission must be an object");
}

TEST_CASE("all extensions that are read may be required", "[scene]") {
  for (const char* name : {"clearcoat", "sheen", "anisotropy", "iridescence", "diffuse_transmission",
                           "volume", "dispersion", "pbrSpecularGlossiness", "variants"}) {
    INFO(name);
    GltfMaker maker = triangle_of(material_with(name, Json::object()));
    const std::string full = std::string("KHR_materials_") + name;
    maker.document["extensionsUsed"] = maker.document["extensionsRequired"] = Json::array({full});
    CHECK(import_made(maker).warnings == std::vector<std::string>{});
  }
}

TEST_CASE("every texture of a material is known to those who go through them", "[scene]") {
  SceneMaterial material;
  std::set<const void*> places;
  for (const auto* place : textures_of(material)) {
    places.insert(place);
    CHECK(reinterpret_cast<const char*>(place) >= reinterpret_cast<const char*>(&material));
    CHECK(reinterpret_cast<const char*>(place) < reinterpret_cast<const char*>(&material + 1));
  }
  CHECK(places.size() == 17);
}

TEST_CASE("glass without thickness is a thin wall with a warning, or solid if it is told so", "[scene]") {
  Json glass = material_with("transmission", {{"transmissionFactor", 1}});
  glass["pbrMetallicRoughness"]["metallicFactor"] = 0;
  const GltfMaker maker = triangle_of(glass);
  const ImportedScene thin = import_made(maker);
  CHECK(thin.scene.materials.at(0).thin_walled);
  CHECK(thin.warnings ==
        std::vector<std::string>{"a.glb: material \"m\": transmission without a thickness "
                                 "(KHR_materials_volume) is a thin wall, which does not bend light; "
                                 "--solid-glass makes it solid"});
  ImportOptions solid;
  solid.solid_glass = true;
  const auto body = import_gltf(maker.glb(), "a.glb", "", solid);
  REQUIRE(body.has_value());
  CHECK_FALSE(body->scene.materials.at(0).thin_walled);
  CHECK(body->warnings == std::vector<std::string>{});
  // what lets no light through has no walls: metals, as materials are unless they say otherwise
  CHECK(imported_with("transmission", {{"transmissionFactor", 1}}).warnings == std::vector<std::string>{});
  CHECK(imported_with("transmission", {{"transmissionFactor", 0}}).warnings == std::vector<std::string>{});
}

TEST_CASE("contents name the extensions of materials, also of those without a name", "[scene]") {
  GltfMaker maker = triangle_of({{"extensions", {{"KHR_materials_sheen", Json::object()}}}});
  maker.add("materials", material_with("clearcoat", Json::object()));
  const FileContents contents = import_made(maker).contents;
  REQUIRE(contents.materials.size() == 2);
  CHECK(contents.materials[0].name == "material 0");
  CHECK(contents.materials[0].extensions == std::vector<std::string>{"KHR_materials_sheen"});
  CHECK(contents.materials[1].name == "m");
}

TEST_CASE("variants are named, and the default materials shown", "[scene]") {
  GltfMaker maker = triangle_of({{"name", "plain"}});
  maker.add("materials", {{"name", "gold"}});
  maker.document["extensions"]["KHR_materials_variants"]["variants"] =
      Json::array({{{"name", "day"}}, {{"name", "night"}}});
  maker.document["meshes"][0]["primitives"][0]["extensions"]["KHR_materials_variants"]["mappings"] =
      Json::array({{{"material", 1}, {"variants", Json::array({1})}}});
  const ImportedScene made = import_made(maker);
  CHECK(made.scene.materials.at(0).name == "plain");
  CHECK(made.contents.variants == std::vector<std::string>{"day", "night"});
  CHECK(made.notes ==
        std::vector<std::string>{"it has 2 material variants (day, night); its default materials are shown"});
  for (const Json& broken : {Json(3), Json::array({1, 2}), Json("x"), Json::object()}) {
    Json& extension = maker.document["extensions"]["KHR_materials_variants"];
    extension = Json::object();
    extension["variants"] = broken;
    import_made(maker);
    extension = broken;
    import_made(maker);
  }
}
