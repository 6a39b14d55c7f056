#include "base/file.hpp"
#include "math/transform.hpp"
#include "support/picture_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/posed.hpp"

using namespace oct;
using namespace oct::test;

using Lines = std::vector<std::string>;

namespace {

std::string fault_of(const GltfMaker& maker) {
  const auto scene = import_gltf(maker.glb(), "a.glb", "");
  REQUIRE_FALSE(scene.has_value());
  return scene.error().message;
}

GltfMaker with_light(const GltfMaker::Json& light) {
  GltfMaker maker;
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = GltfMaker::Json::array({light});
  maker.add("nodes", {{"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  return maker;
}

/// A triangle whose material has a picture of that name.
GltfMaker with_picture(const std::string& uri) {
  GltfMaker maker;
  const std::size_t position = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0});
  const std::size_t uv = maker.vec2({0, 0, 1, 0, 0, 1});
  maker.show({{"attributes", {{"POSITION", position}, {"TEXCOORD_0", uv}}}, {"material", 0}});
  maker.add("images", {{"uri", uri}});
  maker.add("textures", {{"source", 0}});
  maker.add("materials", {{"pbrMetallicRoughness",
                           {{"baseColorFactor", {0.5, 0.25, 1, 1}}, {"baseColorTexture", {{"index", 0}}}}},
                          {"emissiveFactor", {1, 1, 1}},
                          {"emissiveTexture", {{"index", 0}}}});
  return maker;
}

}  // namespace

TEST_CASE("a picture of glTF that is missing leaves its factor alone", "[scene]") {
  const GltfMaker maker = with_picture("no.png");
  const ImportedScene imported = import_made(maker);
  const SceneMaterial& material = imported.scene.materials.at(0);
  CHECK_FALSE(material.base_color_texture.has_value());
  CHECK(is(material.base_color, 0.5f, 0.25f, 1));
  CHECK(is(material.emission, 0, 0, 0));
  CHECK(imported.scene.images.empty());
  CHECK(imported.warnings ==
        Lines{"a.glb: image 0 \"no.png\": file not found (looked in ., textures); it is left out"});
  ImportOptions strict;
  strict.strict = true;
  const auto refused = import_gltf(maker.glb(), "a.glb", "", strict);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "a.glb: image 0 \"no.png\": file not found (looked in ., textures)");
}

TEST_CASE("data of an address may be broken into lines", "[scene]") {
  const std::string data = GltfMaker::base64(a_png(1, 2, 3));
  const std::string address = "data:image/png;base64,";
  const ImportedScene whole = import_made(with_picture(
      address + data.substr(0, 7) + "\n" + data.substr(7, 40) + "\r\n " + data.substr(47) + "\n"));
  CHECK(whole.warnings.empty());
  CHECK(whole.scene.images.at(0).rgba8[0] == 1);
  const ImportedScene cut = import_made(with_picture(address + "AAAA\nA"));
  CHECK(cut.warnings == Lines{"a.glb: image 0: its base64 data is cut off; it is left out"});
}

TEST_CASE("a picture that is refused leaves its factor alone, and says how to allow it", "[scene]") {
  TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("elsewhere/of/a.png"), a_png(1, 2, 3)));
  const auto scene =
      import_gltf(with_picture(folder.file("elsewhere/of/a.png")).glb(), "a.glb", folder.file("scene"));
  REQUIRE(scene);
  REQUIRE(scene->warnings.size() == 1);
  CHECK(scene->warnings[0].find("is named by its absolute path") != std::string::npos);
  CHECK(scene->warnings[0].find("--allow-external-files") != std::string::npos);
}

TEST_CASE("properties that are null count as left out", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"name", "m"}, {"pbrMetallicRoughness", {{"metallicFactor", nullptr}}}});
  maker.document["meshes"][0]["primitives"][0]["material"] = 0;
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.materials.at(0).metallic == 1.0f);
  CHECK(
      imported.warnings ==
      Lines{"a.glb: material \"m\": pbrMetallicRoughness.metallicFactor is null, which counts as left out"});
}

TEST_CASE("an index of -1 counts as left out", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.document["meshes"][0]["primitives"][0]["material"] = -1;
  maker.document["nodes"][0]["skin"] = -1;
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.instances.size() == 1);
  CHECK(imported.warnings == Lines{"a.glb: mesh 0: primitives.material is -1, which counts as left out",
                                   "a.glb: node 0: skin is -1, which counts as left out"});
}

