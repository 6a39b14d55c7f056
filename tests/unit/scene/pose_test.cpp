#include <limits>

#include "math/transform.hpp"
#include "scene/animated_property.hpp"
#include "scene/material_textures.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

/// Where the x axis of the first instance points.
Vec3 x_axis_at(const Moments& moments, double time_s) {
  const PosedScene posed = moments.at(time_s);
  return transform_vector(posed.instances.at(0).world_from_object, {1, 0, 0});
}

float x_at(const Moments& moments, double time_s) {
  return position_of(moments.at(time_s).instances.at(0).world_from_object).x;
}

const float kHalf = 0.70710678f;

}  // namespace

TEST_CASE("a node moves between its keys, and stays before the first and after the last", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"translation", {9, 0, 0}}});
  SECTION("in a straight line") {
    animate(maker, of_node(0, "translation"), {1, 2, 4}, "VEC3", {1, 0, 0, 3, 0, 0, 7, 0, 0});
    const Moments moments(maker);
    CHECK(x_at(moments, 0) == 1);
    CHECK(x_at(moments, 1.5) == 2);
    CHECK(x_at(moments, 2) == 3);
    CHECK(x_at(moments, 3) == 5);
    CHECK(x_at(moments, 1e9) == 7);
    CHECK(x_at(moments, -1e9) == 1);
    CHECK(moments.scene().animations.at(0).name == "move");
    CHECK(moments.scene().animations.at(0).duration_s() == 4);
    CHECK(position_of(moments.at(3, std::nullopt).instances.at(0).world_from_object).x == 9);
    CHECK(position_of(moments.at(3, 5).instances.at(0).world_from_object).x == 9);
  }
  SECTION("in steps") {
    animate(maker, of_node(0, "translation"), {1, 2, 4}, "VEC3", {1, 0, 0, 3, 0, 0, 7, 0, 0}, "STEP");
    const Moments moments(maker);
    CHECK(x_at(moments, 1.999) == 1);
    CHECK(x_at(moments, 2) == 3);
    CHECK(x_at(moments, 3.999) == 3);
    CHECK(x_at(moments, 4) == 7);
  }
  SECTION("along a spline, whose tangents are per second") {
    // in tangent, value, out tangent
    animate(maker, of_node(0, "translation"), {0, 2}, "VEC3",
            {99, 0, 0, 1, 0, 0, 4, 0, 0, /**/ 2, 0, 0, 5, 0, 0, 99, 0, 0}, "CUBICSPLINE");
    const Moments moments(maker);
    CHECK(x_at(moments, 0) == 1);
    // at half way: (1 + 5) / 2 + 2 s * (4 - 2) / 8
    CHECK(x_at(moments, 1) == Approx(3.5));
    CHECK(x_at(moments, 2) == 5);
    CHECK(x_at(moments, 3) == 5);
  }
}

TEST_CASE("rotations turn evenly, the shorter way round", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  SECTION("from nothing to a quarter turn about +Z") {
    animate(maker, of_node(0, "rotation"), {0, 3}, "VEC4", {0, 0, 0, 1, 0, 0, kHalf, kHalf});
    const Moments moments(maker);
    CHECK(is_about(x_axis_at(moments, 1), 0.8660254f, 0.5f, 0));  // 30 degrees
    CHECK(is_about(x_axis_at(moments, 2), 0.5f, 0.8660254f, 0));
    CHECK(is_about(x_axis_at(moments, 3), 0, 1, 0));
  }
  SECTION("the same with the other of the two quaternions of a rotation") {
    animate(maker, of_node(0, "rotation"), {0, 3}, "VEC4", {0, 0, 0, 1, 0, 0, -kHalf, -kHalf});
    CHECK(is_about(x_axis_at(Moments(maker), 1), 0.8660254f, 0.5f, 0));
  }
  SECTION("from keys that are equal, and not of length 1") {
    animate(maker, of_node(0, "rotation"), {0, 1}, "VEC4", {0, 0, 3, 3, 0, 0, 5, 5});
    CHECK(is_about(x_axis_at(Moments(maker), 0.25), 0, 1, 0));
  }
  SECTION("along a spline, made unit") {
    const std::vector<float> keys{0, 0, 0, 0, 0, 0, 0,     1,     0, 0, 0, 0,
                                  0, 0, 0, 0, 0, 0, kHalf, kHalf, 0, 0, 0, 0};
    animate(maker, of_node(0, "rotation"), {0, 2}, "VEC4", keys, "CUBICSPLINE");
    const Vec3 axis = x_axis_at(Moments(maker), 1);
    CHECK(is_about(axis, kHalf, kHalf, 0));  // half of a quarter turn
  }
  SECTION("from whole numbers that stand for [-1, 1]") {
    animate(maker, of_node(0, "rotation"), {0, 1}, "VEC4", {0, 0, 0, 1, 0, 0, 0, 1});
    const std::size_t output = maker.accessor(GltfMaker::int16, "VEC4", 2,
                                              std::vector<std::int16_t>{0, 0, 0, 32767, 0, 0, 32767, 0});
    maker.document["accessors"][output]["normalized"] = true;
    maker.document["animations"][0]["samplers"][0]["output"] = output;
    CHECK(is_about(x_axis_at(Moments(maker), 1), -1, 0, 0));
    CHECK(is_about(x_axis_at(Moments(maker), 0.5), 0, 1, 0));
  }
}

