#include "scene/scene_files.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "scene/import_gltf.hpp"
#include "scene/import_log.hpp"
#include "scene/import_obj.hpp"
#include "scene/obj_material.hpp"
#include "support/catch.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace oct;
using namespace oct::test;

namespace fs = std::filesystem;

namespace {

constexpr const char* kSecret = "root:$6$s3cret:19000:0:99999:7:::\n";

/// top/project/scene is the scene's folder; beside it lie other folders of the project, above the rest of a
/// disk.
struct Disk {
  Disk() {
    put("top/project/scene/here.png", a_png(1, 2, 3));
    put("top/project/scene/here.bin", bytes_of_text("0123456789"));
    put("top/project/scene/sub/below.bin", bytes_of_text("below"));
    put("top/project/buffers/beside.bin", bytes_of_text("beside"));
    put("top/secret.bin", bytes_of_text(kSecret));
    put("top/library/wood.png", a_png(4, 5, 6));
    scene = folder.file("top/project/scene");
  }
  void put(const std::string& name, ByteView bytes) {
    REQUIRE(write_file_by_renaming(folder.file(name), bytes));
  }
  void link(const std::string& to, const std::string& name) {
    fs::create_symlink(to, path_from_utf8(folder.file(name)));
  }
  SceneFiles files(bool allow = false) const { return SceneFiles(scene, {allow}); }

  TempDir folder;
  std::string scene;
};

std::string text_of(const Result<SceneFiles::Content>& content) {
  INFO((content ? std::string() : content.error().message));
  REQUIRE(content);
  return {reinterpret_cast<const char*>(content->bytes.data()), content->bytes.size()};
}

struct Refusal {
  std::string message;
  bool has_help;
};
Refusal refusal(const Result<SceneFiles::Content>& content) {
  REQUIRE_FALSE(content);
  return {content.error().message, content.error().help == kAllowExternalFiles};
}

constexpr std::uint64_t kMuch = 1'000'000;

}  // namespace

TEST_CASE("buffers and libraries lie in the scene's folder, below it or beside it", "[scene]") {
  const Disk disk;
  SceneFiles files = disk.files();
  CHECK(text_of(files.buffer("here.bin", kMuch)) == "0123456789");
  CHECK(text_of(files.buffer("sub/below.bin", kMuch)) == "below");
  CHECK(text_of(files.buffer("../buffers/beside.bin", kMuch)) == "beside");
  CHECK(text_of(files.library("..\\buffers\\beside.bin")) == "beside");
  for (const auto& content : {files.buffer("../../secret.bin", kMuch), files.library("../../secret.bin"),
                              files.buffer("sub/../../../secret.bin", kMuch)}) {
    const Refusal refused = refusal(content);
    CHECK(refused.message == "lies neither in the scene's folder nor beside it");
    CHECK(refused.has_help);
  }
  SceneFiles trusted = disk.files(true);
  CHECK(text_of(trusted.buffer("../../secret.bin", kMuch)) == kSecret);
  CHECK(text_of(trusted.library("../../secret.bin")) == kSecret);
}

TEST_CASE("a picture may lie anywhere, if it is one", "[scene]") {
  const Disk disk;
  SceneFiles files = disk.files();
  CHECK(files.picture("here.png", disk.scene));
  CHECK(files.picture("../../library/wood.png", disk.scene));
  CHECK(refusal(files.picture("../../secret.bin", disk.scene)).message ==
        "is not a picture of a known format");
  CHECK(refusal(files.picture("../../no.png", disk.scene)).message.starts_with("file not found (looked in "));
}

TEST_CASE("absolute names are refused, unless the user trusts the scene", "[scene]") {
  const Disk disk;
  const std::string absolute = disk.folder.file("top/library/wood.png");
  SceneFiles files = disk.files();
  for (const auto& content : {files.picture(absolute, disk.scene), files.buffer(absolute, kMuch)}) {
    CHECK(refusal(content).message == "is named by its absolute path, which is not followed");
    CHECK(refusal(content).has_help);
  }
  SceneFiles trusted = disk.files(true);
  const auto picture = trusted.picture(absolute, disk.scene);
  REQUIRE(picture);
  CHECK(picture->note.empty());
}