TEST_CASE("numbers a hair out of range are shown as they are", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"pbrMetallicRoughness", {{"baseColorFactor", {1.0000001, -1e-9, 1, 1}}}}});
  maker.document["meshes"][0]["primitives"][0]["material"] = 0;
  const ImportedScene imported = import_made(maker);
  CHECK(is(imported.scene.materials.at(0).base_color, 1, 0, 1));
  CHECK(imported.warnings ==
        Lines{"a.glb: material 0: baseColorFactor must be at most 1, got 1.0000001; it becomes 1",
              "a.glb: material 0: baseColorFactor must be at least 0, got -1e-09; it becomes 0"});
}

TEST_CASE("an index a hair below 1 is 1", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"extensions", {{"KHR_materials_ior", {{"ior", 0.9999999}}}}}});
  maker.document["meshes"][0]["primitives"][0]["material"] = 0;
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.materials.at(0).ior == 1.0f);
  CHECK(imported.warnings == Lines{"a.glb: material 0: ior must be at least 1, got 0.9999999; it becomes 1"});
}

TEST_CASE("a spot may have a hard edge", "[scene]") {
  const auto spot = [](double inner, double outer) {
    return import_made(
        with_light({{"type", "spot"}, {"spot", {{"innerConeAngle", inner}, {"outerConeAngle", outer}}}}));
  };
  const ImportedScene hard = spot(0.5, 0.5);
  CHECK(hard.scene.lights.at(0).inner_cone_degrees == hard.scene.lights[0].outer_cone_degrees);
  CHECK(hard.warnings.empty());
  CHECK(spot(0.7, 0.5).scene.lights.at(0).inner_cone_degrees == Approx(28.6479));
  CHECK(
      spot(0.7, 0.5).warnings ==
      Lines{
          "a.glb: light 0: cone angles must be 0 <= inner <= outer <= pi/2, got 0.7 and 0.5; they are cut"});
  CHECK(spot(0, 2).scene.lights.at(0).outer_cone_degrees == Approx(90));
  CHECK(spot(-1e-7, 0.5).scene.lights.at(0).inner_cone_degrees == 0.0f);
  CHECK(spot(0, 0).scene.lights.at(0).outer_cone_degrees == 0.0f);
  CHECK(spot(0, 0).warnings ==
        Lines{"a.glb: light 0: its cone has no width: it lights nothing unless an animation opens it"});
}

TEST_CASE("light below 0 is none", "[scene]") {
  const ImportedScene imported =
      import_made(with_light({{"type", "point"}, {"intensity", -5}, {"color", {1, -1, 0.5}}}));
  CHECK(imported.scene.lights.at(0).strength == 0.0f);
  CHECK(is(imported.scene.lights[0].intensity, 1, 0, 0.5f));
  CHECK(imported.warnings == Lines{"a.glb: light 0: intensity must be at least 0, got -5; it becomes 0",
                                   "a.glb: light 0: color must be at least 0, got -1; it becomes 0"});
}

TEST_CASE("a null in a light names the light", "[scene]") {
  CHECK(import_made(with_light({{"type", "point"}, {"intensity", nullptr}})).warnings ==
        Lines{"a.glb: light 0: intensity is null, which counts as left out"});
}

TEST_CASE("cameras need no planes, which cut nothing off", "[scene]") {
  GltfMaker maker;
  maker.add("cameras", {{"type", "perspective"}, {"perspective", {{"yfov", 0.5}}}});
  maker.add("cameras", {{"type", "orthographic"}, {"orthographic", {{"xmag", 2}, {"ymag", 1}}}});
  maker.add("nodes", {{"camera", 0}});
  maker.add("nodes", {{"camera", 1}});
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.cameras.size() == 2);
  CHECK(imported.warnings.empty());
}

TEST_CASE("a rotation of zeros is none, and a matrix may be rounded", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.document["nodes"][0]["rotation"] = {0, 0, 0, 0};
  maker.add("nodes", {{"matrix", {1, 0, 0, 1e-8, 0, 1, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0.99999994}}});
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.nodes.at(0).rotation == std::array<double, 4>{0, 0, 0, 1});
  CHECK(imported.scene.nodes.at(1).matrix.value().m[15] == 1);
  CHECK(imported.scene.nodes[1].matrix->m[3] == 0);
  CHECK(imported.warnings == Lines{"a.glb: node 0: rotation is all zeros, which is none; it is left out"});
}

