#include "slave/scene_builder.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <future>

#include "slave/held_scenes.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "support/temp_dir.hpp"
#include "wire/chunk_codec.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// The builder's answers, one by one.
class BuilderAnswers {
 public:
  SceneBuilder::Sink sink() {
    return [this](SlaveEvent event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
      changed_.notify_all();
    };
  }

  template <class Event>
  Event next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !events_.empty(); });
    SlaveEvent event = std::move(events_.front());
    events_.pop_front();
    REQUIRE(std::holds_alternative<Event>(event));
    return std::get<Event>(std::move(event));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SlaveEvent> events_;
};

ChunkedScene scene_to_build(float lens_radius) {
  RenderData data = compiled(a_scene(), small_film());
  data.cameras.edit()[0].lens_radius = lens_radius;
  return ChunkedScene(std::make_shared<const RenderData>(std::move(data)));
}

BeginScene beginning(std::uint64_t build, const ChunkedScene& scene) {
  return {build, scene.manifest().arrays, scene.manifest().chunks};
}

void send(SceneBuilder& builder, std::uint64_t build, const ChunkedScene& scene,
          const std::vector<ChunkId>& wanted) {
  for (const ChunkId& id : wanted) {
    const ChunkView view = *scene.find(id);
    builder.store({build, pack_chunk(id, view.content, view.element_bytes, {})});
  }
}

std::optional<MemoryLimit> no_limit() {
  return std::nullopt;
}

/// In a computer whose CPU renders.
MemoryNeeds needs_of(const ChunkedScene* scene, std::uint64_t tree_triangles) {
  MemoryNeeds needs;
  needs.wide_trees = needs.cpu_threads = needs.local_devices = 1;
  needs.scene_bytes = scene == nullptr ? 0 : byte_size(scene->manifest());
  needs.tree_triangles = tree_triangles;
  return needs;
}

SceneBuilder::Limit limit_of(std::uint64_t bytes) {
  return [bytes] { return MemoryLimit{bytes, "memory limit of the container"}; };
}

void fetch_all(SceneBuilder& builder, BuilderAnswers& answers, std::uint64_t build,
               const ChunkedScene& scene) {
  builder.begin(beginning(build, scene));
  const auto begun = answers.next<SceneBegun>();
  REQUIRE(begun.result);
  send(builder, build, scene, begun.wanted);
  for (std::size_t i = 0; i < begun.wanted.size(); ++i) CHECK(answers.next<ChunkStored>().result);
}

}  // namespace

TEST_CASE("a scene that does not fit together with its trees is refused before it is fetched", "[slave]") {
  const ChunkedScene scene = scene_to_build(0.1f);
  const std::uint64_t enough = memory_budget(needs_of(&scene, scene.data()->triangles.size())).bytes;
  for (const std::uint64_t bytes : {enough - 1, enough}) {
    BuilderAnswers answers;
    SceneBuilder builder(needs_of(nullptr, 0), limit_of(bytes), 1, answers.sink());
    builder.begin(beginning(1, scene));
    const auto begun = answers.next<SceneBegun>();
    CHECK(bool(begun.result) == (bytes == enough));
    if (begun.result) continue;
    CHECK(begun.result.error().kind == ErrorKind::exhausted);
    CHECK(begun.result.error().message.find("memory limit of the container") != std::string::npos);
  }
}

TEST_CASE("meshes that are placed often need more than their triangles say", "[slave]") {
  RenderData data = compiled(a_scene(), small_film());
  const std::vector<Instance> once(data.instances.data(), data.instances.data() + data.instances.size());
  for (int i = 0; i < 3; ++i) {
    for (const Instance& instance : once) {
      if (instance.first_light == kNone) data.instances.edit().push_back(instance);
    }
  }
  const ChunkedScene scene(std::make_shared<const RenderData>(std::move(data)));
  std::uint64_t placed = 0;
  for (const Instance& instance : scene.data()->instances)
    placed += scene.data()->meshes[instance.mesh].triangle_count;
  REQUIRE(placed > scene.data()->triangles.size());
  const std::uint64_t enough = memory_budget(needs_of(&scene, placed)).bytes;
  for (const std::uint64_t bytes : {enough - 1, enough}) {
    BuilderAnswers answers;
    SceneBuilder builder(needs_of(nullptr, 0), limit_of(bytes), 1, answers.sink());
    fetch_all(builder, answers, 1, scene);
    builder.rebuild({1});
    const auto rebuilt = answers.next<SceneRebuilt>();
    CHECK(bool(rebuilt.settings) == (bytes == enough));
    if (!rebuilt.settings) CHECK(rebuilt.settings.error().kind == ErrorKind::exhausted);
  }
}