TEST_CASE("a parent takes its children along, cameras and lights too", "[scene]") {
  GltfMaker maker;
  maker.document["cameras"] = {{{"type", "perspective"}, {"perspective", {{"yfov", 1}, {"znear", 0.1}}}}};
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {
      {{"type", "spot"}, {"spot", Json::object()}}};
  maker.show_triangle({{"translation", {1, 0, 0}}});
  maker.add("nodes", {{"camera", 0}, {"translation", {2, 0, 0}}});
  maker.add("nodes", {{"translation", {3, 0, 0}}, {"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  maker.add("nodes", {{"children", {0, 1, 2}}});
  animate(maker, of_node(3, "rotation"), {0, 1}, "VEC4", {0, 0, 0, 1, 0, 1, 0, 0});  // half a turn about +Y
  const Moments moments(maker);
  const PosedScene at_first = moments.at(0);
  CHECK(position_of(at_first.cameras.at(0).world_from_camera).x == 2);
  CHECK(at_first.lights.at(0).position.x == 3);
  const PosedScene posed = moments.at(1);
  CHECK(is_about(position_of(posed.instances.at(0).world_from_object), -1, 0, 0));
  CHECK(is_about(position_of(posed.cameras.at(0).world_from_camera), -2, 0, 0));
  CHECK(is_about(posed.lights.at(0).position, -3, 0, 0));
  CHECK(is_about(posed.lights.at(0).direction, 0, 0, 1));
  CHECK_FALSE(posed.lights.at(0).node);
}

TEST_CASE("meshes that keep their shape are the scene's own", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0, 1, 0, 0});
  const Moments moments(maker);
  const PosedScene posed = moments.at(0.5);
  CHECK(posed.meshes.size() == 1);
  CHECK(&posed.meshes[0] == &moments.scene().meshes[0]);
}

TEST_CASE("a node that is not visible hides what hangs on it, but no camera", "[scene]") {
  GltfMaker maker;
  maker.document["cameras"] = {{{"type", "perspective"}, {"perspective", {{"yfov", 1}, {"znear", 0.1}}}}};
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {{{"type", "point"}}};
  const Json hidden = {{"KHR_node_visibility", {{"visible", false}}}};
  maker.show_triangle({{"name", "child"}});
  maker.add("nodes", {{"children", {0}}, {"camera", 0}, {"extensions", hidden}});
  maker.show_triangle({{"name", "floor"}});
  maker.document["nodes"][1]["extensions"]["KHR_lights_punctual"] = {{"light", 0}};
  const Json seen = {{"KHR_node_visibility", {{"visible", true}}}};
  maker.document["nodes"][0]["extensions"] = seen;
  maker.document["extensionsUsed"] = {"KHR_node_visibility"};
  SECTION("all the time") {
    const Moments moments(maker);
    CHECK(moments.warnings().empty());
    const PosedScene posed = moments.at(0);
    REQUIRE(posed.instances.size() == 1);
    CHECK(posed.instances[0].name == "floor");
    CHECK(posed.lights.empty());
    CHECK(posed.cameras.size() == 1);
  }
  SECTION("until an animation shows it") {
    const auto shown = maker.accessor(GltfMaker::unsigned_byte, "SCALAR", 2, std::vector<std::uint8_t>{0, 1});
    animate(maker, of_pointer("/nodes/1/extensions/KHR_node_visibility/visible"), {0, 1}, "SCALAR", {0, 1},
            "STEP");
    maker.document["animations"][0]["samplers"][0]["output"] = shown;
    const Moments moments(maker);
    CHECK(moments.warnings().empty());
    CHECK(moments.at(0.9).instances.size() == 1);
    CHECK(moments.at(1).instances.size() == 2);
    CHECK(moments.at(1).lights.size() == 1);
  }
}

TEST_CASE("a mesh is copied where EXT_mesh_gpu_instancing says", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"translation", {0, 10, 0}}, {"scale", {2, 2, 2}}});
  const auto where = maker.vec3({1, 0, 0, 2, 0, 0, 3, 0, 0});
  const auto turn = maker.accessor(GltfMaker::byte, "VEC4", 3,
                                   std::vector<std::int8_t>{0, 0, 0, 127, 0, 0, 127, 0, 0, 0, 0, 0});
  maker.document["accessors"][turn]["normalized"] = true;
  Json& attributes = maker.document["nodes"][0]["extensions"]["EXT_mesh_gpu_instancing"]["attributes"];
  attributes = {{"TRANSLATION", where}, {"ROTATION", turn}};
  maker.document["extensionsUsed"] = {"EXT_mesh_gpu_instancing"};
  SECTION("with places and rotations of bytes, of which one is zero") {
    const Moments moments(maker);
    CHECK(moments.warnings().empty());
    const PosedScene posed = moments.at(0);
    REQUIRE(posed.instances.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(posed.instances[i].mesh == 0);
      const Transform& world = posed.instances[i].world_from_object;
      CHECK(is_about(position_of(world), 2 * static_cast<float>(i + 1), 10, 0));
      CHECK(is_about(transform_vector(world, {1, 0, 0}), i == 1 ? -2 : 2, 0, 0));
    }
  }
  SECTION("not when the attributes disagree") {
    attributes["SCALE"] = maker.vec3({1, 1, 1});
    const Moments moments(maker);
    CHECK(moments.at(0).instances.size() == 1);
    CHECK(moments.warnings() ==
          std::vector<std::string>{
              "a.glb: node 0: its copies are not shown, only one: EXT_mesh_gpu_instancing: "
              "SCALE: accessor 3 has 1 elements, another attribute has 3"});
  }
  SECTION("but for one whose place is not a number") {
    attributes["TRANSLATION"] = maker.vec3({1, 0, 0, std::numeric_limits<float>::quiet_NaN(), 0, 0, 3, 0, 0});
    const Moments moments(maker);
    const PosedScene posed = moments.at(0);
    REQUIRE(posed.instances.size() == 2);
    CHECK(is_about(position_of(posed.instances[1].world_from_object), 6, 10, 0));
    CHECK(moments.warnings() ==
          std::vector<std::string>{"a.glb: node 0: EXT_mesh_gpu_instancing: a copy whose place is not a "
                                   "number is left out"});
  }
  SECTION("not a billion times") {
    maker.document["accessors"][where].erase("bufferView");
    maker.document["accessors"][where]["count"] = 1000000000;
    attributes = {{"TRANSLATION", where}};
    const Moments moments(maker);
    CHECK(moments.at(0).instances.size() == 1);
    CHECK(moments.warnings().at(0).find("it asks for 1000000000 copies") != std::string::npos);
  }
}