TEST_CASE("an absolute name of another computer is looked for beside the scene", "[scene]") {
  Disk disk;
  disk.put("top/project/scene/textures/tex.png", a_png(7, 8, 9));
  SceneFiles files = disk.files();
  for (const char* name : {"C:\\Users\\bob\\here.png", "/home/other/here.png", "\\\\server\\share\\here.png",
                           "\\\\?\\D:\\here.png"}) {
    const auto picture = files.picture(name, disk.scene);
    INFO(name);
    REQUIRE(picture);
    CHECK(picture->note == fmt::format("is taken from {}/here.png", disk.scene));
  }
  CHECK(files.picture("C:\\Users\\bob\\tex.png", disk.scene));
  CHECK(text_of(files.buffer("D:\\here.bin", 4)) == "0123");
  const std::string missing = refusal(files.picture("/home/other/no.png", disk.scene)).message;
  CHECK(missing ==
        fmt::format("file not found (looked in {0}/other, {0}/../other, {0}, {0}/textures)", disk.scene));
}

TEST_CASE("a picture of another computer is looked for in its last folder first", "[scene]") {
  Disk disk;
  disk.put("top/project/scene/maps/here.png", a_png(7, 8, 9));
  disk.put("top/project/sourceimages/paint.png", a_png(7, 8, 9));
  SceneFiles files = disk.files();
  const auto note_of = [&](const char* name) {
    const auto picture = files.picture(name, disk.scene);
    INFO(name);
    REQUIRE(picture);
    return picture->note;
  };
  CHECK(note_of("D:\\car\\maps\\here.png") == fmt::format("is taken from {}/maps/here.png", disk.scene));
  CHECK(note_of("/home/bob/car/sourceimages/paint.png") ==
        fmt::format("is taken from {}/../sourceimages/paint.png", disk.scene));
  CHECK(note_of("../car/maps/here.png") == fmt::format("is taken from {}/maps/here.png", disk.scene));
  CHECK(note_of("D:\\maps\\..\\here.png") == fmt::format("is taken from {}/here.png", disk.scene));
  CHECK_FALSE(files.picture("/home/bob/library/wood.png", disk.scene));
  CHECK_FALSE(files.buffer("D:\\car\\sourceimages\\paint.png", kMuch));
}

TEST_CASE("an absolute name that leads into the scene's folder is as good as a relative one", "[scene]") {
  const Disk disk;
  const auto content = disk.files().buffer(disk.folder.file("top/project/scene/sub/below.bin"), kMuch);
  CHECK(text_of(content) == "below");
  CHECK(content->note.empty());
}

TEST_CASE("another computer is never asked for a file", "[scene]") {
  const Disk disk;
  SceneFiles files = disk.files();
  const Refusal refused = refusal(files.picture("\\\\server\\share\\no.png", disk.scene));
  CHECK(refused.message == "names another computer, which is not asked");
  CHECK(refused.has_help);
  CHECK(refusal(disk.files(true).picture("\\\\.\\pipe", disk.scene)).message == "names a device, not a file");
}

TEST_CASE("a picture is looked for beside the library first, then beside the scene", "[scene]") {
  Disk disk;
  const std::string beside = disk.folder.file("top/project/mat");
  disk.put("top/project/mat/here.png", a_png(9, 9, 9));
  SceneFiles files = disk.files();
  const auto picture = files.picture("here.png", beside);
  REQUIRE(picture);
  CHECK(picture->folder == beside);
  CHECK(files.picture("here.png", disk.folder.file("top/project/buffers"))->folder == disk.scene);
}

TEST_CASE("a buffer is read to its length and no farther", "[scene]") {
  Disk disk;
  SceneFiles files = disk.files();
  CHECK(text_of(files.buffer("here.bin", 3)) == "012");
  const std::string path = disk.folder.file("top/project/scene/huge.bin");
  disk.put("top/project/scene/huge.bin", bytes_of_text("huge"));
  fs::resize_file(path_from_utf8(path), std::uintmax_t{1} << 33);
  CHECK(text_of(files.buffer("huge.bin", 4)) == "huge");
}

