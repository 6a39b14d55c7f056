#include "compile/materials.hpp"

#include <cmath>

#include "math/scalar.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// One quad with each of the materials.
Scene scene_with(std::vector<SceneMaterial> materials) {
  Scene scene;
  scene.cameras.resize(1);
  scene.images = {an_image(4, 4), an_image(4, 4), an_image(8, 2)};
  scene.meshes = {a_quad()};
  scene.materials = std::move(materials);
  for (std::size_t i = 0; i < scene.materials.size(); ++i) {
    scene.instances.push_back({"quad", 0, i, moved(0, 0, static_cast<float>(i))});
  }
  return scene;
}

}  // namespace

TEST_CASE("factors are brought into their ranges", "[compile]") {
  SceneMaterial wild;
  wild.base_color = {2, -1, std::numeric_limits<float>::quiet_NaN()};
  wild.roughness = -3;
  wild.metallic = 7;
  wild.ior = 0.9f;
  wild.emission = {-1, 1e30f, 5};
  wild.transmission = std::numeric_limits<float>::infinity();
  const Material material = clean_material(wild);
  CHECK(material.base_color.x == 1);
  CHECK(material.base_color.y == 0);
  CHECK(material.base_color.z == 0);
  CHECK(material.roughness == 0);
  CHECK(material.metallic == 1);
  CHECK(material.ior == 1);
  CHECK(material.emission.x == 0);
  CHECK(material.emission.y == 1e12f);
  CHECK(material.emission.z == 5);
  CHECK(material.transmission == 1);
  wild.ior = 0;  // KHR_materials_ior: infinite
  CHECK(clean_material(wild).ior == 1e4f);
}

TEST_CASE("flags follow the material", "[compile]") {
  SceneMaterial source;
  source.double_sided = true;
  source.emits_front_only = true;
  source.thin_walled = false;
  CHECK(clean_material(source).flags == kMaterialEmitsFrontOnly);
  source = {};
  source.double_sided = true;
  source.unlit = true;
  source.emission = {1, 1, 1};
  const Material unlit = clean_material(source);
  CHECK(unlit.flags == (kMaterialUnlit | kMaterialThinWalled));
  CHECK(unlit.emission.x == 0);
}

TEST_CASE("a single-sided material has a front alone, unless light goes through it", "[compile]") {
  constexpr u32 kSides = kMaterialCullsBack | kMaterialEmitsFrontOnly;
  const auto sides = [](const SceneMaterial& source) { return clean_material(source).flags & kSides; };
  SceneMaterial source;
  CHECK(sides(source) == kSides);
  source.unlit = true;
  CHECK(sides(source) == kSides);
  source.transmission = 1;  // without effect on what is unlit
  CHECK(sides(source) == kSides);
  source.unlit = false;
  CHECK(sides(source) == 0);
  source.thin_walled = false;
  CHECK(sides(source) == 0);
  source = {};
  source.diffuse_transmission.factor = 0.5f;
  CHECK(sides(source) == 0);
  source = {};
  source.double_sided = true;
  CHECK(sides(source) == 0);
}

TEST_CASE("one image as colour and as numbers becomes two, equal images become one", "[compile]") {
  SceneMaterial material;
  material.base_color_texture = SceneTexture{.image = 0};
  material.normal_texture = SceneTexture{.image = 0};
  SceneMaterial copy = material;
  copy.base_color_texture->image = 1;  // equal pixels
  SceneMaterial other = material;
  other.base_color_texture->image = 2;  // equal pixels in another shape
  const RenderData data = compiled(scene_with({material, copy, other}), small_film());
  REQUIRE(data.texture_images.size() == 3);
  CHECK(data.texture_images[0].format == TexelFormat::rgba8_srgb);
  CHECK(data.texture_images[1].format == TexelFormat::rgba8_linear);
  CHECK(data.texture_images[2].width == 8);
  CHECK(data.texture_slots.size() == 3);
  CHECK(data.materials.size() == 2);
  CHECK(data.instances[0].material == data.instances[1].material);
  CHECK(data.texels.size() == 3 * 16);
  const SceneImage image = an_image(4, 4);
  CHECK((data.texels[5] & 255u) == image.rgba8[20]);
  CHECK(data.texels[5] >> 24 == image.rgba8[23]);
}