TEST_CASE("a node scaled to 0 along one axis keeps a flat mesh, along two it is not shown", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"name", "flat"}, {"scale", {1, 1, 0}}});
  maker.show_triangle({{"name", "line"}, {"scale", {1, 0, 0}}});
  const Moments moments(maker);
  const PosedScene posed = moments.at(0);
  REQUIRE(posed.instances.size() == 1);
  CHECK(posed.instances[0].name == "flat");
  CHECK(posed.warnings ==
        std::vector<std::string>{"instance \"line\" is scaled to a line or a point and is not shown"});
}

TEST_CASE("what an animation moves too far away is left out, with a warning", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"name", "moon"}});
  animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0, 1e30f, 0, 0});
  const Moments moments(maker);
  CHECK(moments.at(0).instances.size() == 1);
  const PosedScene posed = moments.at(1);
  CHECK(posed.instances.empty());
  CHECK(posed.warnings ==
        std::vector<std::string>{
            "instance \"moon\" reaches too far from the origin at this time and is left out"});
}

TEST_CASE("orthographic cameras see a parallel projection", "[scene]") {
  GltfMaker maker;
  maker.document["cameras"] = {
      {{"type", "orthographic"}, {"orthographic", {{"xmag", 6}, {"ymag", -3}, {"znear", 0}, {"zfar", 10}}}}};
  maker.show_triangle({{"camera", 0}});
  animate(maker, of_pointer("/cameras/0/orthographic/ymag"), {0, 1}, "SCALAR", {3, 5});
  const Moments moments(maker);
  CHECK(moments.warnings().empty());
  const PosedScene posed = moments.at(0);
  CHECK(posed.cameras.at(0).orthographic_height_m == 6.0f);
  CHECK(posed.cameras.at(0).aspect == 2.0f);
  CHECK(moments.at(1).cameras.at(0).orthographic_height_m == 10.0f);
  maker.document["cameras"][0]["orthographic"]["xmag"] = 0;
  const auto refused = import_gltf(maker.glb(), "a.glb", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "a.glb: camera 0: xmag and ymag must be above 0 and below 1e+15, got 0 and -3");
}

