#include "simt/measured_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compile/compile.hpp"
#include "simt/fault.hpp"
#include "support/a_scene.hpp"
#include "support/test_scenes.hpp"

namespace oct::simt {
namespace {

constexpr u32 kMostSamples = 4096;

std::optional<Scene> scene_named(const std::string& name) {
  if (name == "room") return test::small_room();
  if (name == "layers") return test::layered_room();
  if (name == "everything") return test::a_scene();
  return std::nullopt;
}

}  // namespace

u64 MeasuredScene::sample_count() const {
  u64 count = 0;
  for (const auto& [tile, samples] : work)
    count += u64{pixel_count(tile_rect(data->settings[0], tile))} * (samples.last - samples.first);
  return count;
}

RenderDataPtr own_scene(const std::string& name, u32 width, u32 height) {
  const std::optional<Scene> scene = scene_named(name);
  if (!scene) return nullptr;
  CompileOptions options;
  options.width = width;
  options.height = height;
  options.samples_per_pixel = kMostSamples;
  ThreadPool pool(1);
  Result<RenderData> data = compile(*scene, options, pool);
  if (!data) throw Fault(fmt::format("the scene \"{}\" does not compile: {}", name, data.error().message));
  return std::make_shared<const RenderData>(*std::move(data));
}

std::vector<TileSamples> spread_tiles(const RenderSettings& settings, u32 count, u32 first, u32 samples) {
  std::vector<TileSamples> work;
  const u32 tiles = tile_count(settings);
  count = std::min(count, tiles);
  for (u32 i = 0; i < count; ++i) {
    // the middle of each of `count` parts, a little further each time, so that they are not all of one column
    const u32 tile =
        count == tiles ? i : static_cast<u32>(((2 * u64{i} + 1) * tiles / (2 * count) + 7 * i) % tiles);
    work.push_back({tile, {first, first + samples}});
  }
  return work;
}

HostBvh both_trees(const RenderData& data) {
  ThreadPool pool(1);
  ProgressCounter progress{0};
  BvhOptions options;
  options.wide = true;
  options.compact = true;
  Result<HostBvh> bvh = HostBvh::build(data, pool, {}, progress, options);
  if (!bvh) throw Fault("no tree could be built: " + bvh.error().message);
  return *std::move(bvh);
}

MeasuredScene budget_scene() {
  MeasuredScene scene;
  scene.data = own_scene("layers", 64, 48);
  scene.work = spread_tiles(scene.data->settings[0], 4, 0, 2);
  return scene;
}

}  // namespace oct::simt