TEST_CASE("what is read fits into memory, all files together", "[scene]") {
  Disk disk;
  disk.put("top/project/scene/much.bin", Bytes(900));
  SceneFiles files(disk.scene, {}, MemoryLimit{1000, "limit of the test"});
  CHECK(files.buffer("much.bin", 600));
  const auto second = files.buffer("much.bin", 600);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::exhausted);
  CHECK(second.error().message == "needs 0.00 GB of memory, 0.00 GB are left (limit of the test)");
  CHECK(files.buffer("much.bin", 400));
}

TEST_CASE("the size of a picture or library is looked at before it is read", "[scene]") {
  Disk disk;
  disk.put("top/project/scene/huge.png", a_png(1, 2, 3));
  disk.put("top/project/scene/huge.mtl", bytes_of_text("newmtl m\n"));
  for (const char* name : {"huge.png", "huge.mtl"})
    fs::resize_file(path_from_utf8(disk.scene + "/" + name), std::uintmax_t{1} << 33);
  SceneFiles files = disk.files();
  CHECK(refusal(files.picture("huge.png", disk.scene)).message == "is larger than 2 GB");
  CHECK(refusal(files.library("huge.mtl")).message == "is larger than 256 MB");
}

#if !defined(_WIN32)

TEST_CASE("links may lead where names may, and no farther", "[scene]") {
  Disk disk;
  disk.link("sub/below.bin", "top/project/scene/inner");
  disk.link("../buffers", "top/project/scene/neighbour");
  disk.link("../../secret.bin", "top/project/scene/outer");
  disk.link(disk.folder.file("top/library"), "top/project/scene/library");
  disk.link("nowhere", "top/project/scene/dangling");
  disk.link("loop", "top/project/scene/loop");
  SceneFiles files = disk.files();
  CHECK(text_of(files.buffer("inner", kMuch)) == "below");
  CHECK(text_of(files.buffer("neighbour/beside.bin", kMuch)) == "beside");
  constexpr const char* kLeaves =
      "is reached by a link that leads out of the scene's folder and what lies beside it";
  for (const auto& content : {files.buffer("outer", kMuch), files.library("outer"),
                              files.picture("library/wood.png", disk.scene)}) {
    CHECK(refusal(content).message == kLeaves);
    CHECK(refusal(content).has_help);
  }
  CHECK(refusal(files.buffer("dangling", kMuch)).message.starts_with("file not found"));
  CHECK(refusal(files.buffer("loop", kMuch)).message.starts_with("cannot be reached: "));
  SceneFiles trusted = disk.files(true);
  CHECK(text_of(trusted.buffer("outer", kMuch)) == kSecret);
  CHECK(trusted.picture("library/wood.png", disk.scene));
}

TEST_CASE("a scene in a folder behind a link has that folder's neighbourhood", "[scene]") {
  Disk disk;
  disk.link(disk.scene, "shortcut");
  SceneFiles files(disk.folder.file("shortcut"), {});
  CHECK(text_of(files.buffer("here.bin", kMuch)) == "0123456789");
  CHECK(text_of(files.buffer("../buffers/beside.bin", kMuch)) == "beside");
}

TEST_CASE("a textures folder that is a link is no way out either", "[scene]") {
  Disk disk;
  disk.link(disk.folder.file("top/library"), "top/project/scene/textures");
  CHECK(refusal(disk.files().picture("C:\\x\\wood.png", disk.scene)).has_help);
}