TEST_CASE("pointers animate cameras, lights and materials", "[scene]") {
  GltfMaker maker;
  maker.document["cameras"] = {{{"type", "perspective"}, {"perspective", {{"yfov", 1}, {"znear", 0.1}}}}};
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {
      {{"type", "spot"}, {"color", {1, 0.5, 0}}, {"intensity", 10}, {"spot", Json::object()}}};
  maker.add("images", {{"bufferView", 0}, {"mimeType", "image/png"}});
  maker.document["materials"] = {
      {{"emissiveFactor", {1, 0.5, 0}},
       {"extensions", {{"KHR_materials_emissive_strength", {{"emissiveStrength", 4}}}}}},
      {{"name", "not used"}}};
  maker.document.erase("images");
  for (int i = 0; i < 2; ++i) {
    maker.add("nodes", {{"camera", 0},
                        {"translation", {i, 0, 0}},
                        {"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  }
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", 0}});
  const std::string light = "/extensions/KHR_lights_punctual/lights/0/";
  animate(maker, of_pointer("/cameras/0/perspective/yfov"), {0, 1}, "SCALAR", {1, 1.5707964f});
  animate(maker, of_pointer((light + "intensity").c_str()), {0, 1}, "SCALAR", {10, 20});
  animate(maker, of_pointer((light + "color").c_str()), {0, 1}, "VEC3", {1, 0.5f, 0, 0, 0.5f, 1});
  animate(maker, of_pointer((light + "spot/outerConeAngle").c_str()), {0, 1}, "SCALAR", {0.5f, 0.78539816f});
  animate(maker, of_pointer("/materials/0/pbrMetallicRoughness/baseColorFactor"), {0, 1}, "VEC4",
          {1, 1, 1, 1, 0.5f, 0, 2, 0.25f});
  animate(maker, of_pointer("/materials/0/pbrMetallicRoughness/roughnessFactor"), {0, 1}, "SCALAR",
          {1, 0.5f});
  animate(maker, of_pointer("/materials/0/extensions/KHR_materials_emissive_strength/emissiveStrength"),
          {0, 1}, "SCALAR", {4, 8});
  animate(maker, of_pointer("/materials/1/alphaCutoff"), {0, 1}, "SCALAR", {0, 1});
  animate(maker, of_pointer("/cameras/0/perspective/znear"), {0, 1}, "SCALAR", {1, 2});
  maker.document["extensionsUsed"] = {"KHR_animation_pointer"};
  const Moments moments(maker);
  CHECK(moments.warnings().empty());
  CHECK(is(moments.at(0).materials.at(0).emission, 4, 2, 0));
  CHECK(is(moments.at(0).lights.at(0).intensity, 10, 5, 0));
  const PosedScene posed = moments.at(1);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(posed.cameras.at(i).vertical_fov_degrees == Approx(90));
    CHECK(is(posed.lights.at(i).intensity, 0, 10, 20));
    CHECK(posed.lights.at(i).outer_cone_degrees == Approx(45));
  }
  const SceneMaterial& material = posed.materials.at(0);
  CHECK(is(material.base_color, 0.5f, 0, 1));
  CHECK(material.alpha == 0.25f);
  CHECK(material.roughness == 0.5f);
  CHECK(is(material.emission, 8, 4, 0));
}

TEST_CASE("pointers to what does not exist are named", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"name", "unused"}});
  for (const char* pointer :
       {"/materials/0/alphaCutoff", "/materials/1/alphaCutoff", "/cameras/0/perspective/yfov",
        "/extensions/KHR_lights_punctual/lights/0/intensity"})
    animate(maker, of_pointer(pointer), {0, 1}, "SCALAR", {0, 1});
  maker.document["extensionsUsed"] = {"KHR_animation_pointer"};
  const std::vector<std::string> warnings = Moments(maker).warnings();
  REQUIRE(warnings.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(warnings[i].find(std::to_string(i + 1) + " is left out: what it points to does not exist") !=
          std::string::npos);
  }
}

