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
    text = "mtllib a.mtl\n" + kCorners + "vt 0 0\nusemtl m\nf 1/1 2/1 3/1\n";
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
  CHECK(text_fault(kCorners + "f 1 2 9\n") ==
        "a.obj: has no faces\n"
        "a.obj: line 5: a corner names a vertex that does not exist; its face is left out");
  CHECK(text_fault(kCorners + "f a b c\n") == "a.obj: line 5: a corner of a face is not an index");
  CHECK(text_fault(kCorners) == "a.obj: has no faces");
  CHECK(text_fault("f 99999999999999999999 1 2\n") ==
        "a.obj: line 1: a corner of a face is not an index, got \"99999999999999999999\"");
  CHECK(text_fault("v 1e20 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\n") ==
        "a.obj: mesh \"mesh\": reaches farther than 1e+15 m from the origin");
}

TEST_CASE("what is not shown is said once", "[scene]") {
  CHECK(import_text(kCorners + "l 1 2\nl 2 3\np 1\nf 1 2\nf 1 2 3\ncurv 1\n").warnings ==
        std::vector<std::string>{"a.obj: lines are not shown (2 times)", "a.obj: points are not shown",
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

TEST_CASE("illum 4, 6 and 7 are glass where something says so", "[scene]") {
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

TEST_CASE("Pm 1 is a metal that reflects a coloured Ks, else Kd, Pr its roughness", "[scene]") {
  const SceneMaterial tinted = WithMaterial("Kd 0.1 0.1 0.1\nKs 1 0.8 0.3\nPm 1\nPr 0.25\n").material();
  CHECK(is(tinted.base_color, 1, 0.8f, 0.3f));
  const SceneMaterial metal = WithMaterial("Kd 0.9 0.6 0.2\nKs 0.5 0.5 0.5\nPm 1\nPr 0.2\n").material();
  CHECK(metal.metallic == 1.0f);
  CHECK(metal.roughness == 0.2f);
  CHECK(is(metal.base_color, 0.9f, 0.6f, 0.2f));
  CHECK(is(WithMaterial("Kd 0 0 0\nKs 0.5 0.5 0.5\nPm 1\n").material().base_color, 0.5f, 0.5f, 0.5f));
  const SceneMaterial pictured = WithMaterial("Kd 1 1 1\nKs 0.5 0.5 0.5\nPm 1\nmap_Kd p.png\n").material();
  CHECK(is(pictured.base_color, 1, 1, 1));
}

TEST_CASE("colours above 1 are named and become 1, emission excepted", "[scene]") {
  const ImportedScene imported = WithMaterial("Kd 200 30 0.5\nKe 5 5 5\n").imported();
  CHECK(is(imported.scene.materials.at(0).base_color, 1, 1, 0.5f));
  CHECK(is(imported.scene.materials.at(0).emission, 5, 5, 5));
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: material \"m\": Kd must be at most 1, got 200 30 0.5; what is above becomes 1"});
}

TEST_CASE("Ks is a gloss over Kd, by Pr or by Ns", "[scene]") {
  const SceneMaterial by_roughness = WithMaterial("Kd 1 0 0\nKs 0.5 0.5 0.5\nPr 0.3\nNi 1.4\n").material();
  CHECK(by_roughness.specular == 1.0f);
  CHECK(is(by_roughness.specular_color, 0.5f, 0.5f, 0.5f));
  CHECK(by_roughness.roughness == 0.3f);
  CHECK(by_roughness.ior == 1.4f);
  CHECK(WithMaterial("Kd 1 0 0\nKs 0.5 0.5 0.5\nNs 30\n").material().roughness == 0.5f);
}

TEST_CASE("clear coat, sheen and anisotropy arrive", "[scene]") {
  const SceneMaterial material =
      WithMaterial("Kd 1 0 0\nKs 0.5 0.5 0.5\nPr 0.5\nPs 0.25\nPc 0.75\nPcr 0.125\naniso 0.5\nanisor 0.25\n")
          .material();
  CHECK(material.clearcoat.factor == 0.75f);
  CHECK(material.clearcoat.roughness == 0.125f);
  CHECK(is(material.sheen.color, 0.25f, 0.25f, 0.25f));
  CHECK(material.sheen.roughness == 0.5f);
  CHECK(material.anisotropy.strength == 0.5f);
  CHECK(material.anisotropy.rotation == Approx(3.14159265 / 2));
  const SceneMaterial plain = WithMaterial("Kd 1 0 0\nPs 0\nPc 0\nPcr 0.03\naniso 0\nanisor 0\n").material();
  CHECK(plain.clearcoat.factor == 0);
  CHECK(is(plain.sheen.color, 0, 0, 0));
  CHECK(plain.anisotropy.strength == 0);
}

TEST_CASE("pictures of clear coat stand for numbers that are not given", "[scene]") {
  const ImportedScene imported = WithMaterial("Kd 1 0 0\nmap_Pc p.png\nPcr 0.5\nmap_Pcr p.png\n").imported();
  const SceneClearcoat& coat = imported.scene.materials.at(0).clearcoat;
  CHECK(coat.factor == 1);
  CHECK(coat.roughness == 0.5f);
  CHECK(coat.texture.has_value());
  CHECK(coat.roughness_texture.has_value());
  CHECK(imported.warnings == std::vector<std::string>{});
}

TEST_CASE("a picture of sheen is one of numbers, and becomes one of colours", "[scene]") {
  WithMaterial made("Kd 1 1 1\nmap_Ps s.png\nnewmtl other\nPs 0.5\nmap_Ps s.png\n");
  made.text += "usemtl other\nf 1 3 4\n";
  REQUIRE(
      write_file_by_renaming(made.folder.file("s.png"), make_png(3, 1, 8, 0, {{0, 55, 255}})).has_value());
  const Scene scene = made.imported().scene;
  REQUIRE(scene.materials.size() == 2);
  CHECK(is(scene.materials[0].sheen.color, 1, 1, 1));
  CHECK(is(scene.materials[1].sheen.color, 0.5f, 0.5f, 0.5f));
  REQUIRE(scene.images.size() == 1);  // the same for both
  REQUIRE(scene.materials[1].sheen.color_texture.has_value());
  // 55 / 255 is 0.2157 linear, 0.502 in sRGB
  CHECK(scene.images[0].rgba8 ==
        std::vector<std::uint8_t>{0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255});
}

TEST_CASE("numbers of layers out of range are mended, and what is not a number is ignored", "[scene]") {
  const ImportedScene imported = WithMaterial("Pc 2\nPcr -1\nPs x\naniso 7\nanisor -0.5\n").imported();
  const SceneMaterial& material = imported.scene.materials.at(0);
  CHECK(material.clearcoat.factor == 1);
  CHECK(material.clearcoat.roughness == 0);
  CHECK(is(material.sheen.color, 0, 0, 0));
  CHECK(material.anisotropy.strength == 1);
  CHECK(material.anisotropy.rotation == Approx(-3.14159265));
  CHECK(imported.warnings ==
        std::vector<std::string>{"a.mtl: line 4: Ps must be a number; it is ignored",
                                 "a.obj: material \"m\": Pc must be 0 to 1, got 2; it becomes 1",
                                 "a.obj: material \"m\": Pcr must be 0 to 1, got -1; it becomes 0",
                                 "a.obj: material \"m\": aniso must be 0 to 1, got 7; it becomes 1"});
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
  CHECK(imported.warnings == std::vector<std::string>{});
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

TEST_CASE("an opacity picture counts without one of the colour, and beside an opacity of 0", "[scene]") {
  for (const char* line : {"", "d 0\n", "Tr 1\n"}) {
    WithMaterial made(std::string("Kd 0 1 0\nmap_d o.png\n") + line);
    REQUIRE(write_file_by_renaming(made.folder.file("o.png"), make_png(2, 1, 8, 0, {{0, 128}})).has_value());
    const ImportedScene imported = made.imported();
    CHECK(imported.warnings.empty());
    const SceneMaterial& material = imported.scene.materials.at(0);
    CHECK(material.alpha_mode == AlphaMode::blend);
    CHECK(material.alpha == 1.0f);
    CHECK(is(material.base_color, 0, 1, 0));
    CHECK(imported.scene.images.at(material.base_color_texture->image).rgba8 ==
          std::vector<std::uint8_t>{255, 255, 255, 0, 255, 255, 255, 128});
  }
}

TEST_CASE("wrong values of a library are named with their place", "[scene]") {
  const auto warning = [](const std::string& mtl) {
    const auto warnings = WithMaterial(mtl).imported().warnings;
    REQUIRE(warnings.size() == 1);
    return warnings[0];
  };
  CHECK(warning("Kd 1 0.5\n") ==
        "a.mtl: line 2: Kd must be three numbers, got \"1 0.5\"; the last one counts twice");
  CHECK(warning("Ni x\n") == "a.mtl: line 2: Ni must be a number; it is ignored");
  CHECK(warning("illum 2.5\n") == "a.mtl: line 2: illum must be a whole number, got \"2.5\"; it is ignored");
  CHECK(warning("Kd -1 0 0\n") == "a.obj: material \"m\": Kd must not be negative; what is becomes 0");
  CHECK(warning("Pr 2\n") == "a.obj: material \"m\": Pr must be 0 to 1, got 2; it becomes 1");
  CHECK(warning("d 1.0000001\n") == "a.obj: material \"m\": d must be 0 to 1, got 1.0000001; it becomes 1");
  const std::string missing = warning("map_Kd no.png\n");
  CHECK(missing.starts_with("a.obj: image \"no.png\": file not found (looked in "));
  CHECK(missing.ends_with("; it is left out"));
}

TEST_CASE("what is wrong with a library is an error when strict", "[scene]") {
  for (const char* mtl : {"Kd 1 1\n", "Ni x\n", "Pr 2\n", "map_Kd no.png\n"}) {
    WithMaterial made(mtl);
    ImportOptions strict;
    strict.strict = true;
    const auto scene = import_obj(bytes_of_text(made.text), "a.obj", made.folder.path().string(), strict);
    INFO(mtl);
    REQUIRE_FALSE(scene.has_value());
    CHECK(scene.error().kind == ErrorKind::invalid_input);
  }
}

TEST_CASE("a model that refracts is opaque where its writer gives it to everything", "[scene]") {
  const auto transmission = [](const std::string& mtl) { return WithMaterial(mtl).material().transmission; };
  CHECK(transmission("illum 4\nKd 1 0 0\nTf 1 1 1\nNi 1\n") == 0.0f);  // as Maya writes all of them
  CHECK(transmission("illum 4\nKd 1 1 1\nTf 1 1 1\nmap_Kd p.png\nNi 1.00\n") == 0.0f);
  CHECK(transmission("illum 7\nNi 1.5\nTf 1 1 1\n") == 1.0f);
  CHECK(transmission("illum 6\nTf 0.5 0.5 0.5\nNi 1\n") == 1.0f);
  CHECK(transmission("illum 4\nd 0.5\n") == 1.0f);
  CHECK(transmission("illum 7\n") == 1.0f);
  CHECK(is(WithMaterial("illum 4\nKd 1 0 0\nTf 1 1 1\nNi 1\n").material().base_color, 1, 0, 0));
  CHECK(is(WithMaterial("illum 4\nTf 1 0.5 0.5\nNi 1.5\n").material().base_color, 1, 0.5f, 0.5f));
  CHECK(WithMaterial("illum 4\nTf 0.5 0.5 0.5\nNi 1\n").material().ior == 1.0f);
}

TEST_CASE("a refracting model whose index says air blends", "[scene]") {
  const SceneMaterial half = WithMaterial("illum 4\nKd 1 0 0\nTf 1 1 1\nNi 1\nd 0.5\n").material();
  CHECK(half.transmission == 0.0f);
  CHECK(half.alpha == 0.5f);
  CHECK(is(half.base_color, 1, 0, 0));
  const ImportedScene none = WithMaterial("illum 4\nKd 1 0 0\nTf 1 1 1\nNi 1\nd 0\n").imported();
  CHECK(none.scene.materials.at(0).alpha == 1.0f);
  CHECK(none.warnings.size() == 1);
}

TEST_CASE("a grey Tf of Maya's is the opacity of a coloured surface", "[scene]") {
  const SceneMaterial pane = WithMaterial("illum 4\nKd 1 0 0\nTf 0.25 0.25 0.25\nNi 1.00\n").material();
  CHECK(pane.transmission == 0.0f);
  CHECK(pane.alpha == 0.25f);
  CHECK(pane.alpha_mode == AlphaMode::blend);
  CHECK(is(pane.base_color, 1, 0, 0));
  CHECK(WithMaterial("illum 4\nKd 1 0 0\nTf 1 0.5 0.5\nNi 1.00\n").material().transmission == 1.0f);
  CHECK(WithMaterial("illum 4\nKd 1 0 0\nTf 0.5 0.5 0.5\nNi 1.5\n").material().transmission == 1.0f);
  CHECK(WithMaterial("illum 4\nKd 1 0 0\nTf 1 1 1\nNi 1\n").material().alpha_mode == AlphaMode::opaque);
}

TEST_CASE("keywords of a library count in any case, and by their other names", "[scene]") {
  CHECK(is(WithMaterial("kd 1 0 0\n").material().base_color, 1, 0, 0));
  CHECK(WithMaterial("map_kd p.png\n").material().base_color_texture.has_value());
  CHECK(WithMaterial("MAP_KD p.png\n").material().base_color_texture.has_value());
  CHECK(WithMaterial("map_Kn p.png\n").material().normal_texture.has_value());
  CHECK(WithMaterial("map_emissive p.png\n").material().emission_texture.has_value());
  CHECK(WithMaterial("pr 0.25\nKs 1 1 1\n").material().roughness == 0.25f);
}

TEST_CASE("pictures of a library that nothing here can use are named", "[scene]") {
  CHECK(WithMaterial("map_Tint p.png\n").imported().warnings ==
        std::vector<std::string>{"a.mtl: material \"m\": map_Tint is ignored"});
  CHECK(WithMaterial("map_Ka p.png\nmap_aat on\nmap_refl\nKm 1\n").imported().warnings.empty());
}

TEST_CASE("a refracting model with a picture keeps picture and opacity", "[scene]") {
  const SceneMaterial material =
      WithMaterial("Kd 1 1 1\nKs 0.5 0.5 0.5\nNi 1.45\nd 0.5\nillum 6\nmap_Kd p.png\n").material();
  CHECK(material.base_color_texture.has_value());
  CHECK(material.transmission == 0.0f);
  CHECK(material.alpha == 0.5f);
}

TEST_CASE("a black Kd beside a picture is the picture alone, another one multiplies it", "[scene]") {
  CHECK(is(WithMaterial("Kd 0 0 0\nmap_Kd p.png\n").material().base_color, 1, 1, 1));
  CHECK(is(WithMaterial("illum 5\nKs 1 1 1\nKd 0 0 0\nmap_Kd p.png\n").material().base_color, 1, 1, 1));
  CHECK(is(WithMaterial("Kd 0.8 0.8 0.8\nmap_Kd p.png\n").material().base_color, 0.8f, 0.8f, 0.8f));
  CHECK(is(WithMaterial("Kd 0 0 0\n").material().base_color, 0, 0, 0));
}

TEST_CASE("a file of which all would be invisible is opaque", "[scene]") {
  for (const char* line : {"Tr 1\n", "d 0\n"}) {
    const ImportedScene imported = WithMaterial(std::string("Kd 1 1 1\n") + line).imported();
    CHECK(imported.scene.materials.at(0).alpha == 1.0f);
    CHECK(imported.scene.materials.at(0).alpha_mode == AlphaMode::opaque);
    CHECK(imported.warnings ==
          std::vector<std::string>{
              "a.obj: material \"m\": d 0 or Tr 1 would make it invisible, and everything else "
              "in the file; it is taken for opaque"});
  }
}

TEST_CASE("one material of several may be invisible, and is named", "[scene]") {
  WithMaterial made("Kd 1 1 1\nnewmtl gone\nd 0\n");
  made.text += "usemtl gone\nf 2 3 4\n";
  const ImportedScene imported = made.imported();
  CHECK(imported.scene.materials.at(1).alpha == 0.0f);
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: material \"gone\": is wholly transparent (d 0, or Tr 1) and not seen"});
}

TEST_CASE("illum may be written as 2.0", "[scene]") {
  CHECK(WithMaterial("Kd 0.01 0.01 0.01\nKs 1 1 1\nillum 3.0\n").material().metallic == 1.0f);
}

TEST_CASE("a bump map that holds normals is a normal map", "[scene]") {
  const char* keyword = GENERATE("map_Bump", "map_bump", "bump");
  const auto made = [&](ByteView picture) {
    WithMaterial with(std::string("Kd 1 1 1\n") + keyword + " -bm 0.5 n.png\n");
    REQUIRE(write_file_by_renaming(with.folder.file("n.png"), picture).has_value());
    return with.imported();
  };
  const ImportedScene normals = made(make_png(2, 1, 8, 2, {{128, 128, 255, 150, 110, 250}}));
  CHECK(normals.scene.materials.at(0).normal_texture.has_value());
  CHECK(normals.scene.materials.at(0).normal_scale == 0.5f);
  CHECK(normals.warnings.empty());
  for (const std::uint8_t height : {0, 128, 190, 255}) {
    const ImportedScene heights = made(make_png(2, 1, 8, 0, {{height, height}}));
    CHECK_FALSE(heights.scene.materials.at(0).normal_texture.has_value());
    CHECK(heights.scene.images.empty());
    CHECK(heights.warnings == std::vector<std::string>{std::string("a.obj: material \"m\": ") + keyword +
                                                       " is a height map, which is ignored"});
  }
}

TEST_CASE("what Blender calls a bump map is its normal map, unless it is grey", "[scene]") {
  const auto made = [&](const char* multiplier, ByteView picture) {
    WithMaterial with(std::string("Kd 1 1 1\nmap_Bump -bm ") + multiplier + " n.png\n");
    REQUIRE(write_file_by_renaming(with.folder.file("n.png"), picture).has_value());
    return with.imported().scene.materials.at(0).normal_texture.has_value();
  };
  const Bytes colors = make_png(2, 1, 8, 2, {{255, 0, 0, 0, 255, 0}});
  CHECK(made("1.000000", colors));
  CHECK_FALSE(made("1", colors));
  CHECK_FALSE(made("1.000000", make_png(2, 1, 8, 0, {{100, 200}})));
}

TEST_CASE("a picture that cannot be used leaves its factor alone", "[scene]") {
  WithMaterial made(
      "Kd 0.5 0.5 0.5\nKs 1 1 1\nmap_Kd bad.png\nmap_Pr no.png\nPr 0.25\nmap_d none.png\nKe 1 1 1\nmap_Ke "
      "no.png\n");
  REQUIRE(write_file_by_renaming(made.folder.file("bad.png"), bytes_of_text("not a picture")).has_value());
  const ImportedScene imported = made.imported();
  const SceneMaterial& material = imported.scene.materials.at(0);
  CHECK(is(material.base_color, 0.5f, 0.5f, 0.5f));
  CHECK_FALSE(material.base_color_texture.has_value());
  CHECK_FALSE(material.metallic_roughness_texture.has_value());
  CHECK(material.roughness == 0.25f);
  CHECK(is(material.emission, 0, 0, 0));  // without its picture all of it would glow
  CHECK(imported.scene.images.empty());
  CHECK(imported.warnings.size() == 3);
}

TEST_CASE("corners may lack texture coordinates and normals that they name", "[scene]") {
  const std::string attributes = kCorners + "vt 0.5 0.5\nvn 0 0 1\n";
  const ImportedScene normals = import_text(attributes + "f 1/1/0 2/1/7 3/1/-9\n");
  CHECK(normals.scene.meshes.at(0).normals.empty());
  CHECK(normals.scene.meshes.at(0).uvs[0].size() == 3);
  CHECK(normals.warnings ==
        std::vector<std::string>{"a.obj: line 7: a corner names a normal that does not exist; it is "
                                 "taken from the face (3 times)"});
  const ImportedScene uvs = import_text(attributes + "f 1/0/1 2/2/1 3/1/1\n");
  REQUIRE(uvs.scene.meshes.at(0).uvs[0].size() == 3);
  CHECK(uvs.scene.meshes[0].uvs[0][0].x == 0.0f);
  CHECK(uvs.scene.meshes[0].uvs[0][0].y == 1.0f);  // the file's 0, counted from the top
  CHECK(uvs.scene.meshes[0].uvs[0][2].x == 0.5f);
  CHECK(uvs.scene.meshes[0].normals.size() == 3);
  CHECK(uvs.warnings.size() == 1);
}

TEST_CASE("numbers of vertices that are none are mended where they stand", "[scene]") {
  const ImportedScene imported = import_text(
      kCorners +
      "v 0 0 nan\nvt nan nan\nvt 1 1\nvn nan nan nan\nvn 0 1\nf 1/1/1 2/2/1 3/2/2\nf 1 2 5\nf 2 3 9\n");
  REQUIRE(imported.scene.meshes.size() == 1);
  const SceneMesh& mesh = imported.scene.meshes[0];
  CHECK(mesh.triangles.size() == 1);
  CHECK(mesh.uvs[0][0].x == 0.0f);
  for (const Vec3 normal : mesh.normals) CHECK(is(normal, 0, 0, 1));
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: line 5: a vertex is not three finite numbers; faces that use it are left out",
            "a.obj: line 6: a texture coordinate is not finite numbers; it becomes 0",
            "a.obj: line 8: a normal is not three finite numbers; it is taken from the faces",
            "a.obj: line 9: a normal is not three finite numbers; it is taken from the faces",
            "a.obj: line 12: a corner names a vertex that does not exist; its face is left out",
            "a.obj: mesh \"mesh\": has normals without a direction; they are taken from its triangles"});
  ImportOptions strict;
  strict.strict = true;
  CHECK_FALSE(import_obj(bytes_of_text(kCorners + "vn nan 0 0\nf 1 2 3\n"), "a.obj", "", strict).has_value());
}

