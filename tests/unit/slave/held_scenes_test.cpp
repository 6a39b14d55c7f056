#include "slave/held_scenes.hpp"

#include "support/a_scene.hpp"
#include "support/catch.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

MemoryNeeds held(const RenderData& own, const std::vector<const RenderData*>& others) {
  MemoryNeeds needs;
  needs.wide_trees = 1;
  needs.scene_bytes = byte_size(own);
  return with_held_scenes(needs, own, others);
}

}  // namespace

TEST_CASE("what scenes share is held once", "[slave]") {
  const RenderData own = compiled(a_scene(), small_film());
  const std::uint64_t positions = own.positions.size() * sizeof(own.positions[0]);

  RenderData other_camera = own;
  other_camera.cameras.edit()[0].lens_radius = 0.5f;
  const MemoryNeeds beside = held(own, {&other_camera});
  CHECK(beside.scene_bytes == byte_size(own));
  CHECK(beside.held_scene_bytes == other_camera.cameras.size() * sizeof(Camera));
  CHECK(beside.held_tree_triangles == 0);  // of the same geometry

  RenderData moved = own;
  moved.positions.edit()[0].x += 1;
  const std::uint64_t tree = triangles_in_tree(moved.triangles.size(), triangles_placed(moved));
  CHECK(held(own, {&moved}).held_scene_bytes == positions);
  CHECK(held(own, {&moved}).held_tree_triangles == tree);
  const RenderData moved_again = moved;  // a third one, with the arrays of the second
  CHECK(held(own, {&moved, &moved_again}).held_scene_bytes == positions);
  CHECK(held(own, {&moved, &moved_again}).held_tree_triangles == tree);
  CHECK(held(own, {}).held_scene_bytes == 0);

  RenderData half;  // its instances have come, and name meshes that have not
  half.instances = moved.instances;
  half.positions = moved.positions;
  const MemoryNeeds beside_half = with_held_scenes({}, own, {}, {&half});
  CHECK(beside_half.held_scene_bytes == positions);
  CHECK(beside_half.held_tree_triangles == 0);
}

TEST_CASE("a tree that is held is not built", "[slave]") {
  MemoryNeeds needs;
  needs.wide_trees = 1;
  const std::uint64_t nothing = memory_budget(needs).bytes;
  needs.tree_triangles = 1'000'000;
  const std::uint64_t built = memory_budget(needs).bytes - nothing;
  needs.tree_triangles = 0;
  needs.held_tree_triangles = 1'000'000;
  const std::uint64_t held_tree = memory_budget(needs).bytes - nothing;
  CHECK(held_tree > 0);
  CHECK(held_tree < built);
  needs.held_scene_bytes = 5;
  CHECK(memory_budget(needs).bytes == nothing + held_tree + 5);
}
