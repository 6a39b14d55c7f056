#include "compile/fastest_loops.hpp"

#include <vector>

#include "data/packing.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Directions of all kinds: random ones, axes and edges of the octahedron, and none at all.
std::vector<Vec3> directions(std::uint64_t seed) {
  std::vector<Vec3> vectors{{0, 0, 0}, {0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}};
  Random random(seed);
  const auto value = [&] { return static_cast<float>(random.below(2001)) / 1000.0f - 1.0f; };
  for (std::size_t i = 0; i < 20'000; ++i) {
    Vec3 v{value(), value(), value()};
    if (i % 7 == 0) v.x = 0;
    if (i % 11 == 0) v.y = 0;
    if (i % 13 == 0) v.z = -0.0f;
    vectors.push_back(normalize(v));
  }
  return vectors;
}

}  // namespace

TEST_CASE("normals are packed to the same bits by the loops of every instruction set", "[compile]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const std::vector<Vec3> vectors = directions(seed);
    std::vector<u32> expected;
    for (const Vec3& v : vectors) expected.push_back(pack_normal(v));
    for (const HostLoops& loops : {host_loops_x64(), fastest_loops()}) {
      std::vector<u32> packed(vectors.size());
      loops.pack_normals(vectors.data(), packed.data(), vectors.size());
      CHECK(packed == expected);
    }
  }
}
