#include <functional>
#include <limits>
#include <set>

#include "base/file.hpp"
#include "scene/import_gltf.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/scene_samples.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using namespace oct::test;
using Json = GltfMaker::Json;

namespace {

std::string fault_of_bytes(ByteView file) {
  const auto scene = import_gltf(file, "a.glb", "");
  REQUIRE_FALSE(scene.has_value());
  CHECK(scene.error().kind == ErrorKind::invalid_input);
  return scene.error().message;
}

/// What a file with one triangle says after a change to its document.
std::string fault_after(const std::function<void(GltfMaker&)>& change) {
  GltfMaker maker;
  maker.add("materials", {{"name", "paint"}});
  const auto positions = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0});
  const auto indices = maker.indices({0, 1, 2});
  const auto mesh =
      maker.show({{"attributes", {{"POSITION", positions}}}, {"indices", indices}, {"material", 0}});
  maker.document["meshes"][mesh]["name"] = "door";
  change(maker);
  return fault_of_bytes(maker.glb());
}

Json& primitive(GltfMaker& maker) {
  return maker.document["meshes"][0]["primitives"][0];
}

bool is_index(const std::string& name, const std::string& owner, const std::string& owners_owner) {
  static const std::set<std::string> kNames{"buffer",   "bufferView", "camera",  "index", "indices", "light",
                                            "material", "mesh",       "sampler", "scene", "source"};
  const bool in_list = owner == "children" || owner == "nodes";
  return kNames.contains(name) || in_list || owner == "attributes" || owners_owner == "targets";
}

/// Of every number in a glTF document that names an element of an array.
std::vector<Json::json_pointer> places_of_indices(const Json& document) {
  std::vector<Json::json_pointer> places;
  const Json flat = document.flatten();
  for (const auto& [path, value] : flat.items()) {
    Json::json_pointer place(path);
    const auto pop = [](Json::json_pointer& from) {
      const std::string last = from.empty() ? std::string() : from.back();
      from = from.parent_pointer();
      return last;
    };
    Json::json_pointer rest = place;
    const std::string name = pop(rest);
    const std::string owner = pop(rest);
    if (value.is_number_integer() && is_index(name, owner, pop(rest))) places.push_back(place);
  }
  return places;
}

}  // namespace

TEST_CASE("a damaged container is refused", "[scene]") {
  GltfMaker maker;
  maker.show_triangle();
  const Bytes whole = maker.glb();
  CHECK(fault_of_bytes({}) == "a.glb: is empty");
  CHECK(fault_of_bytes(ByteView(whole).first(8)) == "a.glb: is cut off");
  CHECK(fault_of_bytes(ByteView(whole).first(100)) ==
        "a.glb: is cut off: 100 bytes of " + std::to_string(whole.size()) + " are there");
  Bytes changed = whole;
  changed[4] = std::byte{1};
  CHECK(fault_of_bytes(changed) == "a.glb: is binary glTF of version 1, not 2");
  changed = whole;
  changed[12] = changed[13] = changed[14] = std::byte{0xff};
  CHECK(fault_of_bytes(changed).starts_with("a.glb: chunk 0 is cut off: "));
  changed = whole;
  changed[16] = std::byte{0};
  CHECK(fault_of_bytes(changed) == "a.glb: the first chunk is not JSON");
  for (std::size_t size = 0; size < whole.size(); ++size) fault_of_bytes(ByteView(whole).first(size));
}

TEST_CASE("JSON that is none is refused with its place", "[scene]") {
  CHECK(fault_of_bytes(bytes_of_text("{\n  \"asset\": }")) == "a.glb: is not valid JSON (line 2, column 12)");
  CHECK(fault_of_bytes(bytes_of_text("[]")) == "a.glb: is not glTF: its JSON is not an object");
  CHECK(fault_of_bytes(bytes_of_text("{}")) == "a.glb: is not glTF: it has no asset version");
  CHECK(fault_of_bytes(bytes_of_text(R"({"asset":{"version":"1.0"}})")) ==
        "a.glb: is glTF of version 1.0, not 2");
  CHECK(fault_of_bytes(bytes_of_text(R"({"asset":{"version":"2.0"},"x":1e999})")) ==
        "a.glb: its JSON holds a number that is too large");
  CHECK(fault_of_bytes(bytes_of_text(R"({"asset":{"version":"2.0"},"x":)" + std::string(100000, '['))) ==
        "a.glb: its JSON is nested more than 100 deep");
}