TEST_CASE("coordinates of a survey are counted from its middle", "[scene]") {
  const ImportedScene imported = import_text(
      "v 450000.25 12 4500000.5\nv 450010.25 12 4500000.5\nv 450000.25 22.125 4500000.75\nf 1 2 3\n");
  const Scene& scene = imported.scene;
  CHECK(scene.origin == std::array<double, 3>{450000, 12, 4500001});
  CHECK(is(scene.meshes.at(0).positions[0], 0.25f, 0, -0.5f));
  CHECK(is(scene.meshes[0].positions[2], 0.25f, 10.125f, -0.25f));
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: lies far from its origin, so 450000 12 4500001 is subtracted from its coordinates"});
}

TEST_CASE("a marker at 0 does not keep a survey from its middle", "[scene]") {
  const ImportedScene imported = import_text(
      "v 0 0 0\nv 450000.25 12 4500000.5\nv 450010.25 12 4500000.5\nv 450000.25 22.125 4500000.75\nf 2 3 "
      "4\n");
  CHECK(imported.scene.origin == std::array<double, 3>{450000, 12, 4500001});
  CHECK(is(imported.scene.meshes.at(0).positions[0], 0.25f, 0, -0.5f));
}

TEST_CASE("a large model around its origin keeps its coordinates", "[scene]") {
  const ImportedScene imported = import_text("v -20000 0 0\nv 20000.5 0 0\nv 0 20000 0\nf 1 2 3\n");
  CHECK(imported.scene.origin == std::array<double, 3>{0, 0, 0});
  CHECK(is(imported.scene.meshes.at(0).positions[1], 20000.5f, 0, 0));
  CHECK(imported.warnings.empty());
}

