#include "device/tree_store.hpp"

#include <atomic>
#include <cstring>
#include <thread>

#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

RenderDataPtr room_seen_at(u32 seed) {
  CompileOptions options = picture(16, 16, 4, 2);
  options.seed = seed;
  return compile_for_test(small_room(), options);
}

RenderDataPtr another_room() {
  Scene scene = small_room();
  scene.meshes[0].positions[0].x += 0.25f;
  return compile_for_test(scene, picture(16, 16, 4, 2));
}

/// A store whose builds wait until they are let go, or asked to stop.
struct SlowStore {
  std::atomic<int> begun{0};
  std::atomic<bool> go{false};
  TreeStore store{{1, false,
                   [this](LargeArray<BvhPrimitive> primitives, ThreadPool* pool, std::stop_token stop,
                          ProgressCounter& progress) -> Result<BinaryTree> {
                     ++begun;
                     while (!go && !stop.stop_requested()) std::this_thread::yield();
                     if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped");
                     return build_binary_tree(std::move(primitives), pool, stop, progress);
                   }}};

  Result<std::shared_ptr<const HostBvh>> tree(const RenderDataPtr& data, std::stop_token stop = {}) {
    ProgressCounter progress{0};
    return store.tree(*data, TreeFormat::wide, std::move(stop), progress);
  }
  void wait_for_waiting(std::uint32_t count) const {
    while (store.waiting_count() < count) std::this_thread::yield();
  }
  void wait_for_begun(int count) const {
    while (begun < count) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("both formats of a tree are written from one that is built once, as if each had its own",
          "[device]") {
  TreeStoreOptions options;
  options.both_formats = true;
  TreeStore both(options), each;
  ProgressCounter progress{0};
  const auto tree_of = [&](TreeStore& store, const RenderDataPtr& data, TreeFormat format) {
    auto tree = store.tree(*data, format, {}, progress);
    REQUIRE(tree);
    return *tree;
  };
  const RenderDataPtr data = room_seen_at(1);
  for (const TreeFormat format : {TreeFormat::compact, TreeFormat::wide}) {
    const auto shared = tree_of(both, data, format), own = tree_of(each, data, format);
    CHECK(both.built_count() == 1);
    CHECK(shared->byte_size() == own->byte_size());
    CHECK(shared->view().wide_root == own->view().wide_root);
    CHECK(shared->view().compact_root == own->view().compact_root);
    const auto is_same = [](const auto* a, const auto* b, std::size_t count) {
      return count == 0 || std::memcmp(a, b, count * sizeof *a) == 0;
    };
    CHECK(is_same(shared->view().wide_nodes, own->view().wide_nodes, own->wide_node_count()));
    CHECK(is_same(shared->view().blocks, own->view().blocks, own->block_count()));
    CHECK(is_same(shared->view().compact_nodes, own->view().compact_nodes, own->compact_node_quads()));
    CHECK(is_same(shared->view().compact_triangles, own->view().compact_triangles,
                  own->compact_triangle_count()));
    CHECK(is_same(shared->view().instances, own->view().instances, own->instance_count()));
  }
  CHECK(each.built_count() == 2);
  tree_of(both, another_room(), TreeFormat::wide);
  CHECK(both.built_count() == 2);
  tree_of(both, another_room(), TreeFormat::compact);
  CHECK(both.built_count() == 2);
}

TEST_CASE("one tree is built for each geometry and format", "[device]") {
  TreeStore store;
  ProgressCounter progress{0};
  const auto tree_of = [&](const RenderDataPtr& data, TreeFormat format) {
    auto tree = store.tree(*data, format, {}, progress);
    REQUIRE(tree);
    return *tree;
  };
  const auto first = tree_of(room_seen_at(0), TreeFormat::wide);
  CHECK(first->wide_node_count() > 0);
  CHECK(first->compact_node_quads() == 0);
  CHECK(tree_of(room_seen_at(7), TreeFormat::wide) == first);  // compiled anew: equal content, other arrays
  CHECK(store.built_count() == 1);
  const auto compact = tree_of(room_seen_at(0), TreeFormat::compact);
  CHECK(compact->compact_node_quads() > 0);
  CHECK(compact->wide_node_count() == 0);
  CHECK(tree_of(another_room(), TreeFormat::wide) != first);
  CHECK(store.built_count() == 3);
  CHECK(tree_of(room_seen_at(0), TreeFormat::wide) == first);
  CHECK(store.built_count() == 3);
}

TEST_CASE("geometry is all that a tree depends on, and nothing else", "[device]") {
  const RenderDataPtr data = room_seen_at(0);
  const auto with = [&](auto&& change) {
    RenderData changed = *data;
    change(changed);
    return geometry_hash(changed, 1);
  };
  const Digest before = geometry_hash(*data, 1);
  CHECK(with([](RenderData& d) { d.positions.edit()[0].x += 1; }) != before);
  CHECK(with([](RenderData& d) { std::swap(d.triangles.edit()[0].v[0], d.triangles.edit()[0].v[1]); }) !=
        before);
  CHECK(with([](RenderData& d) { d.meshes.edit()[0].triangle_count -= 1; }) != before);
  CHECK(with([](RenderData& d) { d.instances.edit()[0].flags ^= kInstanceBaked; }) != before);
  CHECK(with([](RenderData& d) { d.cameras.edit()[0].lens_radius += 1; }) == before);
  CHECK(with([](RenderData& d) { d.settings.edit()[0].seed += 1; }) == before);
  CHECK(with([](RenderData& d) { d.materials.edit()[0].roughness = 0.5f; }) == before);
  CHECK(with([](RenderData& d) { d.texels.edit().push_back(0); }) == before);
}

TEST_CASE("a store keeps the trees in use and the last one of each format", "[device]") {
  TreeStore store;
  ProgressCounter progress{0};
  const auto use = [&](const RenderDataPtr& data) {
    auto tree = store.tree(*data, TreeFormat::wide, {}, progress);
    REQUIRE(tree);
    return *tree;
  };
  const RenderDataPtr room = room_seen_at(0), other = another_room();
  use(room);
  use(room);  // the last one, held by nobody
  CHECK(store.built_count() == 1);
  auto held = use(other);
  CHECK(store.built_count() == 2);
  use(room);  // it was dropped for the other one
  CHECK(store.built_count() == 3);
  CHECK(use(other) == held);
  CHECK(store.built_count() == 3);
}

TEST_CASE("two threads that want one tree build it once", "[device]") {
  SlowStore slow;
  const RenderDataPtr room = room_seen_at(0);
  std::shared_ptr<const HostBvh> first, second;
  std::thread builder([&] { first = *slow.tree(room); });
  slow.wait_for_begun(1);
  std::thread waiter([&] { second = *slow.tree(room); });
  slow.wait_for_waiting(1);
  slow.go = true;
  builder.join();
  waiter.join();
  CHECK(first != nullptr);
  CHECK(first == second);
  CHECK(slow.store.built_count() == 1);
  CHECK(slow.store.waiting_count() == 0);
}

TEST_CASE("whoever waits for a tree can be cancelled, and builds when the builder was", "[device]") {
  SlowStore slow;
  const RenderDataPtr room = room_seen_at(0);
  std::stop_source stop_builder, stop_impatient;
  Result<std::shared_ptr<const HostBvh>> built = fail(ErrorKind::internal, ""), waited = built,
                                         impatient = built;
  std::thread builder([&] { built = slow.tree(room, stop_builder.get_token()); });
  slow.wait_for_begun(1);
  std::thread first([&] { impatient = slow.tree(room, stop_impatient.get_token()); });
  slow.wait_for_waiting(1);
  stop_impatient.request_stop();
  first.join();
  REQUIRE_FALSE(impatient);
  CHECK(impatient.error().kind == ErrorKind::cancelled);

  std::thread waiter([&] { waited = slow.tree(room); });
  slow.wait_for_waiting(1);
  stop_builder.request_stop();
  builder.join();
  REQUIRE_FALSE(built);
  CHECK(built.error().kind == ErrorKind::cancelled);
  slow.wait_for_begun(2);
  slow.go = true;
  waiter.join();
  CHECK(waited);
  CHECK(slow.store.built_count() == 1);
}

TEST_CASE("a build that throws leaves the store usable", "[device]") {
  bool throws = true;
  TreeStore store({1, false,
                   [&](LargeArray<BvhPrimitive> primitives, ThreadPool* pool, std::stop_token stop,
                       ProgressCounter& progress) -> Result<BinaryTree> {
                     if (throws) throw std::bad_alloc();
                     return build_binary_tree(std::move(primitives), pool, stop, progress);
                   }});
  ProgressCounter progress{0};
  const RenderDataPtr room = room_seen_at(0);
  CHECK_THROWS_AS(store.tree(*room, TreeFormat::wide, {}, progress), std::bad_alloc);
  throws = false;
  CHECK(store.tree(*room, TreeFormat::wide, {}, progress));
}

TEST_CASE("devices share their trees, and a moved camera builds none", "[device]") {
  const auto trees = std::make_shared<TreeStore>(TreeStoreOptions{2});
  const std::unique_ptr<Device> first = *make_cpu_device({.threads = 1}, trees);
  const std::unique_ptr<Device> second = *make_cpu_device({.threads = 1}, trees);
  const RenderDataPtr room = room_seen_at(0);
  ProgressCounter progress{0};
  REQUIRE(first->upload(0, room, {}, progress));
  REQUIRE(second->upload(1, room, {}, progress));
  CHECK(trees->built_count() == 1);
  Camera camera = room->cameras[0];
  camera.world_from_camera.m[3] += 0.25f;
  const auto moved =
      std::make_shared<const RenderData>(with_camera_and_settings(*room, camera, room->settings[0]));
  REQUIRE(first->upload(1, moved, {}, progress));
  REQUIRE(first->upload(0, moved, {}, progress));
  CHECK(trees->built_count() == 1);

  second->release(1);
  // slots that take turns find their trees even when another one was the last
  REQUIRE(first->upload(1, another_room(), {}, progress));
  CHECK(trees->built_count() == 2);
  REQUIRE(first->upload(0, room, {}, progress));
  CHECK(trees->built_count() == 2);
}