TEST_CASE("FIFOs, devices and folders are errors at once", "[scene]") {
  Disk disk;
  REQUIRE(mkfifo((disk.scene + "/fifo.png").c_str(), 0600) == 0);
  for (const bool trusted : {false, true}) {
    SceneFiles files = disk.files(trusted);
    CHECK(refusal(files.picture("fifo.png", disk.scene)).message == "is not a file");
    CHECK(refusal(files.buffer("fifo.png", kMuch)).message == "is not a file");
    CHECK(refusal(files.library("sub")).message == "is not a file");
  }
  CHECK(refusal(disk.files(true).buffer("/dev/zero", kMuch)).message == "is not a file");
  CHECK(refusal(disk.files().buffer("/dev/zero", kMuch)).has_help);
  const auto scene = import_scene(disk.scene + "/fifo.png");
  REQUIRE_FALSE(scene);
  REQUIRE(mkfifo((disk.scene + "/fifo.obj").c_str(), 0600) == 0);
  CHECK(import_scene(disk.scene + "/fifo.obj").error().message == "fifo.obj: is not a file");
}

TEST_CASE("a file of a terabyte without content ends in words", "[scene]") {
  Disk disk;
  constexpr std::uintmax_t kTerabytes = std::uintmax_t{1} << 43;
  std::error_code error;
  disk.put("top/project/scene/huge.bin", bytes_of_text("huge"));
  fs::resize_file(path_from_utf8(disk.scene + "/huge.bin"), kTerabytes, error);
  if (error) return;  // a file system that has no such files has no such trouble
  GltfMaker maker;
  maker.show_triangle();
  maker.document["buffers"] = Json::array({{{"byteLength", kTerabytes}, {"uri", "huge.bin"}}});
  const auto scene = import_gltf(bytes_of_text(maker.document.dump()), "a.gltf", disk.scene);
  REQUIRE_FALSE(scene);
  CHECK(scene.error().kind == ErrorKind::exhausted);
  CHECK(scene.error().message.starts_with("a.gltf: buffer 0 \"huge.bin\": needs 8796.09 GB of memory, "));
  fs::rename(disk.scene + "/huge.bin", disk.scene + "/huge.obj");
  CHECK(import_scene(disk.scene + "/huge.obj").error().kind == ErrorKind::exhausted);
}

#else

TEST_CASE("junctions and symbolic links do not lead out", "[scene]") {
  Disk disk;
  const auto make = [&](const char* kind, const std::string& name, const char* to) {
    const std::string place = disk.scene + "/" + name;
    const std::string command =
        fmt::format("mklink {} \"{}\" \"{}\" > nul 2> nul", kind, fs::path(place).make_preferred().string(),
                    fs::path(disk.folder.file(to)).make_preferred().string());
    if (std::system(command.c_str()) == 0 && fs::exists(place)) return true;
    WARN("this system makes no links of kind " << kind);
    return false;
  };
  SceneFiles files = disk.files();
  if (make("/J", "out", "top/library")) CHECK(refusal(files.picture("out/wood.png", disk.scene)).has_help);
  if (make("/J", "in", "top/project/buffers"))
    CHECK(text_of(files.buffer("in/beside.bin", kMuch)) == "beside");
  if (make("/D", "link", "top/project/buffers"))
    CHECK(refusal(files.buffer("link/beside.bin", kMuch)).message ==
          "is reached by a link that may lead to another computer");
}

#endif

TEST_CASE("what a scene refuses to read tells how to allow it", "[scene]") {
  Disk disk;
  const std::string corners = "v 0 0 0\nv 1 0 0\nv 1 1 0\n";
  const std::string obj = "mtllib ../../secret.bin\n" + corners + "f 1 2 3\n";
  const auto refused = import_obj(bytes_of_text(obj), "a.obj", disk.scene);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "a.obj: material library \"../../secret.bin\": lies neither in the scene's folder nor beside it");
  CHECK(refused.error().help == kAllowExternalFiles);
  CHECK(import_obj(bytes_of_text(obj), "a.obj", disk.scene, {true}));

  const std::string library = fmt::format("newmtl m\nmap_Kd {}\n", disk.folder.file("top/library/wood.png"));
  disk.put("top/project/scene/a.mtl", bytes_of_text(library));
  const std::string textured = "mtllib a.mtl\n" + corners + "usemtl m\nf 1 2 3\n";
  const auto plain = import_obj(bytes_of_text(textured), "a.obj", disk.scene);
  REQUIRE(plain);
  CHECK(plain->scene.images.empty());
  REQUIRE(plain->warnings.size() == 1);
  CHECK(plain->warnings[0].ends_with(fmt::format("; it is left out ({})", kAllowExternalFiles)));
  CHECK(import_obj(bytes_of_text(textured), "a.obj", disk.scene, {true})->scene.images.size() == 1);
}

