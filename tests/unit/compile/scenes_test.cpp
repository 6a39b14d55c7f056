#include <cstdlib>
#include <filesystem>

#include "render_data/rebuilder.hpp"
#include "render_data/validate.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Scenes that lie beside the repository or where OCT_SHARED_DIR says; none where there are none.
std::vector<std::filesystem::path> shared_scenes() {
  const char* folder = std::getenv("OCT_SHARED_DIR");
  const std::filesystem::path root =
      std::filesystem::path(folder != nullptr ? folder : "../shared") / "scenes";
  std::vector<std::filesystem::path> scenes;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root, error)) {
    const auto extension = entry.path().extension();
    if (extension == ".gltf" || extension == ".glb" || extension == ".obj") scenes.push_back(entry.path());
  }
  std::sort(scenes.begin(), scenes.end());
  return scenes;
}

}  // namespace

TEST_CASE("scenes of the world compile, and travel as chunks to the same data", "[compile][slow]") {
  for (const auto& path : shared_scenes()) {
    CAPTURE(path);
    auto imported = import_scene(path.string());
    if (!imported) continue;  // the importer's own tests say which and why
    Scene& scene = imported->scene;
    complete_scene(scene);
    const auto data = std::make_shared<const RenderData>(compiled(scene, small_film(), 1));
    const ChunkedScene chunked(data);
    ThreadPool pool(2);
    CHECK(hash(compiled(scene, small_film(), 2), &pool) == hash(chunked.manifest()));

    auto rebuilder = Rebuilder::make(chunked.manifest(), byte_size(*data));
    REQUIRE(rebuilder);
    for (const ChunkId& id : rebuilder->wanted()) REQUIRE(rebuilder->accept(id, chunked.find(id)->content));
    const auto rebuilt = rebuilder->finish(&pool);
    REQUIRE(rebuilt);
    CHECK(make_manifest(*rebuilt) == chunked.manifest());
  }
}
