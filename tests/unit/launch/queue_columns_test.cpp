#include "launch/queue_columns.hpp"

#include <cstring>
#include <vector>

#include "launch/queue_memory.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

/// Queues of eight paths in memory that holds rubbish.
class Columns {
 public:
  static constexpr u32 kPaths = 8;
  Columns() : block_(bytes() / sizeof(Quad) + 1, Quad{{~0u, 7, ~0u, 7}}), memory(block_.data(), kSizes) {}

 private:
  static constexpr QueueSizes kSizes{kPaths, 1, 1, 1};
  static u64 bytes() { return QueueMemory(nullptr, kSizes).byte_size(); }
  std::vector<Quad> block_;

 public:
  QueueMemory memory;
};

PathState a_path() {
  PathState state{};
  state.origin = {1.5f, -0.0f, 3e-41f};
  state.direction = {-1, kInfinity, 0.25f};
  state.after = {-1.0f, 0, 0};
  state.left_instance = kNone;
  state.left_primitive = 17;
  state.throughput = {0, 1e30f, 2};
  state.bsdf_pdf = 0.125f;
  state.pixel = 0xffffffffu;
  state.sample = 0xfffffffeu;
  state.depth = 1024;
  state.media = no_media();
  return state;
}

bool same(const PathState& a, const PathState& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace

TEST_CASE("a path goes through columns and back unchanged", "[launch]") {
  const Columns columns;
  std::vector<PathState> states(4, a_path());
  states[1].after = {0.0f, 3, 0x0fffffffu};  // straight on from where it began
  states[2].media = {{5, kNone, kNone, kNone}};
  states[3].after = {kInfinity, 0x0ffffffeu, 1};
  states[3].media = {{1, 2, 0, 4}};
  for (u32 i = 0; i < 4; ++i) store_path(columns.memory.paths[0], 2 * i, states[i], {100 + i, 85 * i});
  for (u32 i = 0; i < 4; ++i) {
    const QueuedPath path = load_path(columns.memory.paths[0], 2 * i);
    CHECK(same(path.state, states[i]));
    CHECK(path.place.unit == 100 + i);
    CHECK(path.place.in_tile == 85 * i);
    const PathIdentity identity = load_identity(columns.memory.paths[0], 2 * i);
    CHECK(identity.depth == 1024);
    CHECK(identity.place.unit == 100 + i);
    CHECK(identity.place.in_tile == 85 * i);
  }
}

TEST_CASE("the ray of a queued path is the path's", "[launch]") {
  const Columns columns;
  PathState state = a_path();
  state.left_instance = 4;
  for (const float after : {-1.0f, 2.0f}) {
    if (after > 0) state.after = {after, 9, 9};
    store_path(columns.memory.paths[1], 3, state, {});
    Ray ray = load_ray(columns.memory.paths[1], 3);
    ray.after = state.after;  // which load_ray leaves out
    const Ray expected = next_ray(state);
    CHECK(std::memcmp(&ray, &expected, sizeof ray) == 0);
    for (const HitKey key : {HitKey{1, 4, 17}, HitKey{1, 4, 18}, HitKey{1, 5, 17}, HitKey{2, 9, 9},
                             HitKey{2, 9, 10}, HitKey{3, 0, 0}, HitKey{-1, 0, 0}})
      CHECK(accepts_hit(columns.memory.paths[1], 3, key) == counts(expected, key));
  }
}

TEST_CASE("hits go through columns and back unchanged", "[launch]") {
  const Columns columns;
  for (const u32 back : {0u, 1u}) {
    const Hit hit{2.5f, 0.25f, 0.75f, 12, 0x0fffffffu, back};
    store_hit(columns.memory.hits, 5, hit);
    const Hit loaded = load_hit(columns.memory.hits, 5);
    CHECK(std::memcmp(&loaded, &hit, sizeof hit) == 0);
  }
  store_hit(columns.memory.hits, 5, {kInfinity, 0, 0, kNone, kNone, 0});
  CHECK(load_hit(columns.memory.hits, 5).instance == kNone);
}

TEST_CASE("the ray of a queued light sample is the sample's", "[launch]") {
  const Columns columns;
  for (const float t_max : {1.0f, kInfinity}) {
    ShadowRequest request{};
    request.ray = {{1, 2, 3}, 0.0f, {4, 5, 6}, t_max, {-1.0f, 0, 0}, 7, 8};
    request.radiance = {9, 10, 11};
    store_shadow(columns.memory.shadows, 6, request, 2);
    const Ray ray = load_shadow_ray(columns.memory.shadows, 6);
    CHECK(std::memcmp(&ray, &request.ray, sizeof ray) == 0);
    CHECK(columns.memory.shadows.path[6] == 2);
    for (const HitKey key : {HitKey{0.5f, 7, 8}, HitKey{0.5f, 7, 9}, HitKey{0.5f, 6, 8}, HitKey{2, 1, 1}})
      CHECK(accepts_shadow_hit(columns.memory.shadows, 6, key) == counts(request.ray, key));
  }
}