TEST_CASE("a wrong colour of a vertex costs the colour alone", "[scene]") {
  const ImportedScene imported = import_text("v 0 0 0 1 0 0\nv 1 0 0 nan nan nan\nv 1 1 0 0 1 0\nf 1 2 3\n");
  const SceneMesh& mesh = imported.scene.meshes.at(0);
  CHECK(is(mesh.positions.at(1), 1, 0, 0));
  CHECK(mesh.colors.at(1).y == 1.0f);
  CHECK(mesh.colors.at(2).x == 0.0f);
  CHECK(imported.warnings ==
        std::vector<std::string>{"a.obj: line 2: a vertex colour is not finite numbers; it becomes white"});
}

TEST_CASE("corners whose texture coordinate or normal is not an index lack it", "[scene]") {
  const ImportedScene imported = import_text(
      kCorners + "vt 0.5 0.5\nvn 0 0 1\nf 1.0/1.0/1 2/nan/1 3/18446744073709551615/1\nf 1//1 3//nan 4//1\n");
  REQUIRE(imported.scene.meshes.size() == 2);
  const SceneMesh& mesh = imported.scene.meshes[0];
  CHECK(mesh.uvs[0].at(0).x == 0.5f);
  CHECK(mesh.uvs[0].at(1).x == 0.0f);
  CHECK(mesh.uvs[0].at(2).y == 1.0f);
  CHECK(imported.scene.meshes[1].normals.empty());
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: line 7: a corner names a texture coordinate that does not exist; it becomes 0 (2 times)",
            "a.obj: line 8: a corner names a normal that does not exist; it is taken from the face"});
}

