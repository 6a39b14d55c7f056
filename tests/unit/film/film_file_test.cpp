#include "film/film_file.hpp"

#include <algorithm>
#include <cmath>

#include "base/file.hpp"
#include "film/continue_render.hpp"
#include "film/film_file_head.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

namespace {

FilmSource a_film_source() {
  FilmSource source;
  source.scene_name =
      "k\xc3\xbc"
      "che.glb";
  source.scene_hash = sha256(std::as_bytes(std::span("scene", 5)));
  source.kernel_hash = sha256(std::as_bytes(std::span("kernels", 7)));
  source.camera.half_width = 2;
  source.camera.world_from_camera.m[3] = -5;
  source.frames_per_second = 23.976;
  return source;
}

/// Some of its units are there, one pass over the other.
struct SomeFilm {
  Film film;
  UnitBits units;
  FilmHistory history;
};
SomeFilm some_film(u32 width, u32 height, u32 samples) {
  const RenderSettings settings = a_setting(width, height, samples);
  SomeFilm some{Film(settings), UnitBits(unit_count(settings), false), {}};
  for (u32 pass = 0; pass < pass_count(settings); ++pass) {
    for (u32 tile = 0; tile < tile_count(settings); ++tile) {
      if ((tile + 2 * pass) % 3 == 0) continue;
      some.film.merge(a_contribution(settings, {tile, pass, pass + 1}));
      some.units[std::size_t{pass} * tile_count(settings) + tile] = true;
    }
  }
  some.history.sources.resize(2);
  some.history.sources[0].tiles.append(0);
  some.history.sources[1].fingerprint.device = sha256(std::as_bytes(std::span("GPU", 3)));
  some.history.sources[1].tiles.append({0, tile_count(settings)});
  some.history.audits.push_back({{0, 0, 1}, some.film.hash(), 1});
  return some;
}

Bytes written(const SomeFilm& some) {
  MemorySink sink;
  REQUIRE(write_film(sink, a_film_source(), some.film, some.units, some.history));
  return sink.take();
}

void sign(Bytes& file, std::size_t end) {
  const Digest digest = sha256(ByteView(file).first(end - kDigestBytes));
  std::memcpy(file.data() + end - kDigestBytes, &digest, kDigestBytes);
}

/// With its checksums made right again, so that what is behind them is tried.
Bytes resigned(Bytes file) {
  if (const auto head = film_file_head_bytes(file); head && *head <= file.size())
    sign(file, static_cast<std::size_t>(*head));
  if (file.size() >= kDigestBytes) sign(file, file.size());
  return file;
}

}  // namespace

TEST_CASE("a film comes back from its file bit for bit, with all that belongs to it", "[film]") {
  const TempDir folder;
  for (const auto& [width, height] : {std::pair{1u, 1u}, {16u, 16u}, {530u, 33u}, {40u, 200u}}) {
    SomeFilm some = some_film(width, height, 20);
    some.film.set_non_finite_samples(3);
    const std::string path = folder.file("a.octcheck");
    REQUIRE(write_film_file(path, a_film_source(), some.film, some.units));
    const auto loaded = read_film_file(path);
    REQUIRE(loaded);
    CHECK(loaded->film.sums() == some.film.sums());
    CHECK(loaded->film.hash() == some.film.hash());
    CHECK(loaded->film.samples_merged() == some.film.samples_merged());
    CHECK(loaded->film.non_finite_samples() == 3);
    const FilmFileHeader header = *read_film_file_header(path);
    for (const FilmFileHeader* each : {&loaded->header, &header}) {
      CHECK(each->units == some.units);
      CHECK(each->film_hash == some.film.hash());
      CHECK(each->samples_merged() == some.film.samples_merged());
      CHECK(each->samples_wanted() == std::uint64_t{width} * height * 20);
      CHECK(each->source.scene_name == a_film_source().scene_name);
      CHECK(each->render_key() == render_key(a_film_source(), some.film.settings()));
      CHECK(each->source.camera.world_from_camera.m[3] == -5);
      CHECK(each->source.frames_per_second == 23.976);
      CHECK(each->non_finite_samples == 3);
    }
  }
}

TEST_CASE("a film file is smaller than its sums", "[film]") {
  const SomeFilm some = some_film(256, 256, 64);
  CHECK(written(some).size() < some.film.sums().size() * sizeof(std::int64_t) / 2);
}

