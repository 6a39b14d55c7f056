#include <algorithm>
#include <clocale>

#include "base/file.hpp"
#include "scene/import_obj.hpp"
#include "scene/obj_text.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/scene/imported.hpp"

using namespace oct;
using namespace oct::test;

namespace {

ImportedScene import_text(const std::string& text, const std::string& folder = "") {
  Result<ImportedScene> scene = import_obj(bytes_of_text(text), "a.obj", folder);
  INFO((scene ? std::string() : scene.error().message));
  REQUIRE(scene.has_value());
  return *std::move(scene);
}

std::string text_fault(const std::string& text) {
  const auto scene = import_obj(bytes_of_text(text), "a.obj", "");
  REQUIRE_FALSE(scene.has_value());
  CHECK(scene.error().kind == ErrorKind::invalid_input);
  return scene.error().message;
}

const std::string kCorners = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";

/// The material that a library gives a triangle.
struct WithMaterial {
  explicit WithMaterial(const std::string& mtl) {
    REQUIRE(write_file_by_renaming(folder.file("a.mtl"), bytes_of_text("newmtl m\n" + mtl)).has_value());
    REQUIRE(write_file_by_renaming(folder.file("p.png"), a_png(1, 2, 3)).has_value());
    text = "mtllib a.mtl\n" + kCorners + "usemtl m\nf 1 2 3\n";
  }
  SceneMaterial material() { return import_text(text, folder.path().string()).scene.materials.at(0); }
  ImportedScene imported() { return import_text(text, folder.path().string()); }
  std::string fault() {
    const auto scene = import_obj(bytes_of_text(text), "a.obj", folder.path().string());
    REQUIRE_FALSE(scene.has_value());
    return scene.error().message;
  }
  TempDir folder;
  std::string text;
};

}  // namespace

TEST_CASE("faces count from 1, and negative indices from the end so far", "[scene]") {
  const Scene scene = import_text("v 9 9 9\n" + kCorners + "f -4 -3 -2\nv 2 2 2\nf 2 3 4\n").scene;
  REQUIRE(scene.meshes.size() == 1);
  const SceneMesh& mesh = scene.meshes[0];
  CHECK(mesh.positions.size() == 3);    // both faces have the same corners
  REQUIRE(mesh.triangles.size() == 2);  // and both stay
  CHECK(std::equal(mesh.triangles[0].v, mesh.triangles[0].v + 3, mesh.triangles[1].v));
  CHECK(is(mesh.positions[1], 1, 0, 0));
}

TEST_CASE("polygons become triangles, in quads and beyond", "[scene]") {
  CHECK(import_text(kCorners + "f 1 2 3 4\n").scene.meshes.at(0).triangles.size() == 2);
  CHECK(import_text(kCorners + "v -1 0.5 0\nf 1 2 3 4 5\n").scene.meshes.at(0).triangles.size() == 3);
}

TEST_CASE("texture coordinates are turned upside down, normals kept, missing ones left out", "[scene]") {
  const Scene scene =
      import_text(
          kCorners +
          "vt 0.25 0.75\nvt 1\nvn 0 0 2\nf 1/1/1 2/2/1 3/1/1\nf 1//1 2//1 3//1\nf 1/1 2/1 3/1\nf 1 2 3\n")
          .scene;
  REQUIRE(scene.meshes.size() == 4);
  CHECK(scene.meshes[0].uvs[0][0].x == 0.25f);
  CHECK(scene.meshes[0].uvs[0][0].y == 0.25f);
  CHECK(scene.meshes[0].uvs[0][1].y == 1.0f);
  CHECK(is(scene.meshes[0].normals[0], 0, 0, 1));
  CHECK(scene.meshes[1].uvs[0].empty());
  CHECK(scene.meshes[1].normals.size() == 3);
  CHECK(scene.meshes[2].normals.empty());
  CHECK(scene.meshes[2].uvs[0].size() == 3);
  CHECK(scene.meshes[3].normals.empty());
}