TEST_CASE("pointers animate the layers of materials, within their ranges", "[scene]") {
  GltfMaker maker;
  maker.document["materials"] = {{{"name", "layered"}}};
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}, {"material", 0}});
  const auto from = [&](const std::string& pointer, const char* type, std::vector<float> values) {
    animate(maker, of_pointer(("/materials/0/extensions/KHR_materials_" + pointer).c_str()), {0, 1}, type,
            std::move(values));
  };
  from("clearcoat/clearcoatFactor", "SCALAR", {0, 2});
  from("clearcoat/clearcoatRoughnessFactor", "SCALAR", {0, 0.5f});
  from("clearcoat/clearcoatNormalTexture/scale", "SCALAR", {0, -3});
  from("sheen/sheenColorFactor", "VEC3", {0, 0, 0, 0.5f, 2, -1});
  from("sheen/sheenRoughnessFactor", "SCALAR", {0, 0.25f});
  from("anisotropy/anisotropyStrength", "SCALAR", {0, -1});
  from("anisotropy/anisotropyRotation", "SCALAR", {0, 9});
  from("iridescence/iridescenceFactor", "SCALAR", {0, 0.75f});
  from("iridescence/iridescenceIor", "SCALAR", {2, 0.5f});
  from("iridescence/iridescenceThicknessMinimum", "SCALAR", {1, 200});
  from("iridescence/iridescenceThicknessMaximum", "SCALAR", {1, -200});
  from("diffuse_transmission/diffuseTransmissionFactor", "SCALAR", {0, 0.5f});
  from("diffuse_transmission/diffuseTransmissionColorFactor", "VEC3", {0, 0, 0, 1, 0.5f, 3});
  from("volume/attenuationDistance", "SCALAR", {2, 0});
  from("volume/attenuationColor", "VEC3", {0, 0, 0, 1, 0.5f, 3});
  from("dispersion/dispersion", "SCALAR", {0, 0.5f});
  from("pbrSpecularGlossiness/diffuseFactor", "VEC4", {0, 0, 0, 0, 0.5f, 0.25f, 1, 0.75f});
  from("pbrSpecularGlossiness/specularFactor", "VEC3", {0, 0, 0, 0.04f, 0, 0.02f});
  const Moments moments(maker);
  CHECK(moments.warnings().empty());
  CHECK(moments.at(0).materials.at(0).volume.attenuation_distance_m == 2);
  const PosedScene posed = moments.at(1);
  const SceneMaterial& material = posed.materials.at(0);
  CHECK(material.clearcoat.factor == 1);
  CHECK(material.clearcoat.roughness == 0.5f);
  CHECK(material.clearcoat.normal_scale == -3);
  CHECK(is(material.sheen.color, 0.5f, 1, 0));
  CHECK(material.sheen.roughness == 0.25f);
  CHECK(material.anisotropy.strength == 0);
  CHECK(material.anisotropy.rotation == 9);
  CHECK(material.iridescence.factor == 0.75f);
  CHECK(material.iridescence.ior == 1);
  CHECK(material.iridescence.thickness_minimum_nm == 200);
  CHECK(material.iridescence.thickness_maximum_nm == 0);
  CHECK(material.diffuse_transmission.factor == 0.5f);
  CHECK(is(material.diffuse_transmission.color, 1, 0.5f, 1));
  CHECK(material.volume.attenuation_distance_m == std::numeric_limits<float>::infinity());
  CHECK(is(material.volume.attenuation_color, 1, 0.5f, 1));
  CHECK(material.volume.dispersion == 0.5f);
  CHECK(is(material.base_color, 0.5f, 0.25f, 1));
  CHECK(material.alpha == 0.75f);
  CHECK(is(material.specular_color, 1, 0, 0.5f));
}

