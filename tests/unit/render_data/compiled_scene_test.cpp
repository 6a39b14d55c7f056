#include "base/file.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "render_data/compiled_scene_head.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "support/mutation.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr std::uint64_t kRoomForScene = 1 << 30;

RenderDataPtr carried_data() {
  Scene scene = a_scene();
  scene.meshes[0] = a_sheet(150);
  scene.images[0] = an_image(512, 512);  // repeats after 256 pixels: equal chunks
  return std::make_shared<const RenderData>(compiled(scene, small_film()));
}

CompiledSceneHeader a_header() {
  CompiledSceneHeader header;
  header.program_version = 2000002;
  header.kernel_hash.bytes[3] = 7;
  header.scene_name =
      "k\xc3\xbc"
      "che.gltf";
  header.camera_name = "left";
  return header;
}

Bytes file_of(const RenderDataPtr& data, unsigned threads = 2) {
  MemorySink sink;
  ThreadPool pool(threads);
  REQUIRE(write_compiled_scene(sink, a_header(), ChunkedScene(data), pool));
  return sink.take();
}

/// Reads a file that holds these bytes.
class Reader {
 public:
  Result<CompiledScene> read(ByteView bytes, std::uint64_t most = kRoomForScene) {
    REQUIRE(write_file_by_renaming(path(), bytes));
    return read_compiled_scene(path(), most, pool_);
  }
  /// Why it is refused.
  Error error(ByteView bytes, std::uint64_t most = kRoomForScene) {
    auto scene = read(bytes, most);
    REQUIRE_FALSE(scene);
    return scene.error();
  }
  std::string path() const { return folder_.file("a.octscene"); }

 private:
  TempDir folder_;
  ThreadPool pool_{2};
};

/// The file with another head, whose checksum is right.
Bytes with_head(const Bytes& file, std::size_t at, std::uint32_t value) {
  Bytes changed = file;
  std::memcpy(changed.data() + at, &value, sizeof value);
  const auto length = load<std::uint64_t>(file.data() + 12);
  const Digest digest = sha256(ByteView(changed).first(length - 32));
  std::memcpy(changed.data() + length - 32, digest.bytes.data(), 32);
  return changed;
}

}  // namespace

TEST_CASE("a compiled scene comes back as it was, with all names", "[render_data]") {
  const RenderDataPtr data = carried_data();
  Reader reader;
  const auto scene = reader.read(file_of(data));
  REQUIRE(scene);
  CHECK(hash(scene->data) == hash(*data));
  CHECK(scene->header.scene_name == a_header().scene_name);
  CHECK(scene->header.camera_name == "left");
  CHECK(scene->header.program_version == 2000002);
  CHECK(scene->header.kernel_hash == a_header().kernel_hash);
  const auto head = read_compiled_scene_head(reader.path());
  REQUIRE(head);
  CHECK(head->manifest == make_manifest(*data));
  CHECK(is_compiled_scene_file(reader.path()));
}

TEST_CASE("a compiled scene has the same bytes whatever the number of threads, and equal chunks once",
          "[render_data]") {
  const RenderDataPtr data = carried_data();
  const Bytes file = file_of(data, 1);
  CHECK(file_of(data, 5) == file);
  CHECK(file.size() < byte_size(*data));
}

TEST_CASE("a compiled scene is told by its first bytes, whatever its name", "[render_data]") {
  const TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("shot"), file_of(carried_data())));
  CHECK(is_compiled_scene_file(folder.file("shot")));
  REQUIRE(write_file_by_renaming(folder.file("short"), Bytes(3)));
  CHECK_FALSE(is_compiled_scene_file(folder.file("short")));
  CHECK_FALSE(is_compiled_scene_file(folder.file("missing.gltf")));
  CHECK(is_compiled_scene_file(folder.file("missing.octscene")));
}

TEST_CASE("a compiled scene that is cut off anywhere is refused", "[render_data]") {
  const Bytes file = file_of(carried_data());
  Reader reader;
  for (std::size_t size = 0; size < file.size(); size += size < 600 ? 7 : file.size() / 37) {
    CAPTURE(size);
    const Error error = reader.error(ByteView(file).first(size));
    CHECK(error.kind == ErrorKind::invalid_input);
    CHECK((error.message == "a.octscene: is cut off" ||
           error.message == "a.octscene: is not a compiled scene"));
  }
  CHECK(reader.error(ByteView(file).first(file.size() - 1)).message == "a.octscene: is cut off");
}

TEST_CASE("a compiled scene with any byte changed is refused", "[render_data]") {
  const Bytes file = file_of(carried_data());
  Reader reader;
  for (std::size_t at = 0; at < file.size(); at += at < 900 ? 13 : file.size() / 61) {
    CAPTURE(at);
    Bytes damaged = file;
    damaged[at] ^= std::byte{0x10};
    CHECK(reader.error(damaged).kind == ErrorKind::invalid_input);
  }
  Bytes longer = file;
  longer.push_back(std::byte{0});
  CHECK(reader.error(longer).message == "a.octscene: is damaged: it goes on behind its end");
}

TEST_CASE("changed compiled scenes are refused, or are what they were", "[render_data]") {
  const RenderDataPtr data = carried_data();
  const Bytes file = file_of(data);
  Reader reader;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto scene = reader.read(mutate(file, random));
    if (scene) CHECK(hash(scene->data) == hash(*data));
  }
}

TEST_CASE("a compiled scene of a newer format says what helps", "[render_data]") {
  Bytes file = file_of(carried_data());
  file[8] = std::byte{kCompiledSceneVersion + 1};
  const Error error = Reader().error(file);
  CHECK(error.message == "a.octscene: is a compiled scene of format 3; this program reads format 2");
  CHECK(error.help == "compile the scene again with this program, or use the program that wrote it");
}

TEST_CASE("a compiled scene with other arrays is refused by name", "[render_data]") {
  const Bytes file = file_of(carried_data());
  // behind magic, format, length, version, kernel hash and both names: the number of arrays, then the first one's size
  const std::size_t arrays = 8 + 4 + 8 + 4 + 32 + 4 + a_header().scene_name.size() + 4 + 4;
  REQUIRE(load<std::uint32_t>(file.data() + arrays) == kRenderDataArrayCount);
  const Error error = Reader().error(with_head(file, arrays + 4, 16));
  CHECK(
      error.message ==
      "a.octscene: holds render data that this program does not know (manifest: positions have 16 bytes each "
      "instead of 12)");
}

TEST_CASE("a compiled scene that claims more than there is memory takes none", "[render_data]") {
  const Error error = Reader().error(file_of(carried_data()), 1 << 20);
  CHECK(error.kind == ErrorKind::exhausted);
  CHECK(error.message.starts_with("a.octscene: the scene has "));
}

TEST_CASE("a compiled scene is validated like data from a peer", "[render_data]") {
  RenderData data = *carried_data();
  data.triangles.edit()[0].v[0] = 1'000'000;
  const Error error = Reader().error(file_of(std::make_shared<const RenderData>(std::move(data))));
  CHECK(error.kind == ErrorKind::invalid_input);
  CHECK(
      error.message ==
      "a.octscene: holds what cannot be rendered: render data: mesh 0: triangle 0 has a corner that does not "
      "exist");
}