TEST_CASE("16-bit and float images keep their depth", "[compile]") {
  SceneMaterial material;
  material.base_color_texture = SceneTexture{.image = 0};
  material.metallic_roughness_texture = SceneTexture{.image = 0};
  Scene scene = scene_with({material});
  SceneImage deep;
  deep.width = 2;
  deep.height = 1;
  deep.rgba16 = {1, 2, 3, 4, 5, 6, 7, 65535};
  scene.images = {deep};
  RenderData data = compiled(scene, small_film());
  REQUIRE(data.texture_images.size() == 2);
  CHECK(data.texture_images[0].format == TexelFormat::rgba16_srgb);
  CHECK(data.texture_images[1].format == TexelFormat::rgba16_linear);
  CHECK(std::vector<u32>(data.texels.begin(), data.texels.end()) ==
        std::vector<u32>{0x20001, 0x40003, 0x60005, 0xffff0007, 0x20001, 0x40003, 0x60005, 0xffff0007});

  SceneImage hdr;
  hdr.width = hdr.height = 1;
  hdr.rgb_float = {-1, 0.5f, std::numeric_limits<float>::infinity()};
  scene.images = {hdr};
  data = compiled(scene, small_film());
  REQUIRE(data.texture_images.size() == 1);
  CHECK(data.texture_images[0].format == TexelFormat::rgb32_float);
  CHECK(data.texels[0] == 0);
  CHECK(float_from_bits(data.texels[1]) == 0.5f);
  CHECK(float_from_bits(data.texels[2]) == 1e12f);
}

TEST_CASE("textures that a factor makes useless are left out with their images", "[compile]") {
  SceneMaterial material;
  material.emission_texture = SceneTexture{};
  material.transmission_texture = SceneTexture{};
  material.normal_texture = SceneTexture{};
  material.normal_scale = 0;
  material.specular = 0;
  material.specular_texture = SceneTexture{};
  material.specular_color_texture = SceneTexture{};
  const RenderData data = compiled(scene_with({material}), small_film());
  CHECK(data.texture_slots.empty());
  CHECK(data.texture_images.empty());
  CHECK(data.materials[0].emission_texture == kNone);
}

TEST_CASE("a texture transform scales, then turns, then moves", "[compile]") {
  SceneMaterial material;
  material.base_color_texture =
      SceneTexture{.offset = {0.25f, 0.5f}, .rotation = 1.57079632679f, .scale = {2, 3}};
  const RenderData data = compiled(scene_with({material}), small_film());
  const float* m = data.texture_slots[0].m;
  const auto image_point = [&](float u, float v) {
    return Vec2{m[0] * u + m[1] * v + m[2], m[3] * u + m[4] * v + m[5]};
  };
  // a quarter turn counter-clockwise as seen with v pointing down: (u, v) to (v, -u)
  const Vec2 p = image_point(1, 0);
  CHECK(p.x == Approx(0.25f).margin(1e-6));
  CHECK(p.y == Approx(0.5f - 2));
  const Vec2 q = image_point(0, 1);
  CHECK(q.x == Approx(0.25f + 3));
  CHECK(q.y == Approx(0.5f).margin(1e-6));
}

TEST_CASE("only materials with layers have a record of them, and equal ones once", "[compile]") {
  SceneMaterial plain;
  SceneMaterial coated;
  coated.clearcoat.factor = 0.75f;
  coated.clearcoat.texture = SceneTexture{.image = 0};
  SceneMaterial also_coated = coated;
  also_coated.base_color = {0.5f, 0.5f, 0.5f};
  SceneMaterial idle;  // every layer is there and none can be seen
  idle.clearcoat.roughness = 0.5f;
  idle.clearcoat.normal_texture = SceneTexture{.image = 1};
  idle.sheen.roughness = 0.5f;
  idle.anisotropy.rotation = 1;
  idle.iridescence.ior = 2;
  idle.diffuse_transmission.color = {1, 0, 0};
  idle.volume.attenuation_color = {0.5f, 0.5f, 0.5f};
  idle.volume.attenuation_distance_m = 1;
  idle.volume.dispersion = 1;
  const RenderData data = compiled(scene_with({plain, coated, also_coated, idle}), small_film());
  REQUIRE(data.materials.size() == 3);
  CHECK(data.materials[0].layers == kNone);
  CHECK(data.materials[1].layers == 0);
  CHECK(data.materials[2].layers == 0);
  REQUIRE(data.material_layers.size() == 1);
  CHECK(data.material_layers[0].clearcoat.factor == 0.75f);
  CHECK(data.texture_slots.size() == 1);
  CHECK(data.meshes[0].first_uv[0] != kNone);
}

