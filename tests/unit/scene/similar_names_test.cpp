#include "scene/similar_names.hpp"

#include "base/file.hpp"
#include "scene/scene_files.hpp"
#include "support/catch.hpp"
#include "support/picture_files.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr const char* kComposed = "caf\xc3\xa9.png";
constexpr const char* kDecomposed = "cafe\xcc\x81.png";

}  // namespace

TEST_CASE("file names that differ in case fold alike", "[scene]") {
  CHECK(folded_file_name("Wood.PNG") == folded_file_name("wOOD.png"));
  CHECK(folded_file_name("wood.png") != folded_file_name("wood1.png"));
  CHECK(folded_file_name("\xff\xfe"
                         "A") == folded_file_name("\xff\xfe"
                                                  "a"));                        // is not UTF-8
  CHECK(folded_file_name("\xc3\x84.png") == folded_file_name("\xc3\xa4.png"));  // Ä and ä
  CHECK(folded_file_name(kComposed) == folded_file_name(kDecomposed));
}

TEST_CASE("a picture is found under another spelling of its name, with a warning", "[scene]") {
  TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("scene/Textures/Wood.PNG"), a_png(1, 2, 3)));
  REQUIRE(write_file_by_renaming(folder.file("scene/exact.png"), a_png(1, 2, 3)));
  REQUIRE(write_file_by_renaming(folder.file("scene") + "/" + kDecomposed, a_png(1, 2, 3)));
  const std::string scene = folder.file("scene");
  SceneFiles files(scene, {});
  CHECK(files.picture("exact.png", scene)->note.empty());
#if !defined(_WIN32)  // where the system itself does not mind
  const auto wood = files.picture("textures\\wood.png", scene);
  REQUIRE(wood);
  CHECK(wood->note == "is taken from " + scene + "/Textures/Wood.PNG, whose name is written differently");
  CHECK(files.picture("../SCENE/exact.PNG", scene));
#endif
  CHECK(files.picture(kComposed, scene));
  CHECK_FALSE(files.picture("textures/stone.png", scene));
}

TEST_CASE("a relative name's last part is looked for beside scene and library, and in their textures",
          "[scene]") {
  TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("scene/a.png"), a_png(1, 2, 3)));
  REQUIRE(write_file_by_renaming(folder.file("mat/b.png"), a_png(1, 2, 3)));
  REQUIRE(write_file_by_renaming(folder.file("mat/textures/c.png"), a_png(1, 2, 3)));
  const std::string scene = folder.file("scene");
  const std::string mat = folder.file("mat");
  SceneFiles files(scene, {});
  for (const char* name : {"maps/wood/a.png", "maps/wood/b.png", "c.png"}) {
    INFO(name);
    const auto picture = files.picture(name, mat);
    REQUIRE(picture);
    CHECK(picture->note.starts_with("is taken from "));
  }
  CHECK(files.picture("maps/d.png", mat).error().message ==
        "file not found (looked in " + mat + "/maps, " + scene + "/maps, " + mat + ", " + scene + ", " + mat +
            "/textures, " + scene + "/textures)");
}

#if !defined(_WIN32)
TEST_CASE("another spelling leads nowhere that the name itself may not", "[scene]") {
  TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("top/Secret/Picture.png"), a_png(1, 2, 3)));
  REQUIRE(write_file_by_renaming(folder.file("top/project/scene/a.png"), a_png(1, 2, 3)));
  const std::string scene = folder.file("top/project/scene");
  std::filesystem::create_symlink(folder.file("top/Secret"), scene + "/Link");
  SceneFiles files(scene, {});
  const auto refused = files.picture("link/picture.png", scene);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().help == kAllowExternalFiles);
  CHECK_FALSE(files.buffer("../../secret/picture.png", 10));
}
#endif