TEST_CASE("the transform of every texture of a material may be animated", "[scene]") {
  const char* const pointers[] = {
      "pbrMetallicRoughness/baseColorTexture",
      "pbrMetallicRoughness/metallicRoughnessTexture",
      "normalTexture",
      "emissiveTexture",
      "extensions/KHR_materials_transmission/transmissionTexture",
      "extensions/KHR_materials_specular/specularTexture",
      "extensions/KHR_materials_specular/specularColorTexture",
      "extensions/KHR_materials_clearcoat/clearcoatTexture",
      "extensions/KHR_materials_clearcoat/clearcoatRoughnessTexture",
      "extensions/KHR_materials_clearcoat/clearcoatNormalTexture",
      "extensions/KHR_materials_sheen/sheenColorTexture",
      "extensions/KHR_materials_sheen/sheenRoughnessTexture",
      "extensions/KHR_materials_anisotropy/anisotropyTexture",
      "extensions/KHR_materials_iridescence/iridescenceTexture",
      "extensions/KHR_materials_iridescence/iridescenceThicknessTexture",
      "extensions/KHR_materials_diffuse_transmission/diffuseTransmissionTexture",
      "extensions/KHR_materials_diffuse_transmission/diffuseTransmissionColorTexture"};
  SceneMaterial material;
  const auto textures = textures_of(material);
  REQUIRE(textures.size() == std::size(pointers));
  for (auto* texture : textures) texture->emplace();
  for (std::size_t i = 0; i < std::size(pointers); ++i) {
    INFO(pointers[i]);
    const auto property = find_animated_property(
        AnimatedKind::material, std::string(pointers[i]) + "/extensions/KHR_texture_transform/rotation");
    REQUIRE(property.has_value());
    const float turn = static_cast<float>(i) + 1;
    set_property(material, property->index, std::span(&turn, 1));
    CHECK((*textures[i])->rotation == turn);
  }
}

TEST_CASE("what animations cannot change here is one warning", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  animate(maker, of_pointer("/nodes/0/extras/power"), {0, 1}, "SCALAR", {0, 1});
  animate(maker, of_pointer("/extensions/EXT_fog/density"), {0, 1}, "SCALAR", {0, 1});
  animate(maker, of_pointer("nonsense"), {0, 1}, "SCALAR", {0, 1});
  animate(maker, of_node(0, "colour"), {0, 1}, "SCALAR", {0, 1});
  animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0, 8, 0, 0});
  const Moments moments(maker);
  CHECK(moments.warnings() ==
        std::vector<std::string>{"a.glb: animation \"move\": animates what is not supported, such as "
                                 "\"/nodes/0/extras/power\" (4 of its channels)"});
  CHECK(x_at(moments, 0.5) == 4);
}