TEST_CASE("a scene is held against the memory together with what other scenes hold", "[slave]") {
  const ChunkedScene first = scene_to_build(0.1f),
                     second = scene_to_build(0.2f);  // they differ in their cameras
  const auto enough_for = [&](std::uint64_t tree_triangles) {
    MemoryNeeds both = needs_of(&second, tree_triangles);
    both.held_scene_bytes = sizeof(Camera);
    return memory_budget(both).bytes;
  };
  const std::uint64_t unique = second.data()->triangles.size();
  const std::uint64_t in_tree = triangles_in_tree(unique, triangles_placed(*second.data()));
  for (const bool is_short : {true, false}) {
    CAPTURE(is_short);
    BuilderAnswers answers;
    std::atomic<std::uint64_t> limit = ~std::uint64_t{0};
    SceneBuilder builder(
        needs_of(nullptr, 0),
        [&] {
          return MemoryLimit{limit, "limit"};
        },
        1, answers.sink());
    fetch_all(builder, answers, 1, first);
    builder.rebuild({1});
    REQUIRE(answers.next<SceneRebuilt>().settings);

    limit = enough_for(unique) - (is_short ? 1 : 0);
    BeginScene replacing = beginning(2, second);
    replacing.replaces = 1;  // which is about to be forgotten
    builder.begin(replacing);
    CHECK_FALSE(answers.next<SceneBegun>().is_memory_short);
    builder.begin(beginning(2, second));
    const auto begun = answers.next<SceneBegun>();
    REQUIRE(begun.result);
    CHECK(begun.is_memory_short == is_short);

    send(builder, 2, second, begun.wanted);
    for (std::size_t i = 0; i < begun.wanted.size(); ++i) CHECK(answers.next<ChunkStored>().result);
    limit = enough_for(in_tree) - (is_short ? 1 : 0);
    builder.rebuild({2});
    const auto rebuilt = answers.next<SceneRebuilt>();
    REQUIRE(rebuilt.settings);
    CHECK(rebuilt.is_memory_short == is_short);
  }
}

TEST_CASE("a rebuilding that is cancelled can be asked for again", "[slave]") {
  BuilderAnswers answers;
  std::promise<void> go_on;
  const auto may_go_on = go_on.get_future().share();
  const auto sink = answers.sink();
  SceneBuilder builder({}, no_limit, 1, [&](SlaveEvent event) {
    const auto* begun = std::get_if<SceneBegun>(&event);
    if (begun != nullptr && begun->build == 2) may_go_on.wait();
    sink(std::move(event));
  });
  const ChunkedScene scene = scene_to_build(0.1f);
  fetch_all(builder, answers, 1, scene);
  builder.begin(beginning(2, scene));  // holds the builder's thread
  builder.rebuild({1});
  builder.cancel_rebuild(1);
  go_on.set_value();
  answers.next<SceneBegun>();
  const auto cancelled = answers.next<SceneRebuilt>();
  REQUIRE_FALSE(cancelled.settings);
  CHECK(cancelled.settings.error().kind == ErrorKind::cancelled);
  builder.cancel_rebuild(1);  // too late, and of no effect
  builder.rebuild({1});
  CHECK(answers.next<SceneRebuilt>().settings);
  CHECK(hash(*builder.data(1)) == hash(*scene.data()));
}

TEST_CASE("two scenes are built at the same time", "[slave]") {
  BuilderAnswers answers;
  SceneBuilder builder({}, no_limit, 1, answers.sink());
  const ChunkedScene first = scene_to_build(0.1f), second = scene_to_build(0.2f);
  builder.begin(beginning(5, first));
  builder.begin(beginning(6, second));
  const auto wanted_first = answers.next<SceneBegun>();
  const auto wanted_second = answers.next<SceneBegun>();
  CHECK(wanted_first.build == 5);
  CHECK(wanted_second.build == 6);
  CHECK(wanted_second.missing_bytes == second.distinct_bytes());  // the first one is not finished
  send(builder, 6, second, wanted_second.wanted);
  send(builder, 5, first, wanted_first.wanted);
  for (std::size_t i = 0; i < wanted_first.wanted.size() + wanted_second.wanted.size(); ++i)
    CHECK(answers.next<ChunkStored>().result);
  CHECK(builder.data(5) == nullptr);
  builder.rebuild({6});
  builder.rebuild({5});
  CHECK(answers.next<SceneRebuilt>().build == 6);
  const auto rebuilt = answers.next<SceneRebuilt>();
  CHECK(rebuilt.build == 5);
  REQUIRE(rebuilt.settings);
  CHECK(rebuilt.settings->width == small_film().width);
  REQUIRE(builder.data(5) != nullptr);
  REQUIRE(builder.data(6) != nullptr);
  CHECK(hash(*builder.data(5)) == hash(*first.data()));
  CHECK(hash(*builder.data(6)) == hash(*second.data()));
}