TEST_CASE("an index that points nowhere is named with its element", "[scene]") {
  CHECK(fault_after([](GltfMaker& m) { primitive(m)["material"] = 7; }) ==
        "a.glb: mesh \"door\": primitives[0].material 7 does not exist: the file has 1 material");
  CHECK(fault_after([](GltfMaker& m) { primitive(m)["indices"] = -1; }) ==
        "a.glb: mesh \"door\": primitives[0].indices must be an index");
  CHECK(fault_after([](GltfMaker& m) { primitive(m)["attributes"]["POSITION"] = 9; }) ==
        "a.glb: mesh \"door\": primitives[0].POSITION 9 does not exist: the file has 2 accessors");
  CHECK(fault_after([](GltfMaker& m) {
          primitive(m)["targets"] = {{{"POSITION", 0}}, {{"NORMAL", 9}}};
        }) ==
        "a.glb: mesh \"door\": primitives[0].targets[1].NORMAL 9 does not exist: the file has 2 accessors");
  CHECK(fault_after([](GltfMaker& m) { primitive(m)["targets"] = {5}; }) ==
        "a.glb: mesh \"door\": primitives[0].targets[0] must be an object");
  CHECK(fault_after([](GltfMaker& m) { m.document["nodes"][0]["children"] = {4}; }) ==
        "a.glb: node 0: children 4 does not exist: the file has 1 node");
  CHECK(fault_after([](GltfMaker& m) { m.document["scene"] = 0; }) ==
        "a.glb: scene 0 does not exist: the file has 0 scenes");
  CHECK(fault_after([](GltfMaker& m) {
          m.document["nodes"][0]["extensions"]["KHR_lights_punctual"]["light"] = 2;
        }) == "a.glb: node 0: light 2 does not exist: the file has 0 lights");
}

// Walks a file that uses nearly all that points to something else, so that a link that no rule lists shows
// up.
TEST_CASE("no index of a file is followed unchecked", "[scene]") {
  const Bytes sample = sample_gltf();
  const Json good = Json::parse(reinterpret_cast<const char*>(sample.data()),
                                reinterpret_cast<const char*>(sample.data()) + sample.size());
  REQUIRE(import_gltf(sample, "a.gltf", "").has_value());
  const std::vector<Json::json_pointer> places = places_of_indices(good);
  CHECK(places.size() >= 30);
  for (const Json::json_pointer& place : places) {
    INFO(place.to_string());
    for (const std::int64_t nowhere : {std::int64_t{9}, std::int64_t{1'000'000}, std::int64_t{0x7fffffff}}) {
      Json changed = good;
      changed[place] = nowhere;
      const std::string text = changed.dump();
      CHECK(fault_of_bytes(bytes_of_text(text)).find(" does not exist: the file has ") != std::string::npos);
    }
  }
}

TEST_CASE("accessors that reach too far are refused", "[scene]") {
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][0]["count"] = 4; }) ==
        "a.glb: mesh \"door\": POSITION: accessor 0 reaches byte 48 of a buffer view of 36 bytes");
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][0]["count"] = 9007199254740991; }) ==
        "a.glb: mesh \"door\": POSITION: accessor 0 has 9007199254740991 elements, more than 32 bits can "
        "count");
  CHECK(fault_after([](GltfMaker& m) {
          m.document["accessors"][0]["byteOffset"] = 9007199254740991;
        }).find("reaches byte 9007199254741027") != std::string::npos);
  CHECK(fault_after([](GltfMaker& m) { m.document["bufferViews"][1]["byteLength"] = 1000; }) ==
        "a.glb: buffer view 1: ends at byte 1036 of a buffer of 42 bytes");
  CHECK(fault_after([](GltfMaker& m) { m.document["bufferViews"][0]["byteStride"] = 8; }) ==
        "a.glb: mesh \"door\": POSITION: accessor 0 has elements of 12 bytes every 8");
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][0]["type"] = "VEC2"; }) ==
        "a.glb: mesh \"door\": POSITION must have 3 components");
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][0]["count"] = 0; }) ==
        "a.glb: accessor 0: count must be at least 1, got 0");
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][1]["componentType"] = 5126; }) ==
        "a.glb: mesh \"door\": indices: accessor 1 reaches byte 12 of a buffer view of 6 bytes");
}

