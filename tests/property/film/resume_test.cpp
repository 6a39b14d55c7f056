// A render that is interrupted, kept in a file and continued, on real devices: the bits of one that was not.
#include <random>

#include "film/continue_render.hpp"
#include "render_data/manifest.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"
#include "wire/kernel_hash.hpp"

using namespace oct;
using namespace oct::test;

namespace {

RenderDataPtr room_with(u32 samples) {
  return compile_for_test(small_room(), picture(40, 20, samples, 8));
}

/// Renders each missing unit with this chance, and merges it.
void render_some(Device& device, const RenderDataPtr& data, Film& film, UnitBits& units, double chance,
                 std::mt19937& random) {
  ProgressCounter progress{0};
  REQUIRE(device.upload(0, data, {}, progress));
  Lease lease{1, {}};
  const u32 tiles = tile_count(film.settings());
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i] || std::uniform_real_distribution<double>()(random) > chance) continue;
    const u32 pass = static_cast<u32>(i / tiles);
    lease.units.push_back({static_cast<u32>(i % tiles), pass, pass + 1});
    units[i] = true;
  }
  if (lease.units.empty()) return;
  const auto merge = [&film](const FilmContribution& contribution) { film.merge(contribution); };
  REQUIRE(device.render(0, lease, {}, progress, merge));
}

FilmSource source_of(const RenderDataPtr& data) {
  return {"room.glb", hash_without_settings(make_manifest(*data)), kernel_hash(), data->cameras[0], 24};
}

/// The same data, its settings those with which the film goes on.
RenderDataPtr with_settings(const RenderDataPtr& data, const RenderSettings& settings) {
  return std::make_shared<const RenderData>(with_camera_and_settings(*data, data->cameras[0], settings));
}

}  // namespace

TEST_CASE("an interrupted render goes on from its file, also with more samples", "[film]") {
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u);
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::unique_ptr<Device> device = cpu_device(2);
  const RenderDataPtr first = room_with(5 + seed * 3);
  Film film(first->settings[0]);
  UnitBits units(unit_count(film.settings()), false);
  render_some(*device, first, film, units, 0.6, random);

  RenderDataPtr last = first;
  for (const u32 samples : {5 + seed * 3, 21 + seed, 33 + seed}) {
    MemorySink sink;
    REQUIRE(write_film(sink, source_of(last), film, units));
    auto loaded = read_film_file(sink.take());
    REQUIRE(loaded);
    const RenderDataPtr wanted = room_with(samples);
    const auto next = continue_render("a.octcheck", loaded->header, source_of(wanted), wanted->settings[0]);
    REQUIRE(next);
    last = with_settings(wanted, next->settings);
    film = std::move(loaded->film);
    film.continue_with(next->settings);
    units = next->units;
    render_some(*device, last, film, units, samples == 33 + seed ? 1.0 : 0.6, random);
  }
  CHECK(film.hash().hex() == render_picture(*device, room_with(33 + seed)).hash().hex());
}