TEST_CASE("groups and materials make meshes", "[scene]") {
  const ImportedScene imported = import_text(
      kCorners +
      "g left\nusemtl red\nf 1 2 3\nusemtl blue\nf 1 2 3\nusemtl red\nf 2 3 4\no right\nf 1 2 4\n");
  const Scene& scene = imported.scene;
  REQUIRE(scene.meshes.size() == 3);
  CHECK(scene.meshes[0].name == "left");
  CHECK(scene.meshes[0].triangles.size() == 2);
  CHECK(scene.meshes[2].name == "right");
  CHECK(scene.materials.at(scene.instances[1].material).name == "blue");
  CHECK(scene.instances[0].material == scene.instances[2].material);
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: material \"red\": is in no material library; a grey one takes its place",
            "a.obj: material \"blue\": is in no material library; a grey one takes its place"});
}

TEST_CASE("vertices may carry a weight and colours", "[scene]") {
  const Scene scene = import_text("v 0 0 0 1 0.5 0.25\nv 1 0 0 1 1\nv 0 1 0\nf 1 2 3\n").scene;
  const SceneMesh& mesh = scene.meshes.at(0);
  REQUIRE(mesh.colors.size() == 3);
  CHECK(mesh.colors[0].y == 0.5f);
  CHECK(mesh.colors[2].x == 1.0f);
}

TEST_CASE("lines may end in any way, be continued and commented", "[scene]") {
  const Scene scene =
      import_text("\xef\xbb\xbf# head\r\nv 0 0 0\r\nv +1 0 \\\r\n 0 # here\r\n\r\n\tv 0 1e0 0\r\nf 1 2 3")
          .scene;
  CHECK(is(scene.meshes.at(0).positions[1], 1, 0, 0));
}

TEST_CASE("numbers are read alike under every locale", "[scene]") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, locale) != nullptr) break;
  }
  CHECK(float_of("1.5") == 1.5f);
  CHECK(float_of("-2.5e-3") == -0.0025f);
  CHECK(float_of("+.5") == 0.5f);
  CHECK(float_of("1e-300") == 0.0f);
  std::setlocale(LC_ALL, before.c_str());
  CHECK_FALSE(float_of("1e39").has_value());
  CHECK_FALSE(float_of("nan").has_value());
  CHECK_FALSE(float_of("inf").has_value());
  CHECK_FALSE(float_of("1,5").has_value());
  CHECK_FALSE(float_of("").has_value());
  CHECK_FALSE(float_of("+-1").has_value());
}

TEST_CASE("a wrong line is named by its number", "[scene]") {
  CHECK(text_fault("v 0 0 nan\n") == "a.obj: line 1: a vertex must be 3 finite numbers, got \"0 0 nan\"");
  CHECK(text_fault("\nv 0 0\n") == "a.obj: line 2: a vertex must be 3 finite numbers, got \"0 0\"");
  CHECK(text_fault("v 0 0 1e50\n") == "a.obj: line 1: a vertex must be 3 finite numbers, got \"0 0 1e50\"");
  CHECK(text_fault(kCorners + "f 1 2 9\n") == "a.obj: line 5: vertex 9 does not exist: the file has 4");
  CHECK(text_fault(kCorners + "f 1 2 0\n") == "a.obj: line 5: vertex 0 does not exist: the file has 4");
  CHECK(text_fault(kCorners + "f -5 2 3\n") == "a.obj: line 5: vertex -5 does not exist: the file has 4");
  CHECK(text_fault(kCorners + "f 1/1 2 3\n") ==
        "a.obj: line 5: texture coordinate 1 does not exist: the file has 0");
  CHECK(text_fault(kCorners + "f a b c\n") == "a.obj: line 5: a corner of a face is not an index");
  CHECK(text_fault(kCorners) == "a.obj: has no faces");
  CHECK(text_fault("f 99999999999999999999 1 2\n") ==
        "a.obj: line 1: a corner of a face is not an index, got \"99999999999999999999\"");
  CHECK(text_fault("v 1e20 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\n") ==
        "a.obj: mesh \"mesh\": reaches farther than 1e+15 m from the origin");
}

