#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "film/film_file.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

/// The film of the page: 2 x 1 pixels of one sample, the second one brighter than the first.
Bytes film_file_of_the_page() {
  RenderSettings settings = a_setting(2, 1, 3);
  settings.seed = 7;
  settings.frame = 12;
  Film film(settings);
  film.merge({{0, 0, 1}, {1, 2, 3, 2, 0x101, 0x102, 0x103, 0x102}, 0});
  FilmSource source;
  source.scene_name = "room.glb";
  source.scene_hash.bytes.fill(0x11);
  source.kernel_hash.bytes.fill(0x22);
  source.camera.world_from_camera = {{1, 0, 0, 0, 0, 1, 0, 2, 0, 0, 1, 5}};
  source.camera.half_width = 1;
  source.camera.half_height = 0.5f;
  source.camera.focus_distance = 4;
  MemorySink sink;
  FilmHistory history;
  history.sources.resize(1);
  history.sources[0].fingerprint.computer.bytes.fill(0x33);
  history.sources[0].fingerprint.device.bytes.fill(0x44);
  history.sources[0].tiles.append(0);
  history.audits.resize(1);
  history.audits[0].units = {0, 0, 1};
  history.audits[0].sums.bytes.fill(0x55);
  REQUIRE(write_film(sink, source, film, {true, false}, history));
  return sink.take();
}

struct Part {
  const char* name;
  std::size_t bytes;
};
constexpr Part kParts[] = {
    {"magic", 8},
    {"format", 4},
    {"head length", 8},
    {"program version", 4},
    {"name length", 4},
    {"name", 8},
    {"scene hash", 32},
    {"kernel hash", 32},
    {"film hash", 32},
    {"settings", 52},
    {"camera", 76},
    {"frames per second", 8},
    {"non-finite", 8},
    {"units", 1},
    {"number of sources", 4},
    {"computer of the first", 32},
    {"device", 32},
    {"number of its ranges", 4},
    {"tiles of the first", 8},
    {"number of audits", 4},
    {"source of the first", 4},
    {"tile and passes", 12},
    {"digest of its sums", 32},
    {"head digest", 32},
    {"widths", 1},
    {"compression", 1},
    {"packed length", 4},
    {"sums", 16},
    {"file digest", 32},
};

/// The parts with their bytes, 32 a line.
std::string dump_of(const Bytes& file) {
  std::string text;
  std::size_t at = 0;
  for (const Part& part : kParts) {
    text += fmt::format("{:4} {}\n", at, part.name);
    for (std::size_t i = 0; i < part.bytes; ++i, ++at) {
      if (i % 32 == 0) text += "       ";
      text += fmt::format("{:02x}", std::to_integer<unsigned>(file.at(at)));
      if (i % 32 == 31 || i + 1 == part.bytes)
        text += '\n';
      else if (i % 4 == 3)
        text += ' ';
    }
  }
  REQUIRE(at == file.size());
  return text;
}

std::string film_file_page() {
  std::ifstream file("docs/film_file.md", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  std::string result = text.str();
  std::erase(result, '\r');
  return result;
}

}  // namespace

TEST_CASE("the film file on the page is what the code makes, byte by byte", "[golden]") {
  const std::string text = film_file_page();
  const std::string begin = "```text dump\n";
  const std::size_t first = text.find(begin);
  REQUIRE(first != std::string::npos);
  const std::size_t start = first + begin.size();
  const std::size_t end = text.find("```", start);
  REQUIRE(end != std::string::npos);
  const Bytes file = film_file_of_the_page();
  CHECK(text.substr(start, end - start) == dump_of(file));
  CHECK(read_film_file(file));
}
