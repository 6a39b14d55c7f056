#include <meshoptimizer.h>

#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/codec_samples.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

std::string refusal_of_packed(const GltfMaker& maker) {
  const auto scene = import_gltf(maker.glb(), "a.glb", "", {});
  REQUIRE_FALSE(scene.has_value());
  return scene.error().message;
}

std::vector<std::uint8_t> numbers_of(const Bytes& bytes) {
  std::vector<std::uint8_t> values;
  for (const std::byte value : bytes) values.push_back(std::to_integer<std::uint8_t>(value));
  return values;
}

// Draco

/// A primitive in a Draco stream; its accessors have no buffer view.
GltfMaker packed_by_draco(DracoMethod method, Json primitive = Json::object(),
                          const char* uv_name = "TEXCOORD_0") {
  GltfMaker maker;
  const std::size_t view = maker.view(numbers_of(sample_draco(method)));
  const auto accessor = [&](int component, const char* type, std::size_t count) {
    return maker.add("accessors", {{"componentType", component}, {"type", type}, {"count", count}});
  };
  const auto positions = accessor(GltfMaker::real, "VEC3", 4);
  const auto uvs = accessor(GltfMaker::real, "VEC2", 4);
  const auto colors = accessor(GltfMaker::unsigned_byte, "VEC4", 4);
  maker.document["accessors"][colors]["normalized"] = true;
  primitive["attributes"] = {{"POSITION", positions}, {uv_name, uvs}, {"COLOR_0", colors}};
  primitive["indices"] = accessor(GltfMaker::unsigned_short, "SCALAR", 6);
  primitive["extensions"]["KHR_draco_mesh_compression"] = {
      {"bufferView", view}, {"attributes", {{"POSITION", 0}, {uv_name, 1}, {"COLOR_0", 2}}}};
  maker.show(std::move(primitive));
  maker.document["extensionsUsed"] = maker.document["extensionsRequired"] = {"KHR_draco_mesh_compression"};
  return maker;
}

TEST_CASE("a primitive packed by Draco has its triangles and attributes", "[scene]") {
  for (const DracoMethod method : {DracoMethod::sequential, DracoMethod::edgebreaker}) {
    const Scene scene = import_made(packed_by_draco(method)).scene;
    REQUIRE(scene.meshes.size() == 1);
    const SceneMesh& mesh = scene.meshes[0];
    CHECK(mesh.triangles.size() == 2);
    REQUIRE(mesh.positions.size() == 4);
    REQUIRE(mesh.uvs[0].size() == 4);
    REQUIRE(mesh.colors.size() == 4);
    float alpha = 0;
    for (std::size_t v = 0; v < 4; ++v) {
      CHECK(mesh.uvs[0][v].x == Approx(mesh.positions[v].x).margin(0.002));
      alpha += mesh.colors[v].w;
    }
    CHECK(alpha == Approx(3 + 128.0 / 255));
  }
}

TEST_CASE("a packed primitive has any set of texture coordinates", "[scene]") {
  GltfMaker maker = packed_by_draco(DracoMethod::edgebreaker, {{"material", 0}}, "TEXCOORD_5");
  maker.add("materials", {{"normalTexture", {{"index", 0}, {"texCoord", 5}}}});
  maker.add("images", {{"uri", "data:image/png;base64," + GltfMaker::base64(a_png(1, 2, 3))}});
  maker.add("textures", {{"source", 0}});
  const Scene scene = import_made(maker).scene;
  REQUIRE(scene.meshes.at(0).uvs[0].size() == 4);
  CHECK(scene.meshes[0].uvs[0][3].x == Approx(scene.meshes[0].positions[3].x).margin(0.002));
}

TEST_CASE("a packed strip is separate triangles", "[scene]") {
  CHECK(
      import_made(packed_by_draco(DracoMethod::sequential, {{"mode", 5}})).scene.meshes[0].triangles.size() ==
      2);
}

TEST_CASE("primitives that share a stream are unpacked once and are one mesh", "[scene]") {
  GltfMaker maker = packed_by_draco(DracoMethod::sequential);
  const Json primitive = maker.document["meshes"][0]["primitives"][0];
  maker.show(primitive);
  const Scene scene = import_made(maker).scene;
  CHECK(scene.meshes.size() == 1);
  CHECK(scene.instances.size() == 2);
}