TEST_CASE("what is not shown is said once", "[scene]") {
  CHECK(import_text(kCorners + "l 1 2\nl 2 3\np 1\nf 1 2\nf 1 2 3\ncurv 1\n").warnings ==
        std::vector<std::string>{"a.obj: lines are not shown", "a.obj: points are not shown",
                                 "a.obj: faces with fewer than three corners are left out",
                                 "a.obj: \"curv\" lines are ignored"});
}

TEST_CASE("a missing material library is a warning", "[scene]") {
  CHECK(import_text("mtllib no.mtl\n" + kCorners + "f 1 2 3\n").warnings ==
        std::vector<std::string>{"a.obj: material library \"no.mtl\": file not found (looked in .)"});
}

TEST_CASE("Kd alone is Lambert, seen from both sides", "[scene]") {
  const SceneMaterial material =
      WithMaterial("Kd 0.5 0.25 1\nKs 0 0 0\nNs 10\nNi 1\nv .1 0 0\nillum 2\n").material();
  CHECK(material.name == "m");
  CHECK(is(material.base_color, 0.5f, 0.25f, 1));
  CHECK(material.specular == 0.0f);
  CHECK(material.metallic == 0.0f);
  CHECK(material.roughness == 1.0f);
  CHECK(material.ior == 1.5f);
  CHECK(material.double_sided);
}

TEST_CASE("Ke is emitted to the front", "[scene]") {
  const SceneMaterial material = WithMaterial("Ke 17 12 4\n").material();
  CHECK(is(material.emission, 17, 12, 4));
  CHECK(material.emits_front_only);
}

TEST_CASE("illum 4, 6 and 7 are glass", "[scene]") {
  const int model = GENERATE(4, 6, 7);
  const SceneMaterial material =
      WithMaterial("Kd 0.01 0.01 0.01\nKs 0.3 0.3 0.3\nNi 1.33\nillum " + std::to_string(model) + "\n")
          .material();
  CHECK(material.transmission == 1.0f);
  CHECK_FALSE(material.thin_walled);
  CHECK(material.ior == 1.33f);
  CHECK(material.roughness == 0.0f);
  CHECK(is(material.base_color, 1, 1, 1));
}

TEST_CASE("Pm 1 is a metal that reflects Ks, Pr its roughness", "[scene]") {
  const SceneMaterial material = WithMaterial("Kd 0.1 0.1 0.1\nKs 1 0.8 0.3\nPm 1\nPr 0.25\n").material();
  CHECK(material.metallic == 1.0f);
  CHECK(is(material.base_color, 1, 0.8f, 0.3f));
  CHECK(material.roughness == 0.25f);
}

TEST_CASE("Ks is a gloss over Kd, by Pr or by Ns", "[scene]") {
  const SceneMaterial by_roughness = WithMaterial("Kd 1 0 0\nKs 0.5 0.5 0.5\nPr 0.3\nNi 1.4\n").material();
  CHECK(by_roughness.specular == 1.0f);
  CHECK(is(by_roughness.specular_color, 0.5f, 0.5f, 0.5f));
  CHECK(by_roughness.roughness == 0.3f);
  CHECK(by_roughness.ior == 1.4f);
  CHECK(WithMaterial("Kd 1 0 0\nKs 0.5 0.5 0.5\nNs 30\n").material().roughness == 0.5f);
}

TEST_CASE("opacity blends", "[scene]") {
  const SceneMaterial by_d = WithMaterial("Kd 1 1 1\nd 0.25\nTr 0.1\n").material();
  CHECK(by_d.alpha == 0.25f);
  CHECK(by_d.alpha_mode == AlphaMode::blend);
  CHECK(WithMaterial("Kd 1 1 1\nTr 0.25\n").material().alpha == 0.75f);
  CHECK(WithMaterial("Kd 1 1 1\nd 1\n").material().alpha_mode == AlphaMode::opaque);
}