TEST_CASE("a scene takes from finished ones what it has in common with them", "[slave]") {
  BuilderAnswers answers;
  SceneBuilder builder({}, no_limit, 1, answers.sink());
  const ChunkedScene first = scene_to_build(0.1f), second = scene_to_build(0.2f);
  const auto build = [&](std::uint64_t number, const ChunkedScene& scene) {
    builder.begin(beginning(number, scene));
    const auto begun = answers.next<SceneBegun>();
    send(builder, number, scene, begun.wanted);
    for (std::size_t i = 0; i < begun.wanted.size(); ++i) CHECK(answers.next<ChunkStored>().result);
    builder.rebuild({number});
    CHECK(answers.next<SceneRebuilt>().settings);
    return begun.missing_bytes;
  };
  CHECK(build(1, first) == first.distinct_bytes());
  CHECK(build(2, second) == sizeof(Camera));
  CHECK(builder.data(2)->positions.is_same(builder.data(1)->positions));
  builder.forget(1);
  CHECK(build(3, first) == sizeof(Camera));
  CHECK(builder.data(1) == nullptr);
  builder.forget(2);
  builder.forget(3);
  builder.forget(77);
  CHECK(build(4, first) == first.distinct_bytes());
}

TEST_CASE("nothing comes of a build that was forgotten", "[slave]") {
  BuilderAnswers answers;
  SceneBuilder builder({}, no_limit, 1, answers.sink());
  const ChunkedScene scene = scene_to_build(0.1f);
  builder.begin(beginning(1, scene));
  const auto begun = answers.next<SceneBegun>();
  builder.forget(1);
  send(builder, 1, scene, begun.wanted);
  builder.rebuild({1});
  builder.begin(beginning(2, scene));
  CHECK(answers.next<SceneBegun>().build == 2);
}

TEST_CASE("a scene takes from the disk what it holds, and what arrives goes there", "[slave]") {
  TempDir folder;
  const ChunkedScene scene = scene_to_build(0.1f);
  const auto folder_of_chunks = [&] { return *ChunkFolder::open(folder.file("cache"), "open"); };
  std::uint64_t build_number = 0;
  const auto build = [&] {
    BuilderAnswers answers;
    ChunkCache cache(folder_of_chunks(), 1 << 30, [](const std::string& why) { FAIL_CHECK(why); });
    SceneBuilder builder({}, no_limit, 1, answers.sink(), &cache);
    const std::uint64_t number = ++build_number;
    builder.begin(beginning(number, scene));
    const auto begun = answers.next<SceneBegun>();
    CHECK(begun.distinct_bytes == scene.distinct_bytes());
    send(builder, number, scene, begun.wanted);
    for (std::size_t i = 0; i < begun.wanted.size(); ++i) CHECK(answers.next<ChunkStored>().result);
    builder.rebuild({number});
    CHECK(answers.next<SceneRebuilt>().settings);
    REQUIRE(builder.data(number) != nullptr);
    CHECK(hash(*builder.data(number)) == hash(*scene.data()));
    return begun.missing_bytes;
  };
  CHECK(build() == scene.distinct_bytes());
  CHECK(build() == 0);
  const auto entries = folder_of_chunks().entries();
  REQUIRE(entries.size() > 2);
  SECTION("files that vanish are fetched again") {
    std::filesystem::remove(entries[0].path);
    CHECK(build() == entries[0].bytes);
  }
  SECTION("files that hold something else are fetched again, and mended") {
    std::filesystem::resize_file(entries[0].path, entries[0].bytes + 1);
    {
      std::fstream file(entries[1].path, std::ios::in | std::ios::out | std::ios::binary);
      const int first = file.get();
      file.seekp(0);
      file.put(static_cast<char>(first ^ 1));
    }
    CHECK(build() == entries[0].bytes + entries[1].bytes);
  }
  CHECK(build() == 0);
}
