#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "render_data/manifest.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr const char* kPage = "docs/render_data.md";

/// The scene of the page: one triangle under one lamp.
RenderData scene_of_the_page() {
  Scene scene;
  scene.meshes.resize(1);
  scene.meshes[0].positions = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  scene.meshes[0].triangles = {{{0, 1, 2}}};
  scene.materials.resize(1);
  scene.materials[0].base_color = {0.5f, 0.25f, 1};
  scene.instances = {{"triangle", 0, 0, {{2, 0, 0, 3, 0, 2, 0, 0, 0, 0, 2, 0}}}};
  scene.lights.resize(1);
  scene.lights[0].position = {0, 0, 4};
  scene.cameras.resize(1);
  scene.cameras[0].vertical_fov_degrees = 90;
  scene.cameras[0].world_from_camera = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 8}};
  CompileOptions options;
  options.width = 4;
  options.height = 2;
  options.samples_per_pixel = 1;
  options.max_depth = 1;
  return compiled(scene, options);
}

/// The bytes of each array that is not empty, eight words a line, then the chunks and the hash.
std::string dump(const RenderData& data) {
  std::string text;
  const Manifest manifest = make_manifest(data);
  std::size_t next_chunk = 0;
  RenderData::each(data, [&](const char* name, const auto& array) {
    const ByteView bytes = std::as_bytes(std::span(array));
    if (bytes.empty()) return;
    text += fmt::format("{}: {} x {} bytes, chunk {}\n", name, array.size(), sizeof(array[0]),
                        manifest.chunks[next_chunk++].hex());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i % 4 == 0) text += i % 32 == 0 ? "   " : "";
      if (i % 4 == 0) text += ' ';
      text += fmt::format("{:02x}", std::to_integer<unsigned>(bytes[i]));
      if (i % 32 == 31 || i + 1 == bytes.size()) text += '\n';
    }
  });
  return text + "hash: " + hash(data).hex() + "\n";
}

std::string page() {
  std::ifstream file(kPage, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  std::string result = text.str();
  std::erase(result, '\r');
  return result;
}

}  // namespace

TEST_CASE("the dump on the page is what the code makes", "[golden]") {
  const std::string text = page();
  const std::string begin = "```text dump\n";
  const std::size_t first = text.find(begin);
  REQUIRE(first != std::string::npos);
  const std::size_t start = first + begin.size();
  const std::size_t end = text.find("```", start);
  REQUIRE(end != std::string::npos);
  CHECK(text.substr(start, end - start) == dump(scene_of_the_page()));
}

TEST_CASE("the table on the page lists every array in order, with its size", "[golden]") {
  const std::string text = page();
  std::size_t place = 0;
  const RenderData empty;
  RenderData::each(empty, [&](const char* name, const auto& array) {
    const std::string row = fmt::format("\n| `{}` | {} |", name, sizeof(array[0]));
    CAPTURE(row);
    const std::size_t found = text.find(row, place);
    REQUIRE(found != std::string::npos);
    place = found;
  });
}