TEST_CASE("a wrong channel is left out with a warning, and the others move", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("nodes", {{"matrix", {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}}});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto with = [&](const std::function<void()>& wrong) {
    animate(maker, of_node(0, "scale"), {0, 1}, "VEC3", {1, 1, 1, 2, 2, 2});
    wrong();
    animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0, 8, 0, 0});
    const Moments moments(maker);
    CHECK(x_at(moments, 1) == 8);
    REQUIRE(moments.warnings().size() == 1);
    return moments.warnings()[0];
  };
  const std::string start = "a.glb: animation \"move\": channel 1 is left out: ";
  const auto animation = [&]() -> Json& { return maker.document["animations"][0]; };
  SECTION("times that go back") {
    CHECK(with([&] {
            animate(maker, of_node(0, "translation"), {1, 0}, "VEC3", {0, 0, 0, 1, 1, 1});
          }) == start + "key 1 is earlier than the one before it");
  }
  SECTION("a time that is not a number") {
    CHECK(with([&] {
            animate(maker, of_node(0, "translation"), {0, nan}, "VEC3", {0, 0, 0, 1, 1, 1});
          }) == start + "the time of key 1 is not a number");
  }
  SECTION("a value that is not a number") {
    CHECK(with([&] {
            animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0, 1, nan, 1});
          }) == start + "value 1 is not a number");
  }
  SECTION("too few values") {
    CHECK(with([&] {
            animate(maker, of_node(0, "translation"), {0, 1}, "VEC3", {0, 0, 0});
          }) == start + "it has 2 keys and 1 values");
  }
  SECTION("values of another kind") {
    CHECK(with([&] {
            animate(maker, of_node(0, "rotation"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
          }) == start + "its keys have 3 numbers instead of 4");
  }
  SECTION("a node that does not exist") {
    CHECK(with([&] {
            animate(maker, of_node(7, "translation"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
          }) == start + "its node does not exist");
  }
  SECTION("a node with a matrix") {
    CHECK(with([&] {
            animate(maker, of_node(1, "scale"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
          }) == start + "node 1 has a matrix, which is not animated");
  }
  SECTION("an interpolation that nobody knows") {
    CHECK(with([&] {
            animate(maker, of_node(0, "scale"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1}, "SOFT");
          }) == start + "its interpolation \"SOFT\" is unknown");
  }
  SECTION("no sampler") {
    CHECK(with([&] {
            animate(maker, of_node(0, "scale"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
            animation()["channels"][1]["sampler"] = 1.5;
          }) == start + "it has no sampler");
  }
  SECTION("no accessor") {
    CHECK(with([&] {
            animate(maker, of_node(0, "scale"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
            animation()["samplers"][1]["output"] = "x";
          }) == start + "its output is not an accessor of the file");
  }
  SECTION("more numbers than the file can mean") {
    CHECK(with([&] {
            animate(maker, of_node(0, "scale"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
            const auto huge = animation()["samplers"][1]["output"].get<std::size_t>();
            maker.document["accessors"][huge].erase("bufferView");
            maker.document["accessors"][huge]["count"] = 4000000000u;
          }) == start + "the file's animations unfold to more than they can hold");
  }
}

TEST_CASE("animations that are no animations do no harm", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  const Json wrong =
      GENERATE(Json(5), Json({1, 2}), Json({{{"channels", 3}}}), Json({{{"channels", {1, nullptr}}}}),
               Json({{{"channels", {{{"target", 4}}}}, {"samplers", "x"}}}));
  maker.document["animations"] = wrong;
  CHECK(Moments(maker).at(1).instances.size() == 1);
}

TEST_CASE("an animated intensity counts what the file's lights count", "[scene]") {
  GltfMaker maker;
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {{{"type", "point"}, {"intensity", 683}}};
  maker.add("nodes", {{"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  animate(maker, of_pointer("/extensions/KHR_lights_punctual/lights/0/intensity"), {0, 1}, "SCALAR",
          {683, 1366});
  ImportOptions options;
  options.light_units = LightUnits::photometric;
  const auto imported = import_gltf(maker.glb(), "a.glb", "", options);
  REQUIRE(imported);
  CHECK(is_about(pose(imported->scene, {0, std::nullopt}).lights.at(0).intensity, 1, 1, 1));
  CHECK(is_about(pose(imported->scene, {1, 0}).lights.at(0).intensity, 2, 2, 2));
}

TEST_CASE("a studio light is added to what is dark at the moment", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.document["meshes"][0]["primitives"][0]["material"] = 0;
  maker.add("materials", {{"emissiveFactor", {1, 1, 1}}});
  animate(maker, of_pointer("/materials/0/emissiveFactor"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
  const auto adds_light = [&](double time_s) {
    Scene scene = import_made(maker).scene;
    return complete_scene(scene, NeutralLight::automatic, {time_s, 0}).light;
  };
  CHECK(adds_light(0));
  CHECK_FALSE(adds_light(1));
}

TEST_CASE("a shape that is surveyed stands where its own middle is, bent or not", "[scene]") {
  GltfMaker maker;
  const std::size_t offset = maker.vec3({0, 0, 1, 0, 0, 1, 0, 0, 1});
  maker.show({{"attributes",
               {{"POSITION", maker.vec3({450000, 4500000, 0, 450010, 4500000, 0, 450000, 4500010, 0})}}},
              {"targets", {{{"POSITION", offset}}}}},
             {{"translation", {-450000.25, -4500000, 0}}});
  animate(maker, of_node(0, "weights"), {0, 1}, "SCALAR", {0, 1});
  const Moments moments(maker);
  for (const double time_s : {0.0, 1.0}) {
    const PosedScene posed = moments.at(time_s);
    const SceneInstance& instance = posed.instances.at(0);
    CHECK(is_about(transform_point(instance.world_from_object, posed.meshes[instance.mesh].positions[0]),
                   -0.25f, 0, static_cast<float>(time_s)));
  }
}