TEST_CASE("a film and a ledger that disagree are not written", "[film]") {
  SomeFilm some = some_film(40, 20, 20);
  some.units.flip();
  MemorySink sink;
  CHECK(write_film(sink, a_film_source(), some.film, some.units, some.history).error().kind ==
        ErrorKind::internal);
  CHECK(sink.take().empty());
}

TEST_CASE("a torn film file is found wherever it is cut", "[film]") {
  const Bytes file = written(some_film(40, 20, 20));
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto loaded = read_film_file(ByteView(file).first(size));
    REQUIRE_FALSE(loaded);
    REQUIRE(loaded.error().kind == ErrorKind::invalid_input);
    REQUIRE_FALSE(
        read_film_file(resigned(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)))));
  }
  Bytes longer = file;
  longer.push_back({});
  CHECK_FALSE(read_film_file(longer));
}

TEST_CASE("every changed bit of a film file is found", "[film]") {
  const Bytes file = written(some_film(20, 20, 4));
  REQUIRE(read_film_file(file));
  test::Random random(3);
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes bad = file;
    bad[at] ^= std::byte{1} << random.below(8);
    const auto loaded = read_film_file(bad);
    REQUIRE_FALSE(loaded);
    REQUIRE(loaded.error().kind == ErrorKind::invalid_input);
  }
}

TEST_CASE("a film file whose checksum fits is still not believed", "[film]") {
  const SomeFilm some = some_film(40, 20, 20);
  const Bytes file = written(some);
  const std::size_t head = *film_file_head_bytes(file);
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes bad = file;
    bad[at] = std::byte{value};
    return read_film_file(resigned(bad));
  };
  REQUIRE(read_film_file(resigned(file)));
  CHECK(with(head, 9).error().message == "holds sums of more than 8 bytes");
  CHECK_FALSE(with(head, 0));
  CHECK(with(head + tile_count(some.film.settings()), 3).error().message == "holds a block that cannot be");
  CHECK_FALSE(with(head + tile_count(some.film.settings()) + 4, 0xff));
}

TEST_CASE("a film that is not the one of its head is refused", "[film]") {
  const SomeFilm some = some_film(1, 1, 4);
  const Bytes file = written(some);
  const Digest hash = some.film.hash();
  Bytes other_head = file;
  const auto found =
      std::search(other_head.begin(), other_head.end(), std::as_bytes(std::span(hash.bytes)).begin(),
                  std::as_bytes(std::span(hash.bytes)).end());
  REQUIRE(found != other_head.end());
  *found ^= std::byte{1};
  CHECK(read_film_file(resigned(other_head)).error().message == "holds another film than its head says");
  Bytes other_sums = file;
  other_sums[file.size() - kDigestBytes - 8] ^= std::byte{1};
  CHECK(read_film_file(resigned(other_sums)).error().message == "holds another film than its head says");
}

TEST_CASE("sums that no samples can give are refused", "[film]") {
  const RenderSettings settings = a_setting(1, 1, 4);
  for (const std::int64_t more : {0, 1}) {
    Film film(settings);
    film.merge({{0, 0, 1}, {0, 0, 0, largest_sum(settings, 1) + more}, 0});
    MemorySink sink;
    REQUIRE(write_film(sink, a_film_source(), film, {true, false}));
    CHECK(read_film_file(sink.take()).has_value() == (more == 0));
  }
}

TEST_CASE("a small film file cannot ask for much memory", "[film]") {
  FilmFileHeader header;
  header.source = a_film_source();
  header.settings = a_setting(4000, 4000, 1);
  header.units.assign(unit_count(header.settings), false);
  const Bytes head = film_file_head(header);
  REQUIRE(read_film_file_header(head));
  CHECK(read_film_file(head).error().message == "is cut off");
  CHECK(read_film_file(head, 1000).error().message == "is cut off");  // before it asks for memory

  const Bytes file = written(some_film(40, 20, 20));
  CHECK(read_film_file(file, 1000).error().kind == ErrorKind::exhausted);
  CHECK(read_film_file(file, 40 * 20 * 32 + 6 * 4));
}