TEST_CASE("decimal commas are named", "[scene]") {
  CHECK(text_fault("v 0,5 0,5 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n") ==
        "a.obj: has no faces\na.obj: line 1: a vertex is not three finite numbers, whose decimal sign is a "
        "point; faces that use it are left out");
}

TEST_CASE("lines may end as on old Macintosh computers", "[scene]") {
  const ImportedScene imported = import_text("v 0 0 0\rv 1 0 0\rv 1 1 0\rf 1 2 3\r");
  CHECK(imported.scene.meshes.at(0).triangles.size() == 1);
  CHECK(text_fault("v 0 0 0\rf 1 1 a\r") == "a.obj: line 2: a corner of a face is not an index");
}

TEST_CASE("zero beside a picture is the picture alone", "[scene]") {
  CHECK(is(WithMaterial("Ke 0 0 0\nmap_Ke p.png\n").material().emission, 1, 1, 1));
  CHECK(is(WithMaterial("Ke 2 1 0\nmap_Ke p.png\n").material().emission, 2, 1, 0));
  const SceneMaterial gloss = WithMaterial("Ks 0 0 0\nmap_Ks p.png\n").material();
  CHECK(is(gloss.specular_color, 1, 1, 1));
  CHECK(gloss.specular_color_texture.has_value());
  const SceneMaterial metal = WithMaterial("Pm 0\nmap_Pm p.png\nPr 0\nmap_Pr p.png\n").material();
  CHECK(metal.metallic == 1.0f);
  CHECK(metal.roughness == 1.0f);
  CHECK(WithMaterial("Pc 0\nmap_Pc p.png\n").material().clearcoat.factor == 1.0f);
  CHECK(WithMaterial("Pc 0.5\nmap_Pc p.png\n").material().clearcoat.factor == 0.5f);
  CHECK(WithMaterial("Pc 0\n").material().clearcoat.factor == 0.0f);
}

