#include "film/film_history.hpp"

#include <set>

#include "film/film_file.hpp"
#include "film/film_file_head.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"

using namespace oct;

namespace {

DeviceFingerprint a_device(u32 computer, u32 device) {
  return {sha256(bytes_of_value(computer)), sha256(bytes_of_value(device))};
}

TileSet some_tiles(std::initializer_list<std::uint32_t> tiles) {
  TileSet set;
  for (const std::uint32_t tile : tiles) set.append(tile);
  return set;
}

/// Of a picture of 6 tiles and 4 passes.
FilmFileHeader a_header() {
  FilmFileHeader header;
  header.source.frames_per_second = 24;
  header.settings = a_setting(40, 20, 20);
  header.units.assign(unit_count(header.settings), true);
  FilmHistory& history = header.history;
  history.sources = {{a_device(1, 1), some_tiles({0, 1, 4})}, {a_device(2, 2), {}}};
  if (history.sources[1].fingerprint < history.sources[0].fingerprint)
    std::swap(history.sources[0].fingerprint, history.sources[1].fingerprint);
  history.audits = {{{4, 1, 3}, sha256(bytes_of_value(5)), 0}, {{5, 0, 1}, sha256(bytes_of_value(6)), 1}};
  return header;
}

Result<FilmFileHeader> again(const FilmFileHeader& header) {
  return read_film_file_header(film_file_head(header));
}

}  // namespace

TEST_CASE("a set of tiles is what was put in, whatever the order of changes", "[film]") {
  test::Random random(5);
  for (int round = 0; round < 200; ++round) {
    TileSet set, other;
    std::set<std::uint32_t> expected;
    for (std::uint32_t tile = 0; tile < 40; ++tile) {
      if (random.below(3) == 0) {
        set.append(tile);
        expected.insert(tile);
      }
      if (random.below(4) == 0) {
        other.append(tile);
        expected.insert(tile);
      }
    }
    set.add_all(other);
    for (int i = 0; i < 20; ++i) {
      const auto tile = static_cast<std::uint32_t>(random.below(42));
      set.remove(tile);
      expected.erase(tile);
    }
    CHECK(set.tiles() == std::vector<std::uint32_t>(expected.begin(), expected.end()));
    CHECK(set.empty() == expected.empty());
    for (std::uint32_t tile = 0; tile < 42; ++tile) CHECK(set.contains(tile) == expected.contains(tile));
    for (std::size_t i = 1; i < set.ranges().size(); ++i)
      CHECK(set.ranges()[i - 1].last < set.ranges()[i].first);
  }
}

TEST_CASE("a film file keeps who filled it, and the audits that are pending", "[film]") {
  const FilmFileHeader header = a_header();
  const auto read = again(header);
  REQUIRE(read);
  CHECK(read->history.sources == header.history.sources);
  REQUIRE(read->history.audits.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const PendingAudit &audit = read->history.audits[i], &expected = header.history.audits[i];
    CHECK(audit.units.tile == expected.units.tile);
    CHECK(audit.units.first_pass == expected.units.first_pass);
    CHECK(audit.units.last_pass == expected.units.last_pass);
    CHECK(audit.sums == expected.sums);
    CHECK(audit.source == expected.source);
  }
}

TEST_CASE("devices and audits that cannot be are refused, their checksums being right", "[film]") {
  const auto refused = [&](const auto& change) {
    FilmFileHeader header = a_header();
    change(header.history);
    return !again(header).has_value();
  };
  CHECK_FALSE(refused([](FilmHistory&) {}));
  CHECK(refused([](FilmHistory& h) { h.sources[0].tiles.append(6); }));
  CHECK(refused([](FilmHistory& h) { h.sources[1].fingerprint = h.sources[0].fingerprint; }));
  CHECK(refused([](FilmHistory& h) { std::swap(h.sources[0], h.sources[1]); }));
  CHECK(refused([](FilmHistory& h) { h.sources.clear(); }));
  CHECK(refused([](FilmHistory& h) { h.audits[0].source = 2; }));
  CHECK(refused([](FilmHistory& h) { h.audits[0].units.tile = 6; }));
  CHECK(refused([](FilmHistory& h) { h.audits[0].units.first_pass = 3; }));
  CHECK(refused([](FilmHistory& h) { h.audits[0].units.last_pass = 5; }));
  FilmHistory elsewhere = a_header().history;
  elsewhere.audits[0].units.tile = 6;
  MemorySink sink;
  const Film film(a_setting(40, 20, 20));
  const UnitBits nothing(unit_count(film.settings()), false);
  CHECK(write_film(sink, {}, film, nothing, elsewhere).error().kind == ErrorKind::internal);
}