TEST_CASE("triangles must name vertices that exist", "[scene]") {
  CHECK(fault_after([](GltfMaker& m) { m.document["accessors"][0]["count"] = 2; }) ==
        "a.glb: mesh \"door\": index 2 names a vertex that does not exist: there are 2");
}

TEST_CASE("positions must be finite", "[scene]") {
  GltfMaker maker;
  const float wrong =
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  maker.show({{"attributes", {{"POSITION", maker.vec3({0, 0, 0, 1, wrong, 0, 0, 1, 0})}}}});
  CHECK(fault_of_bytes(maker.glb()) == "a.glb: mesh 0: the position of vertex 1 is not a finite number");
}

TEST_CASE("what lies too far away is refused", "[scene]") {
  GltfMaker maker;
  maker.show_triangle({{"name", "moon"}, {"scale", {1e20, 1e20, 1e20}}});
  CHECK(fault_of_bytes(maker.glb()) == "a.glb: node \"moon\": reaches farther than 1e+15 m from the origin");
}

TEST_CASE("a hierarchy must be a tree", "[scene]") {
  CHECK(fault_after([](GltfMaker& m) {
          m.add("nodes", {{"name", "left"}, {"children", {0}}});
          m.add("nodes", {{"children", {0}}});
        }) == "a.glb: node 0: is a child of node 1 and of node 2");
  CHECK(fault_after([](GltfMaker& m) {
          m.document["nodes"][0]["children"] = {1};
          m.add("nodes", {{"name", "loop"}, {"children", {0}}});
        }) == "a.glb: node 0: is its own ancestor\na.glb: node \"loop\": is its own ancestor");
  CHECK(fault_after([](GltfMaker& m) { m.document["nodes"][0]["children"] = {0}; }) ==
        "a.glb: node 0: is its own ancestor");
  CHECK(fault_after([](GltfMaker& m) {
          m.document["scenes"] = {{{"nodes", {0, 0}}}};
        }) == "a.glb: node 0: is in the scene twice");
  CHECK(fault_after([](GltfMaker& m) {
          m.document["nodes"][0]["matrix"] = {1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
        }) == "a.glb: node 0: matrix must end with the row 0 0 0 1");
}

TEST_CASE("a mesh cannot unfold to far more than its file", "[scene]") {
  GltfMaker maker;
  // positions of a thousand million vertices that take no bytes
  const auto zeros =
      maker.add("accessors", {{"componentType", 5126}, {"type", "VEC3"}, {"count", 4000000000}});
  maker.show({{"attributes", {{"POSITION", zeros}}}});
  CHECK(fault_of_bytes(maker.glb()) ==
        "a.glb: mesh 0: the file's meshes unfold to more than 16777216 corners");
}

TEST_CASE("every fault is listed, at most twenty", "[scene]") {
  CHECK(fault_after([](GltfMaker& m) {
          primitive(m)["material"] = 3;
          m.document["nodes"][0]["mesh"] = 8;
          m.document["materials"][0]["doubleSided"] = 1;
        }) ==
        "a.glb: material \"paint\": doubleSided must be true or false, got a number\n"
        "a.glb: mesh \"door\": primitives[0].material 3 does not exist: the file has 1 material\n"
        "a.glb: node 0: mesh 8 does not exist: the file has 1 mesh");
  const std::string many = fault_after([](GltfMaker& m) {
    for (int i = 0; i < 30; ++i) m.add("nodes", {{"mesh", 100 + i}});
  });
  CHECK(std::count(many.begin(), many.end(), '\n') == 19);
}

TEST_CASE("what a file calls itself cannot write to the terminal", "[scene]") {
  const std::string message = fault_after([](GltfMaker& m) {
    m.document["meshes"][0]["name"] = "\x1b[2Jdoor\n";
    primitive(m)["material"] = 3;
  });
  CHECK(message.starts_with("a.glb: mesh \"?[2Jdoor?\": "));
}

TEST_CASE("buffers that are missing or too short are named", "[scene]") {
  const auto with_buffer = [](Json buffer) {
    GltfMaker maker;
    maker.show_triangle();
    maker.document["buffers"] = Json::array({std::move(buffer)});
    const auto scene = import_gltf(bytes_of_text(maker.document.dump()), "a.gltf", "no/such");
    REQUIRE_FALSE(scene.has_value());
    return scene.error().message;
  };
  CHECK(with_buffer({{"byteLength", 36}}) ==
        "a.gltf: buffer 0: has no uri, and there is no binary chunk for it");
  CHECK(with_buffer({{"byteLength", 36}, {"uri", "a.bin"}}) ==
        "a.gltf: buffer 0 \"a.bin\": file not found (looked in no/such)");
  CHECK(with_buffer({{"byteLength", 36}, {"uri", "data:;base64,AAAA"}}) ==
        "a.gltf: buffer 0: has 3 bytes, byteLength says 36");
  CHECK(with_buffer({{"byteLength", 36}, {"uri", "data:;base64,A*AA"}}) ==
        "a.gltf: buffer 0: its data is not base64");
  CHECK(with_buffer({{"byteLength", 36}, {"uri", "http://host/a.bin"}}) ==
        "a.gltf: buffer 0 \"http://host/a.bin\": http: addresses are not followed, only files beside the "
        "scene are read");
}

TEST_CASE("a file that is not there, of a wrong kind, or a folder is refused", "[scene]") {
  const TempDir folder;
  const auto fault_of = [](const std::string& path) {
    const auto scene = import_scene(path);
    REQUIRE_FALSE(scene.has_value());
    return scene.error().message;
  };
  CHECK(fault_of("no/such/shot.glb") == "shot.glb: file not found (looked in no/such)");
  CHECK(fault_of("shot.fbx") == "shot.fbx: files of this kind are not supported; .gltf, .glb and .obj are");
  REQUIRE(write_file_by_renaming(folder.file("empty.glb"), {}).has_value());
  CHECK(fault_of(folder.file("empty.glb")) == "empty.glb: is empty");
  std::filesystem::create_directory(folder.path() / "folder.gltf");
  CHECK(fault_of(folder.file("folder.gltf")) == "folder.gltf: is not a file");
  Scene scene;
  const auto environment = import_environment(folder.file("empty.glb"), scene);
  REQUIRE_FALSE(environment.has_value());
  CHECK(environment.error().message == "empty.glb: is empty");
  CHECK_FALSE(scene.environment.has_value());
}

TEST_CASE("broken files say what is wrong with them", "[scene]") {
  struct Sample {
    const char* file;
    const char* message;
  };
  const Sample sample = GENERATE(
      Sample{"cut_off.glb", "cut_off.glb: is cut off: 316 bytes of 336 are there"},
      Sample{"cut_off.hdr", "cut_off.hdr: is cut off or damaged"},
      Sample{"index_out_of_range.gltf",
             "index_out_of_range.gltf: mesh 0: index 2 names a vertex that does not exist: there are 3"},
      Sample{"missing_vertex.obj",
             "missing_vertex.obj: has no faces\n"
             "missing_vertex.obj: line 4: a corner names a vertex that does not exist; its face is left out"},
      Sample{"nan_position.glb", "nan_position.glb: mesh 0: the position of vertex 1 is not a finite number"},
      Sample{"nan_vertex.obj",
             "nan_vertex.obj: has no faces\n"
             "nan_vertex.obj: line 2: a vertex is not three finite numbers; faces that use it are left out"},
      Sample{"needs_extension.gltf",
             "needs_extension.gltf: needs extension EXT_lights_ies, which is not supported"},
      Sample{"no_json.gltf", "no_json.gltf: is not valid JSON (line 2, column 1)"});
  const std::string path = std::string("tests/samples/broken/") + sample.file;
  std::string message;
  if (path.ends_with(".hdr")) {
    Scene scene;
    const auto environment = import_environment(path, scene);
    REQUIRE_FALSE(environment.has_value());
    message = environment.error().message;
  } else {
    const auto scene = import_scene(path);
    REQUIRE_FALSE(scene.has_value());
    message = scene.error().message;
  }
  CHECK(message == sample.message);
}

TEST_CASE("pictures that are missing or empty are left out of a file that is whole otherwise", "[scene]") {
  const auto scene = import_scene("tests/samples/broken/missing_and_empty_texture.gltf");
  REQUIRE(scene.has_value());
  CHECK(
      scene->warnings ==
      std::vector<std::string>{
          "missing_and_empty_texture.gltf: image 1 \"empty.png\": is empty; it is left out",
          "missing_and_empty_texture.gltf: image 0 \"no_such_picture.png\": "
          "file not found (looked in tests/samples/broken, tests/samples/broken/textures); it is left out"});
}