TEST_CASE("an alpha mode in small letters counts", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"alphaMode", "mask"}});
  maker.document["meshes"][0]["primitives"][0]["material"] = 0;
  const ImportedScene imported = import_made(maker);
  CHECK(imported.scene.materials.at(0).alpha_mode == AlphaMode::mask);
  CHECK(imported.warnings ==
        Lines{"a.glb: material 0: alphaMode is written in small letters; it counts as MASK"});
}

TEST_CASE("a lamp that shines to all sides needs no direction, and others take one from two axes",
          "[scene]") {
  GltfMaker maker = with_light({{"type", "point"}});
  maker.document["extensions"]["KHR_lights_punctual"]["lights"].push_back({{"type", "directional"}});
  maker.document["nodes"][0]["scale"] = {0, 0, 0};
  maker.document["nodes"][0]["translation"] = {1, 2, 3};
  maker.add("nodes", {{"scale", {1, 1, 0}}, {"extensions", {{"KHR_lights_punctual", {{"light", 1}}}}}});
  maker.add("nodes", {{"scale", {0, 1, 0}}, {"extensions", {{"KHR_lights_punctual", {{"light", 1}}}}}});
  const ImportedScene imported = import_made(maker);
  const PosedScene posed = pose(imported.scene, {});
  REQUIRE(posed.lights.size() == 2);
  CHECK(is(posed.lights[0].position, 1, 2, 3));
  CHECK(is(posed.lights[1].direction, 0, 0, -1));
}

TEST_CASE("what describes a kind of light or camera is missed by name", "[scene]") {
  CHECK(fault_of(with_light({{"name", "key"}, {"type", "spot"}})) ==
        "a.glb: light \"key\": is of type spot, but the member spot, which describes it, is missing");
  GltfMaker camera;
  camera.add("cameras", {{"type", "perspective"}});
  CHECK(
      fault_of(camera) ==
      "a.glb: camera 0: is of type perspective, but the member perspective, which describes it, is missing");
}

TEST_CASE("wrong types are told with what is there", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  maker.add("materials", {{"alphaCutoff", "half"}, {"doubleSided", 1}, {"name", GltfMaker::Json::array()}});
  CHECK(fault_of(maker) ==
        "a.glb: material 0: name must be a text, got an array\n"
        "a.glb: material 0: alphaCutoff must be a number, got a text\n"
        "a.glb: material 0: doubleSided must be true or false, got a number");
}

TEST_CASE("an empty scene is one, with a warning about its buffer", "[scene]") {
  GltfMaker maker;
  maker.add("nodes", {{"translation", {0, 0, 3}}});
  maker.document["buffers"] =
      GltfMaker::Json::array({{{"byteLength", 0}, {"uri", "data:application/octet-stream;base64,"}}});
  const auto scene = import_gltf(bytes_of_text(maker.document.dump()), "a.gltf", "");
  REQUIRE(scene);
  CHECK(scene->scene.instances.empty());
  CHECK(scene->warnings == Lines{"a.gltf: buffer 0: is empty (byteLength 0)"});
}

TEST_CASE("nodes that are not visible hide what hangs on them", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"name", "shown"}});
  maker.show_triangle({{"name", "below"}});
  maker.add("nodes", {{"children", {1}}, {"extensions", {{"KHR_node_visibility", {{"visible", false}}}}}});
  maker.document["extensionsUsed"] = {"KHR_node_visibility"};
  const Moments hidden(maker);
  const PosedScene posed = hidden.at(0);
  REQUIRE(posed.instances.size() == 1);
  CHECK(posed.instances[0].name == "shown");
  CHECK(hidden.warnings().empty());
  maker.document["nodes"][2]["extensions"]["KHR_node_visibility"]["visible"] = true;
  CHECK(Moments(maker).at(0).instances.size() == 2);
}