TEST_CASE("a Draco stream that is damaged or does not fit its accessors is a fault", "[scene]") {
  GltfMaker maker = packed_by_draco(DracoMethod::sequential);
  maker.document["accessors"][0]["count"] = 5;
  CHECK(refusal_of_packed(maker) ==
        "a.glb: mesh 0: its Draco data holds 4 elements of accessor 0, which says 5");
  maker = packed_by_draco(DracoMethod::sequential);
  maker.document["meshes"][0]["primitives"][0]["extensions"]["KHR_draco_mesh_compression"]["attributes"]
                ["POSITION"] = 9;
  CHECK(refusal_of_packed(maker) == "a.glb: mesh 0: its Draco data has no attribute 9");
  maker = packed_by_draco(DracoMethod::sequential);
  maker.binary[1] = std::byte{0};
  CHECK(refusal_of_packed(maker) == "a.glb: mesh 0: its Draco data is not a mesh of Draco 2.2");
  maker = packed_by_draco(DracoMethod::sequential);
  maker.document["meshes"][0]["primitives"][0]["extensions"]["KHR_draco_mesh_compression"] = {
      {"bufferView", 7}};
  CHECK(refusal_of_packed(maker) ==
        "a.glb: mesh 0: primitives[0].bufferView 7 does not exist: the file has 1 buffer view\n"
        "a.glb: mesh 0: primitives[0].attributes is missing");
}

// meshopt

/// A triangle whose positions lie in a packed view of buffer 0, the view itself in a buffer without bytes.
GltfMaker packed_by_meshopt() {
  GltfMaker maker;
  const std::vector<float> positions{0, 0, 0, 1, 0, 0, 0, 1, 0};
  std::vector<unsigned char> packed(meshopt_encodeVertexBufferBound(3, 12));
  packed.resize(meshopt_encodeVertexBuffer(packed.data(), packed.size(), positions.data(), 3, 12));
  const std::size_t view = maker.view(packed);
  Json& plain = maker.document["bufferViews"][view];
  plain["extensions"]["EXT_meshopt_compression"] = {
      {"buffer", 0},      {"byteOffset", 0}, {"byteLength", packed.size()},
      {"byteStride", 12}, {"count", 3},      {"mode", "ATTRIBUTES"}};
  plain["buffer"] = 1;
  plain["byteLength"] = 36;
  maker.add("accessors", {{"bufferView", view}, {"componentType", 5126}, {"type", "VEC3"}, {"count", 3}});
  maker.show({{"attributes", {{"POSITION", 0}}}});
  maker.document["extensionsUsed"] = maker.document["extensionsRequired"] = {"EXT_meshopt_compression"};
  return maker;
}

/// With the buffers that GltfMaker does not write itself.
Bytes with_placeholder(const GltfMaker& maker) {
  GltfMaker both = maker;
  const std::string packed = "data:application/octet-stream;base64," + GltfMaker::base64(maker.binary);
  both.document["buffers"] = Json::array(
      {{{"byteLength", maker.binary.size()}, {"uri", packed}},
       {{"byteLength", 36}, {"extensions", {{"EXT_meshopt_compression", {{"fallback", true}}}}}}});
  both.binary.clear();
  const std::string text = both.document.dump();
  const ByteView view = bytes_of_text(text);
  return {view.begin(), view.end()};
}

TEST_CASE("a buffer view packed by meshoptimizer is unpacked", "[scene]") {
  const auto scene = import_gltf(with_placeholder(packed_by_meshopt()), "a.gltf", "", {});
  INFO((scene ? std::string() : scene.error().message));
  REQUIRE(scene.has_value());
  REQUIRE(scene->scene.meshes.size() == 1);
  CHECK(scene->scene.meshes[0].positions.at(1).x == 1.0f);
  CHECK(scene->warnings.empty());
}