TEST_CASE("heads that cannot be are refused, their checksums being right", "[film]") {
  const SomeFilm some = some_film(40, 20, 20);
  const FilmFileHeader good = *read_film_file_header(written(some));
  const auto refused = [&](const auto& change) {
    FilmFileHeader header = good;
    change(header);
    return !read_film_file_header(film_file_head(header)).has_value();
  };
  CHECK_FALSE(refused([](FilmFileHeader&) {}));
  CHECK(refused([](FilmFileHeader& h) { h.settings.width = 0; }));
  CHECK(refused([](FilmFileHeader& h) { h.settings.width = 17; }));  // its units are too many
  CHECK(refused([](FilmFileHeader& h) { h.settings.height = 4000; }));
  CHECK(refused([](FilmFileHeader& h) { h.settings.samples_per_pixel = 0; }));
  CHECK(refused([](FilmFileHeader& h) { h.settings.extra_pass_ends[1] = 5; }));
  CHECK(refused([](FilmFileHeader& h) { h.source.camera.half_width = INFINITY; }));
  CHECK(refused([](FilmFileHeader& h) { h.source.camera.projection = Projection{2}; }));
  CHECK(refused([](FilmFileHeader& h) { h.source.frames_per_second = -1; }));
  CHECK(refused([](FilmFileHeader& h) { h.units.push_back(true); }));

  FilmFileHeader few = *read_film_file_header(written(some_film(20, 20, 1)));
  REQUIRE(few.units.size() == 4);
  few.units.push_back(false);
  CHECK(read_film_file_header(film_file_head(few)));
  few.units.back() = true;  // in the same byte as the others
  CHECK_FALSE(read_film_file_header(film_file_head(few)));
}

TEST_CASE("files that are no film files say so, with their names", "[film]") {
  const TempDir folder;
  const std::string path = folder.file("a.octcheck");
  CHECK(read_film_file(path).error().message.starts_with(path + ": "));
  CHECK_FALSE(read_film_file(folder.file("")));
  REQUIRE(write_file_by_renaming(path, std::as_bytes(std::span("hello", 5))));
  CHECK(read_film_file(path).error().message == path + ": is not a film file");
  Bytes later = written(some_film(4, 4, 1));
  later[8] = std::byte{1};
  CHECK(read_film_file(later).error().message == "is a film file of format 1; this program reads format 4");
}

TEST_CASE("a film file that cannot be written leaves the older one", "[film]") {
  const TempDir folder;
  const std::string path = folder.file("a.octcheck");
  const SomeFilm some = some_film(20, 20, 4);
  REQUIRE(write_film_file(path, a_film_source(), some.film, some.units));
  SomeFilm bad = some_film(20, 20, 4);
  bad.units.flip();
  REQUIRE_FALSE(write_film_file(path, a_film_source(), bad.film, bad.units));
  CHECK(read_film_file(path));
  CHECK(write_film_file(path + "/b.octcheck", a_film_source(), some.film, some.units).error().kind ==
        ErrorKind::output);
}

TEST_CASE("a checkpoint goes on with its own render alone, and says what differs", "[film]") {
  const SomeFilm some = some_film(40, 20, 50);
  const FilmFileHeader held = *read_film_file_header(written(some));
  const auto with = [&](const auto& change) {
    FilmSource source = a_film_source();
    RenderSettings settings = a_setting(40, 20, 50);
    change(source, settings);
    return continue_render("out.octcheck", held, source, settings);
  };
  const auto same = with([](FilmSource&, RenderSettings&) {});
  REQUIRE(same);
  CHECK(same->units == some.units);
  const auto more = with([](FilmSource&, RenderSettings& s) { s.samples_per_pixel = 80; });
  REQUIRE(more);
  CHECK(more->settings.samples_per_pixel == 80);
  CHECK(more->settings.extra_pass_ends[0] == 50);
  const auto seed = with([](FilmSource&, RenderSettings& s) { s.seed = 4; });
  REQUIRE_FALSE(seed);
  CHECK(seed.error().kind == ErrorKind::incompatible);
  CHECK(seed.error().message == "out.octcheck is of another render: seed 0, now 4");
  const auto fewer = with([](FilmSource&, RenderSettings& s) { s.samples_per_pixel = 40; });
  REQUIRE_FALSE(fewer);
  CHECK(fewer.error().message == "out.octcheck is of another render: samples per pixel 50, now 40");
  const auto scene = with([](FilmSource& s, RenderSettings&) { s.scene_hash.bytes[3] ^= 1; });
  REQUIRE_FALSE(scene);
  CHECK(scene.error().message == "out.octcheck is of another render: another scene, camera or environment");
}