TEST_CASE("a node without extent in one direction shows its mesh flat", "[scene]") {
  GltfMaker maker;
  maker.show({{"attributes",
               {{"POSITION", maker.vec3({0, 0, 5, 1, 0, -5, 0, 1, 7})},
                {"NORMAL", maker.vec3({1, 0, 0, 1, 0, 0, 1, 0, 0})}}}},
             {{"scale", {2, 1, 0}}, {"translation", {0, 0, 3}}});
  const Moments flat(maker);
  const PosedScene posed = flat.at(0);
  REQUIRE(posed.instances.size() == 1);
  const SceneMesh& mesh = posed.meshes[posed.instances[0].mesh];
  const auto corner = [&](std::size_t i) {
    return transform_point(posed.instances[0].world_from_object, mesh.positions.at(i));
  };
  CHECK(is(corner(0), 0, 0, 3));
  CHECK(is(corner(1), 2, 0, 3));
  CHECK(flat.warnings().empty());
  CHECK(posed.warnings.empty());
  maker.document["nodes"][0]["scale"] = {0, 1, 0};
  const Moments line(maker);
  CHECK(line.at(0).instances.empty());
  CHECK(line.at(0).warnings == Lines{"instance \"node 0\" is scaled to a line or a point and is not shown"});
}

TEST_CASE("a surveyed scene is counted from its middle, cameras and lights too", "[scene]") {
  GltfMaker maker = with_light({{"type", "point"}});
  maker.document["nodes"][0]["translation"] = {450001.5, 4500000, 12};
  SECTION("by its nodes") {
    maker.show_triangle({{"translation", {450000.125, 4500000.25, 10}}});
    maker.show_triangle({{"translation", {450002.125, 4500002.25, 10}}});
    const Moments moments(maker);
    const PosedScene posed = moments.at(0);
    CHECK(moments.scene().origin == std::array<double, 3>{450002, 4500002, 10});
    CHECK(posed.instances.at(0).world_from_object.m[3] == -1.875f);
    CHECK(posed.instances[0].world_from_object.m[7] == -1.75f);
    CHECK(posed.instances[1].world_from_object.m[3] == 0.125f);
    CHECK(is(posed.lights.at(0).position, -0.5f, -2, 2));
    CHECK(moments.warnings() ==
          Lines{"a.glb: lies far from its origin, so 450002 4500002 10 is subtracted from its coordinates"});
  }
  SECTION("by its vertices") {
    maker.show({{"attributes",
                 {{"POSITION", maker.vec3({450000, 4500000, 0, 450010, 4500000, 0, 450000, 4500010, 0})}}}});
    const Moments moments(maker);
    const PosedScene posed = moments.at(0);
    CHECK(moments.scene().origin == std::array<double, 3>{450005, 4500005, 0});
    CHECK(is(moments.scene().meshes.at(0).positions[0], -5, -5, 0));
    for (const int i : {3, 7, 11}) CHECK(posed.instances.at(0).world_from_object.m[i] == 0.0f);
  }
  SECTION("but not where a node brings them back") {
    maker.document["nodes"][0].erase("translation");
    maker.show({{"attributes",
                 {{"POSITION", maker.vec3({450000, 4500000, 0, 450010, 4500000, 0, 450000, 4500010, 0})}}}},
               {{"translation", {-450000.25, -4500000, 0}}});
    const Moments moments(maker);
    const PosedScene posed = moments.at(0);
    CHECK(moments.scene().origin == std::array<double, 3>{0, 0, 0});
    CHECK(posed.instances.at(0).world_from_object.m[3] == 4.75f);  // the mesh's own middle
    CHECK(moments.warnings().empty());
  }
}

TEST_CASE("what downloads leave under the name of a scene is named", "[scene]") {
  const auto fault = [](const std::string& text) {
    return import_gltf(bytes_of_text(text), "a.gltf", "").error().message;
  };
  CHECK(fault("<!DOCTYPE html>") ==
        "a.gltf: is not glTF but a web page, or another kind of XML: download the file itself");
  CHECK(fault("version https://git-lfs.github.com/spec/v1\n") ==
        "a.gltf: is not glTF but a pointer of Git LFS: git lfs pull gets the file");
  CHECK(fault("PK\x03\x04zip") == "a.gltf: is not glTF but a ZIP archive: unpack it");
  CHECK(fault("{,}").starts_with("a.gltf: is not valid JSON (line 1"));
}