TEST_CASE("meshopt data that is wrong is a fault that names its buffer view", "[scene]") {
  const auto refused = [](const char* member, const Json& value) {
    GltfMaker maker = packed_by_meshopt();
    maker.document["bufferViews"][0]["extensions"]["EXT_meshopt_compression"][member] = value;
    const auto scene = import_gltf(with_placeholder(maker), "a.gltf", "", {});
    REQUIRE_FALSE(scene.has_value());
    return scene.error().message;
  };
  CHECK(refused("mode", "LINES") == "a.gltf: buffer view 0: its meshopt data has an unknown mode \"LINES\"");
  CHECK(refused("filter", "SEPIA") ==
        "a.gltf: buffer view 0: its meshopt data has an unknown filter \"SEPIA\"");
  CHECK(refused("byteStride", 14) ==
        "a.gltf: buffer view 0: its meshopt data byteStride of attributes cannot be 14");
  CHECK(refused("count", 2) == "a.gltf: buffer view 0: unpacks to 24 bytes, byteLength says 36");
  CHECK(refused("byteOffset", 4).find("its meshopt data ends at byte") != std::string::npos);
  CHECK(refused("buffer", 3) == "a.gltf: buffer view 0: buffer 3 does not exist: the file has 2 buffers");
}

// Pictures

GltfMaker textured(Json texture, const std::vector<Bytes>& pictures) {
  GltfMaker maker;
  const Json attributes = {{"POSITION", maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})},
                           {"TEXCOORD_0", maker.vec2({0, 0, 1, 0, 0, 1})}};
  maker.show({{"attributes", attributes}, {"material", 0}});
  maker.add("materials",
            {{"name", "wood"}, {"pbrMetallicRoughness", {{"baseColorTexture", {{"index", 0}}}}}});
  maker.add("textures", std::move(texture));
  for (const Bytes& picture : pictures)
    maker.add("images", {{"bufferView", maker.view(numbers_of(picture))}});
  return maker;
}

TEST_CASE("a WebP picture comes before the one for those who cannot read it", "[scene]") {
  const Json webp{{"EXT_texture_webp", {{"source", 1}}}};
  GltfMaker both = textured({{"source", 0}, {"extensions", webp}}, {a_png(1, 2, 3), sample_webp()});
  both.document["extensionsUsed"] = {"EXT_texture_webp"};
  const ImportedScene scene = import_made(both);
  CHECK(scene.scene.images.at(0).rgba8.size() == 16);
  CHECK(scene.warnings.empty());
  GltfMaker alone = textured({{"extensions", {{"EXT_texture_webp", {{"source", 0}}}}}}, {sample_webp()});
  alone.document["extensionsRequired"] = {"EXT_texture_webp"};
  CHECK(import_made(alone).scene.images.at(0).rgba8.at(0) == 255);
}

TEST_CASE("a picture of a format that no library reads is replaced or left out, with a warning", "[scene]") {
  const Json basis{{"KHR_texture_basisu", {{"source", 1}}}};
  GltfMaker both = textured({{"source", 0}, {"extensions", basis}}, {a_png(1, 2, 3), Bytes(40)});
  both.document["extensionsUsed"] = {"KHR_texture_basisu"};
  const ImportedScene replaced = import_made(both);
  CHECK(replaced.scene.images.at(0).rgba8 == std::vector<std::uint8_t>{1, 2, 3, 255});
  CHECK(replaced.warnings ==
        std::vector<std::string>{
            "a.glb: pictures of KHR_texture_basisu cannot be read; convert them to PNG, JPEG or WebP"});
  GltfMaker alone = textured({{"extensions", {{"KHR_texture_basisu", {{"source", 0}}}}}}, {Bytes(40)});
  alone.document["extensionsUsed"] = alone.document["extensionsRequired"] = {"KHR_texture_basisu"};
  const ImportedScene left_out = import_made(alone);
  CHECK(left_out.scene.images.empty());
  CHECK_FALSE(left_out.scene.materials.at(0).base_color_texture.has_value());
  CHECK(left_out.warnings ==
        std::vector<std::string>{
            "a.glb: pictures of KHR_texture_basisu cannot be read; convert them to PNG, JPEG or WebP",
            "a.glb: material \"wood\": baseColorTexture is left out: its picture is of "
            "KHR_texture_basisu, which cannot be read"});
}

}  // namespace