TEST_CASE("counts and ranges of a history are not believed", "[film]") {
  const Bytes head = film_file_head(a_header());
  const std::size_t history = head.size() - kDigestBytes - (4 + 68 + 2 * 8 + 68 + 4 + 2 * 48);
  const auto with = [&](std::size_t at, std::uint32_t value) {
    Bytes bad = head;
    std::memcpy(bad.data() + history + at, &value, 4);
    const Digest digest = sha256(ByteView(bad).first(bad.size() - kDigestBytes));
    std::memcpy(bad.data() + bad.size() - kDigestBytes, &digest, kDigestBytes);
    return read_film_file_header(bad).has_value();
  };
  CHECK(with(0, 2));
  for (const std::uint32_t count : {0u, 1u, 3u, 0xffffffffu}) CHECK_FALSE(with(0, count));
  CHECK(with(68, 2));  // ranges of the first device: [0, 2) and [4, 5)
  for (const std::uint32_t count : {0u, 1u, 3u, 0xffffffffu}) CHECK_FALSE(with(68, count));
  CHECK_FALSE(with(72, 2));            // [2, 2)
  CHECK_FALSE(with(76, 4));            // [0, 4) touches the next
  CHECK_FALSE(with(84, 0xffffffffu));  // [4, ...)
  const std::size_t audits = 4 + 68 + 16 + 68;
  CHECK(with(audits, 2));
  for (const std::uint32_t count : {0u, 1u, 3u, 0xffffffffu}) CHECK_FALSE(with(audits, count));
}

TEST_CASE("an audit goes on in the passes of a render with more samples", "[film]") {
  RenderSettings held = a_setting(32, 16, 30);  // passes end after 1, 4, 16, 30
  held.extra_pass_ends[0] = 20;                 // 1, 4, 16, 20, 30
  const UnitBits all(unit_count(held), true);
  FilmHistory history;
  history.sources = {{a_device(1, 1), some_tiles({0, 1})}};
  const auto now = continued(held, all, 100, history);
  REQUIRE(now);
  CHECK(pass_end(now->settings, 3) == 30);  // an end that every tile has passed is forgotten

  history.audits = {{{0, 3, 4}, {}, 0}, {{1, 1, 3}, {}, 0}, {{1, 4, 5}, {}, 0}};
  const auto kept = continued(held, all, 100, history);
  REQUIRE(kept);
  CHECK(pass_end(kept->settings, 3) == 20);
  CHECK(pass_end(kept->settings, 4) == 30);
  for (std::size_t i = 0; i < 3; ++i) {
    const UnitRange before = history.audits[i].units, after = kept->history.audits[i].units;
    const SampleRange was = samples_of(held, before.first_pass, before.last_pass);
    const SampleRange is = samples_of(kept->settings, after.first_pass, after.last_pass);
    CHECK(after.tile == before.tile);
    CHECK(is.first == was.first);
    CHECK(is.last == was.last);
  }
  CHECK(kept->history.sources == history.sources);
  CHECK(check_history(kept->settings, kept->history));

  // An audit of no sample that the film has needs its ends, too.
  const UnitBits nothing(unit_count(held), false);
  history.audits.resize(1);
  const auto empty = continued(held, nothing, 100, history);
  REQUIRE(empty);
  CHECK(samples_of(empty->settings, empty->history.audits[0].units.first_pass,
                   empty->history.audits[0].units.last_pass)
            .last == 20);
}