TEST_CASE("layers are brought into their ranges, and what cannot be seen is neutral", "[compile]") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  SceneMaterial wild;
  wild.clearcoat.factor = 3;
  wild.clearcoat.roughness = -1;
  wild.clearcoat.normal_scale = 1e9f;
  wild.sheen.color = {2, kNan, 0.5f};
  wild.sheen.roughness = 7;
  wild.anisotropy.strength = 2;
  wild.anisotropy.rotation = kNan;
  wild.iridescence.factor = 1;
  wild.iridescence.ior = 0;
  wild.iridescence.thickness_minimum_nm = 9;
  wild.iridescence.thickness_maximum_nm = 1e9f;
  wild.diffuse_transmission.factor = 9;
  wild.diffuse_transmission.color = {-1, 2, kNan};
  wild.volume.attenuation_color = {0.5f, 0, 2};
  wild.volume.attenuation_distance_m = 2;
  wild.volume.dispersion = kNan;
  wild.thin_walled = false;
  MaterialLayers layers = clean_layers(wild, clean_material(wild));
  CHECK(layers.clearcoat.factor == 1);
  CHECK(layers.clearcoat.roughness == 0);
  CHECK(layers.clearcoat.normal_scale == 1e3f);
  CHECK(layers.sheen.color.x == 1);
  CHECK(layers.sheen.color.y == 0);
  CHECK(layers.sheen.roughness == 1);
  CHECK(layers.anisotropy.strength == 1);
  CHECK(layers.anisotropy.direction.x == 1);
  CHECK(layers.iridescence.ior == 1);
  CHECK(layers.iridescence.thickness_minimum_nm == 1e5f);  // without a texture there is the maximum alone
  CHECK(layers.iridescence.thickness_maximum_nm == 1e5f);
  CHECK(layers.diffuse_transmission.color.y == 1);
  CHECK(layers.diffuse_transmission.color.z == 0);
  CHECK(layers.volume.absorption.x == Approx(std::log(2.0) / 2));
  CHECK(layers.volume.absorption.y == Approx(10 * std::log(10.0) / 2));  // 0 counts as 1e-10
  CHECK(layers.volume.absorption.z == 0);
  CHECK(layers.volume.dispersion == 0);

  wild.thin_walled = true;  // without an inside
  CHECK(clean_layers(wild, clean_material(wild)).volume.absorption.x == 0);
  wild.unlit = true;
  layers = clean_layers(wild, clean_material(wild));
  CHECK(layers.clearcoat.factor == 0);
  CHECK(layers.diffuse_transmission.factor == 0);
}

TEST_CASE("layers say which attributes of the vertices they need", "[compile]") {
  const auto needs_of = [](const SceneMaterial& material) {
    const RenderData data = compiled(scene_with({material}), small_film());
    return attribute_needs(data.materials[0], data);
  };
  SceneMaterial brushed;
  brushed.anisotropy.strength = 0.5f;
  CHECK(needs_of(brushed).tangents);
  CHECK(needs_of(brushed).uv[0]);
  brushed.anisotropy.texture = SceneTexture{.image = 0, .uv_set = 1};
  CHECK(needs_of(brushed).uv[1]);
  CHECK_FALSE(needs_of(brushed).uv[0]);
  SceneMaterial coated;
  coated.clearcoat.factor = 1;
  CHECK_FALSE(needs_of(coated).tangents);
  coated.clearcoat.normal_texture = SceneTexture{.image = 0, .uv_set = 1};
  CHECK(needs_of(coated).tangents);
  CHECK(needs_of(coated).uv[1]);
}

TEST_CASE("a texture of a layer that does not exist is named with its material", "[compile]") {
  SceneMaterial material;
  material.name = "lacquer";
  material.clearcoat.factor = 1;
  material.clearcoat.texture = SceneTexture{.image = 7};
  ThreadPool pool(1);
  const auto data = compile(scene_with({material}), small_film(), pool);
  REQUIRE_FALSE(data);
  CHECK(data.error().message.find("lacquer") != std::string::npos);
}