TEST_CASE("a picture taken from elsewhere is a warning", "[scene]") {
  Disk disk;
  disk.put("top/project/mat/a.mtl", bytes_of_text("newmtl m\nmap_Kd \"C:\\bob\\tex.png\"\nmap_Ke\n"));
  disk.put("top/project/mat/tex.png", a_png(1, 2, 3));
  const auto scene = import_obj(
      bytes_of_text(
          "mtllib \"..\\mat\\a.mtl\"\nv 0 0 0\nv 1 0 0\nv 1 1 0\nvt 0 0\nusemtl m\nf 1/1 2/1 3/1\n"),
      "a.obj", disk.scene);
  INFO((scene ? std::string() : scene.error().message));
  REQUIRE(scene);
  REQUIRE(scene->scene.images.size() == 1);
  CHECK(scene->warnings ==
        std::vector<std::string>{
            fmt::format("a.obj: image \"C:/bob/tex.png\": is taken from {}/../mat/tex.png", disk.scene)});
}

TEST_CASE("messages tell nothing of what a file holds that is not a scene", "[scene]") {
  const std::string secret = std::string(kSecret) + "v hunter2 hunter2\nf hunter2 1\nKd hunter2\n";
  const auto told = [](const std::string& extension, const std::string& text) {
    TempDir folder;
    const std::string path = folder.file("a" + extension);
    REQUIRE(write_file_by_renaming(path, bytes_of_text(text)));
    const auto scene = import_scene(path);
    if (!scene) return scene.error().message;
    std::string warnings;
    for (const std::string& warning : scene->warnings) warnings += warning + "\n";
    return warnings;
  };
  const std::string triangle = "v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n";
  const std::string told_all[] = {
      told(".obj", secret),
      told(".obj", kSecret + triangle),
      told(".gltf", secret),
      told(".gltf", R"({"asset": {"version": "hunter2"}})"),
      told(".gltf", R"({"password": hunter2})"),
  };
  for (const std::string& text : told_all) {
    INFO(text);
    CHECK_FALSE(text.empty());
    CHECK(text.find("hunter2") == std::string::npos);
    CHECK(text.find("root") == std::string::npos);
  }
  CHECK(told_all[1] == "a.obj: lines that OBJ files do not have are ignored, the first is line 1\n");

  ImportLog log("a.mtl");
  parse_mtl(bytes_of_text("newmtl m\nKd hunter2 hunter2\nNs hunter2\nillum hunter2\nroot:x\n"), log);
  CHECK(log.take_warnings() ==
        std::vector<std::string>{"a.mtl: line 2: Kd must be three numbers; it is ignored",
                                 "a.mtl: line 3: Ns must be a number; it is ignored",
                                 "a.mtl: line 4: illum must be a whole number; it is ignored"});
}

TEST_CASE("numbers that are wrong are quoted, words are not", "[scene]") {
  CHECK(got_numbers("1 0 nan") == ", got \"1 0 nan\"");
  CHECK(got_numbers("1,5 -2e3") == ", got \"1,5 -2e3\"");
  CHECK(got_numbers("1.#QNAN 7/2/3") == ", got \"1.#QNAN 7/2/3\"");
  CHECK(got_numbers("").empty());
  CHECK(got_numbers("hunter2").empty());
  CHECK(got_numbers(std::string(200, '1')).empty());
}

TEST_CASE("a file of the user that is missing is suggested in another spelling", "[scene]") {
  Disk disk;
  disk.put("top/Sky.EXR", bytes_of_text("x"));
  const auto read = [&](const std::string& name) { return read_users_file(disk.folder.file(name), 10); };
  const auto missing = read("top/sky.exr");
  if (missing) return;  // where letter case does not count
  CHECK(missing.error().help == "\"Sky.EXR\", written differently, is there");
  CHECK(read("top/ground.exr").error().help.empty());
}