TEST_CASE("pictures arrive with their options", "[scene]") {
  const ImportedScene imported =
      WithMaterial("Kd 1 1 1\nmap_Kd -clamp on -s 2 3 1 -o 0.5 0.25 p.png\nnorm -bm 0.5 p.png\nbump p.png\n")
          .imported();
  const SceneMaterial& material = imported.scene.materials.at(0);
  REQUIRE(material.base_color_texture.has_value());
  CHECK(material.base_color_texture->scale == std::array<float, 2>{2, 3});
  // v of the file runs upwards: 1 - 3 (1 - v) - 0.25
  CHECK(material.base_color_texture->offset == std::array<float, 2>{0.5f, -2.25f});
  CHECK(material.base_color_texture->wrap_s == Wrap::clamp_to_edge);
  CHECK(material.normal_scale == 0.5f);
  REQUIRE(imported.scene.images.size() == 1);
  CHECK(imported.scene.images[0].rgba8 == std::vector<std::uint8_t>{1, 2, 3, 255});
  CHECK(imported.warnings == std::vector<std::string>{"a.mtl: material \"m\": bump is ignored"});
}

TEST_CASE("roughness and metalness pictures are put together", "[scene]") {
  WithMaterial made("Kd 1 1 1\nKs 1 1 1\nmap_Pr r.png\nmap_Pm m.png\n");
  REQUIRE(write_file_by_renaming(made.folder.file("r.png"), make_png(2, 1, 8, 0, {{10, 20}})).has_value());
  REQUIRE(write_file_by_renaming(made.folder.file("m.png"), make_png(2, 1, 8, 0, {{200, 250}})).has_value());
  const Scene scene = made.imported().scene;
  const SceneMaterial& material = scene.materials.at(0);
  REQUIRE(material.metallic_roughness_texture.has_value());
  CHECK(material.roughness == 1.0f);
  CHECK(material.metallic == 1.0f);
  const SceneImage& image = scene.images.at(material.metallic_roughness_texture->image);
  CHECK(image.rgba8 == std::vector<std::uint8_t>{255, 10, 200, 255, 255, 20, 250, 255});
}

TEST_CASE("an opacity picture becomes the alpha of the colour", "[scene]") {
  WithMaterial made("Kd 1 1 1\nmap_Kd c.png\nmap_d o.png\n");
  REQUIRE(write_file_by_renaming(made.folder.file("c.png"), make_png(2, 1, 8, 2, {{1, 2, 3, 4, 5, 6}}))
              .has_value());
  REQUIRE(write_file_by_renaming(made.folder.file("o.png"), make_png(2, 1, 8, 0, {{0, 128}})).has_value());
  const Scene scene = made.imported().scene;
  const SceneMaterial& material = scene.materials.at(0);
  CHECK(material.alpha_mode == AlphaMode::blend);
  const SceneImage& image = scene.images.at(material.base_color_texture->image);
  CHECK(image.rgba8 == std::vector<std::uint8_t>{1, 2, 3, 0, 4, 5, 6, 128});
}

TEST_CASE("wrong values of a library are named with their place", "[scene]") {
  CHECK(WithMaterial("Kd 1 1\n").fault() == "a.mtl: line 2: Kd must be three numbers, got \"1 1\"");
  CHECK(WithMaterial("Ni x\n").fault() == "a.mtl: line 2: Ni must be a number");
  CHECK(WithMaterial("Kd -1 0 0\n").fault() == "a.obj: material \"m\": Kd must not be negative");
  CHECK(WithMaterial("Pr 2\n").fault() == "a.obj: material \"m\": Pr must be 0 to 1, got 2");
  const std::string missing = WithMaterial("map_Kd no.png\n").fault();
  CHECK(missing.starts_with("a.obj: image \"no.png\": file not found (looked in "));
}