TEST_CASE("map_norm is a normal map, too", "[scene]") {
  CHECK(WithMaterial("MAP_NORM p.png\n").material().normal_texture.has_value());
}

TEST_CASE("options may follow the name of a picture", "[scene]") {
  const SceneMaterial material =
      WithMaterial("map_Kd p.png -s 2 3 -clamp on\nnorm p.png -bm 0.5\n").material();
  CHECK(material.base_color_texture.value().scale == std::array<float, 2>{2, 3});
  CHECK(material.base_color_texture->wrap_s == Wrap::clamp_to_edge);
  CHECK(material.normal_scale == 0.5f);
  WithMaterial named("map_Kd p -s.png\n");
  REQUIRE(write_file_by_renaming(named.folder.file("p -s.png"), a_png(1, 2, 3)).has_value());
  CHECK(named.imported().warnings.empty());
}

TEST_CASE("materials are found by another spelling of their name", "[scene]") {
  WithMaterial made("Kd 1 0 0\n");
  made.text = "mtllib a.mtl\n" + kCorners + "usemtl M\nf 1 2 3\n";
  const ImportedScene imported = made.imported();
  CHECK(is(imported.scene.materials.at(0).base_color, 1, 0, 0));
  CHECK(imported.warnings ==
        std::vector<std::string>{
            "a.obj: material \"M\": is taken for \"m\", whose name is written differently"});
  made.text = "mtllib a.mtl\n" + kCorners + "usemtl \"m\"\nf 1 2 3\n";
  CHECK(made.imported().warnings.empty());
}
