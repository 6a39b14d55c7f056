#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cxxopts.hpp>
#include <memory>
#include <optional>

#include "base/float_mode.hpp"
#include "device/bvh_builder.hpp"
#include "embree_scene.hpp"
#include "loops/trace_loops.hpp"
#include "master/scene_loader.hpp"
#include "race.hpp"
#include "ray_sets.hpp"
#include "unit/geometry/random_scenes.hpp"

// Rays a second beside Embree's, on one thread, of the rays that a render traces.

using namespace oct;
using namespace oct::bench;

namespace {

[[noreturn]] void stop(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);
}

template <class T>
T value_of(Result<T> result) {
  if (!result) stop(result.error().message);
  return std::move(result.value());
}

cxxopts::Options make_options() {
  cxxopts::Options options("octane_bench_rays", "Rays a second beside Embree's, on one thread");
  options.add_options()                                                                                //
      ("scene", "scene file", cxxopts::value<std::string>())                                           //
      ("cam-pos", "camera's place: x,y,z", cxxopts::value<std::vector<float>>())                       //
      ("cam-target", "what it looks at: x,y,z", cxxopts::value<std::vector<float>>())                  //
      ("cam-fov", "horizontal angle of view in degrees", cxxopts::value<float>())                      //
      ("environment", "picture of the environment", cxxopts::value<std::string>()->default_value(""))  //
      ("environment-power", "its factor", cxxopts::value<float>()->default_value("1"))                 //
      ("count", "bounces to record", cxxopts::value<u64>()->default_value("200000"))                   //
      ("rounds", "turns that each contender takes", cxxopts::value<int>()->default_value("7"))         //
      ("sets", "which rays",
       cxxopts::value<std::vector<std::string>>()->default_value("camera,bounce,shadow,random"))(
          "rays", "take the rays of this file", cxxopts::value<std::string>())  //
      ("write", "write the rays to this file", cxxopts::value<std::string>())   //
      ("alone", "leave Embree out: only our own loops are compared")            //
      ("help", "this text");
  options.parse_positional("scene");
  return options;
}

std::array<std::optional<double>, 3> point_of(const std::vector<float>& numbers) {
  if (numbers.size() != 3) stop("a point is three numbers: x,y,z");
  return {numbers[0], numbers[1], numbers[2]};
}

RenderDataPtr load(const cxxopts::ParseResult& options) {
  SceneChoice choice;
  choice.path = options["scene"].as<std::string>();
  choice.width = 640;
  choice.height = 360;
  choice.environment = options["environment"].as<std::string>();
  if (!choice.environment.empty()) choice.environment_power = options["environment-power"].as<float>();
  if (options.count("cam-pos") != 0) {
    choice.camera_override.position = point_of(options["cam-pos"].as<std::vector<float>>());
  }
  if (options.count("cam-target") != 0) {
    choice.camera_override.target = point_of(options["cam-target"].as<std::vector<float>>());
  }
  if (options.count("cam-fov") != 0) choice.camera_override.fov = options["cam-fov"].as<float>();
  ThreadPool pool;
  ExitCode code;
  return value_of(load_scene(choice, pool, code)).data();
}

/// What the contenders trace and write.
struct Track {
  const RaySet& set;
  std::vector<float> t;
  std::vector<Hit> hits;
  std::vector<u32> masks;

  explicit Track(const RaySet& a_set)
      : set(a_set), t(a_set.rays.size()), hits(a_set.rays.size()), masks(a_set.rays.size()) {}
  RayBatches batches() const { return {set.rays, set.batch_ends}; }
};

struct Field {
  const HostBvh& bvh;
  const EmbreeScene* medium;  ///< null: our own loops alone
  const EmbreeScene* high;
  const EmbreeScene* robust;
  int rounds;
};

void race_closest(const Field& field, const RaySet& set) {
  Track track(set);
  std::vector<Contender> contenders;
  const auto add = [&](const char* name, auto work) { contenders.push_back({name, work}); };
  if (field.high != nullptr) {
    add("Embree high", [&] { field.high->closest(set.rays, track.t.data()); });
    add("Embree medium", [&] { field.medium->closest(set.rays, track.t.data()); });
    add("Embree high, robust", [&] { field.robust->closest(set.rays, track.t.data()); });
    add("Embree high, packets", [&] { field.high->closest_in_packets(set.rays, track.t.data()); });
  }
  const SceneBvh bvh = field.bvh.view();
  add("ours, v3, one by one", [&] { kLoopsV3.closest(bvh, track.batches(), track.hits.data()); });
  add("ours, v3, batches", [&] { kLoopsV3.closest_batches(bvh, track.batches(), track.hits.data()); });
  add("ours, v3, packets", [&] { kLoopsV3.coherent_batches(bvh, track.batches(), track.hits.data()); });
  add("ours, x64, one by one", [&] { kLoopsX64.closest(bvh, track.batches(), track.hits.data()); });
  race(contenders, field.rounds);
  fmt::print("{}: closest hit of {} rays in {} batches\n", set.name, set.rays.size(), set.batch_ends.size());
  print_race(contenders, 1e-6 * static_cast<double>(set.rays.size()), 0);
  std::size_t same = 0;
  for (std::size_t i = 0; i < set.rays.size(); ++i) {
    const float ours = track.hits[i].t;
    same += std::abs(track.t[i] - ours) <= 1e-4f * ours || track.t[i] == ours ? 1 : 0;
  }
  if (field.high != nullptr) {
    fmt::print("  equal distances: {:.3f} %\n",
               100.0 * static_cast<double>(same) / static_cast<double>(set.rays.size()));
  }
}

