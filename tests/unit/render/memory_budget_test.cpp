#include "render/memory_budget.hpp"

#include <algorithm>
#include <string_view>

#include "device/bvh_builder.hpp"
#include "render_data/render_data.hpp"
#include "support/catch.hpp"
#include "support/compiled.hpp"
#include "support/test_scenes.hpp"

using namespace oct;

namespace {

std::uint64_t part(const MemoryBudget& budget, std::string_view name) {
  for (const MemoryPart& part : budget.parts) {
    if (part.name == name) return part.bytes;
  }
  return 0;
}

MemoryNeeds large_needs() {
  MemoryNeeds needs;
  needs.width = 16384;
  needs.height = 16384;
  needs.passes = 32;
  needs.scene_bytes = 4'000'000'000;
  needs.tree_triangles = 10'000'000;
  needs.wide_trees = 1;
  needs.cpu_threads = 16;
  needs.local_devices = 1;
  needs.file_outputs = 2;
  return needs;
}

}  // namespace

TEST_CASE("a film of 16K needs 32 bytes a pixel, known before the scene", "[render][memory]") {
  MemoryNeeds needs;
  needs.width = needs.height = 16384;
  CHECK(part(memory_budget(needs), "film") == 8'589'934'592u);
  CHECK(memory_budget(needs).bytes > 8'589'934'592u);
  CHECK(memory_budget(needs).bytes < 8'700'000'000u);
  needs.follows_noise = true;
  CHECK(part(memory_budget(needs), "film") == 8'589'934'592u / 4 * 7);
}

TEST_CASE("the parts add up, the greatest first", "[render][memory]") {
  const MemoryBudget budget = memory_budget(large_needs());
  std::uint64_t sum = 0;
  for (const MemoryPart& part : budget.parts) sum += part.bytes;
  CHECK(sum == budget.bytes);
  CHECK(std::is_sorted(budget.parts.begin(), budget.parts.end(),
                       [](const MemoryPart& a, const MemoryPart& b) { return a.bytes > b.bytes; }));
  CHECK(part(budget, "scene") == 4'000'000'000u);
  CHECK(part(budget, "units") == 1024u * 1024 * 32 * 12);
  CHECK(part(budget, "threads") == 16'000'000u);
  CHECK(part(budget, "slaves") == 0);
}

TEST_CASE("building trees and writing pictures do not come together", "[render][memory]") {
  MemoryNeeds needs = large_needs();
  const MemoryBudget building = memory_budget(needs);
  CHECK(part(building, "tree") == 10'000'000u * 176);
  CHECK(part(building, "pictures") == 0);
  needs.tree_triangles = 1000;
  constexpr std::uint64_t kStrips = 16u * (512 * 1024 / 3) * 40;  // of each thread
  const MemoryBudget writing = memory_budget(needs);
  CHECK(part(writing, "tree") == 76'000);
  CHECK(part(writing, "pictures") == 16384u * 128 * 40 + kStrips);
  needs.watchers = 2;
  CHECK(part(memory_budget(needs), "pictures") == 3u * 16384 * 128 * 40 + kStrips);
  needs.compact_trees = 1;
  CHECK(part(memory_budget(needs), "tree") == 160'000);
}

TEST_CASE("slaves count by what their connections may hold", "[render][memory]") {
  MemoryNeeds needs = large_needs();
  needs.slaves = 10;
  CHECK(part(memory_budget(needs), "slaves") > 80'000'000u);
  CHECK(part(memory_budget(needs), "slaves") < 100'000'000u);
}

TEST_CASE("what is instanced beyond the budget of baking shares a tree", "[render][memory]") {
  CHECK(triangles_in_tree(1000, 1000) == 1000);
  CHECK(triangles_in_tree(1000, 200'000) == 200'000);
  CHECK(triangles_in_tree(1000, 50'000'000) == 1000 + 262'144);
  CHECK(triangles_in_tree(10'000'000, 50'000'000) == 20'000'000);
  CHECK(triangles_in_tree(1000, 0) == 1000);
}

TEST_CASE("too much is an error with the numbers and a way out", "[render][memory]") {
  const MemoryNeeds needs = large_needs();
  const MemoryBudget budget = memory_budget(needs);
  CHECK(check_memory_budget(needs, std::nullopt));
  CHECK(check_memory_budget(needs, MemoryLimit{budget.bytes, "free memory of this computer"}));
  const auto refused =
      check_memory_budget(needs, MemoryLimit{budget.bytes - 1, "memory limit of the container"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::exhausted);
  const std::string& message = refused.error().message;
  CHECK(message.starts_with(
      "the render needs 14.8 GB (film 8.6, scene 4.0, tree 1.8, units 0.40, program 0.024, threads 0.016, "));
  CHECK(message.find("contributions 0.0084), 14.8 GB may be used (memory limit of the container)") !=
        std::string::npos);
  CHECK(refused.error().help == "a smaller film: --film-width, --film-height");

  MemoryNeeds small = needs;
  small.width = small.height = 64;
  const auto scene = check_memory_budget(small, MemoryLimit{1'000'000, "free memory of this computer"});
  REQUIRE_FALSE(scene);
  CHECK(scene.error().help.find("textures") != std::string::npos);
}

TEST_CASE("the estimate of a tree is close to trees that are built", "[render][memory]") {
  Scene scene;
  test::add_object(scene, test::make_sphere(1, 6), test::matte({0.5f, 0.5f, 0.5f}));
  scene.cameras.push_back(test::look_at({0, 0, 5}, {0, 0, 0}, {0, 1, 0}, 40));
  const RenderDataPtr data = std::make_shared<RenderData>(test::compiled(scene, test::small_film()));
  ThreadPool pool(1);
  for (const bool wide : {true, false}) {
    ProgressCounter progress{0};
    const BvhOptions options{wide, !wide};
    const auto built = HostBvh::build(*data, pool, {}, progress, options);
    REQUIRE(built);
    MemoryNeeds needs;
    needs.tree_triangles = data->triangles.size();
    needs.wide_trees = wide ? 1 : 0;
    needs.compact_trees = wide ? 0 : 1;
    const std::uint64_t estimate =
        part(memory_budget(needs), "tree") - needs.tree_triangles * 100;  // without what building takes
    CHECK(built->byte_size() < estimate * 11 / 10);
    CHECK(built->byte_size() > estimate * 8 / 10);
  }
}