void race_any(const Field& field, const RaySet& set) {
  Track track(set);
  std::vector<u32> embree(set.rays.size());
  std::vector<Contender> contenders;
  const auto add = [&](const char* name, auto work) { contenders.push_back({name, work}); };
  if (field.high != nullptr) {
    add("Embree high", [&] { field.high->occluded(set.rays, embree.data()); });
    add("Embree medium", [&] { field.medium->occluded(set.rays, embree.data()); });
    add("Embree high, robust", [&] { field.robust->occluded(set.rays, embree.data()); });
    add("Embree high, packets", [&] { field.high->occluded_in_packets(set.rays, embree.data()); });
  }
  const SceneBvh bvh = field.bvh.view();
  add("ours, v3, one by one", [&] { kLoopsV3.occluded(bvh, track.batches(), track.masks.data()); });
  add("ours, v3, batches", [&] { kLoopsV3.occluded_batches(bvh, track.batches(), track.masks.data()); });
  add("ours, x64, one by one", [&] { kLoopsX64.occluded(bvh, track.batches(), track.masks.data()); });
  race(contenders, field.rounds);
  std::size_t blocked = 0, same = 0;
  for (std::size_t i = 0; i < set.rays.size(); ++i) {
    blocked += track.masks[i] != 0 ? 1 : 0;
    same += track.masks[i] == embree[i] ? 1 : 0;
  }
  const double percent = 100.0 / static_cast<double>(set.rays.size());
  fmt::print("{}: any hit of {} rays in {} batches, {:.2f} % blocked\n", set.name, set.rays.size(),
             set.batch_ends.size(), percent * static_cast<double>(blocked));
  print_race(contenders, 1e-6 * static_cast<double>(set.rays.size()), 0);
  if (field.high != nullptr) fmt::print("  equal answers: {:.3f} %\n", percent * static_cast<double>(same));
}

std::vector<RaySet> ray_sets(const cxxopts::ParseResult& options, const RenderData& data,
                             const HostBvh& bvh) {
  const u64 count = options["count"].as<u64>();
  std::vector<RaySet> sets;
  if (options.count("rays") != 0) {
    sets = value_of(read_ray_sets(options["rays"].as<std::string>()));
  } else {
    sets = rendered_rays(data, bvh.view(), count);
    sets.push_back(random_rays(data, count));
  }
  if (options.count("write") != 0) {
    if (auto written = write_ray_sets(options["write"].as<std::string>(), sets); !written)
      stop(written.error().message);
  }
  return sets;
}

void run(const cxxopts::ParseResult& options) {
  const RenderDataPtr data = load(options);
  ThreadPool pool;
  ProgressCounter progress{0};
  const HostBvh bvh = value_of(HostBvh::build(*data, pool, {}, progress));
  fmt::print("{} triangles; tree: {} nodes, {} blocks, {:.0f} bytes a triangle\n", data->triangles.size(),
             bvh.wide_node_count(), bvh.block_count(),
             static_cast<double>(bvh.byte_size()) / static_cast<double>(data->triangles.size()));
  std::unique_ptr<EmbreeScene> medium, high, robust;
  if (options.count("alone") == 0) {
    medium = std::make_unique<EmbreeScene>(*data, 1, RTC_BUILD_QUALITY_MEDIUM);
    high = std::make_unique<EmbreeScene>(*data, 1, RTC_BUILD_QUALITY_HIGH);
    robust = std::make_unique<EmbreeScene>(*data, 1, RTC_BUILD_QUALITY_HIGH, RTC_SCENE_FLAG_ROBUST);
  }
  const Field field{bvh, medium.get(), high.get(), robust.get(), options["rounds"].as<int>()};
  const auto wanted = options["sets"].as<std::vector<std::string>>();
  for (const RaySet& set : ray_sets(options, *data, bvh)) {
    if (std::find(wanted.begin(), wanted.end(), set.name) == wanted.end() || set.rays.empty()) continue;
    if (set.name != "shadow") race_closest(field, set);
    if (set.name == "shadow" || set.name == "random") race_any(field, set);
  }
}

}  // namespace

int main(int argc, char** argv) {
  set_float_mode();
  cxxopts::Options options = make_options();
  try {
    const auto parsed = options.parse(argc, argv);
    if (parsed.count("help") != 0 || parsed.count("scene") == 0) {
      fmt::print("{}", options.help());
      return parsed.count("help") != 0 ? 0 : 2;
    }
    run(parsed);
  } catch (const cxxopts::exceptions::exception& error) {
    stop(error.what());
  }
  return 0;
}
