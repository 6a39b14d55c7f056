#include "scene/triangulate.hpp"

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

double signed_area(Vec3 a, Vec3 b, Vec3 c) {
  return 0.5 * ((static_cast<double>(b.x) - a.x) * (static_cast<double>(c.y) - a.y) -
                (static_cast<double>(b.y) - a.y) * (static_cast<double>(c.x) - a.x));
}

double polygon_area(const std::vector<Vec3>& corners) {
  double area = 0;
  for (std::size_t i = 1; i + 1 < corners.size(); ++i)
    area += signed_area(corners[0], corners[i], corners[i + 1]);
  return area;
}

/// Triangles that cover a polygon in the plane z = 0 exactly: none is turned over, and their areas add up.
void check_cover(const std::vector<Vec3>& corners) {
  Triangulator triangulator;
  const auto& triangles = triangulator.cut(corners);
  REQUIRE(triangles.size() == corners.size() - 2);
  const double whole = polygon_area(corners);
  double sum = 0;
  for (const auto& t : triangles) {
    const double area = signed_area(corners[t[0]], corners[t[1]], corners[t[2]]);
    CHECK(area * whole >= 0);
    sum += area;
  }
  CHECK(sum == Approx(whole));
}

}  // namespace

TEST_CASE("a quad is cut along its shorter diagonal, a concave one along the one inside", "[scene]") {
  Triangulator triangulator;
  using Cuts = std::vector<Triangulator::Corners>;
  const std::vector<Vec3> square{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};
  CHECK(triangulator.cut(square) == Cuts{{0, 1, 2}, {0, 2, 3}});
  const std::vector<Vec3> long_first{{-2, 0, 0}, {0, -1, 0}, {2, 0, 0}, {0, 1, 0}};
  CHECK(triangulator.cut(long_first) == Cuts{{0, 1, 3}, {1, 2, 3}});
  // an arrow whose notch is corner 2: the diagonal between 0 and 2 is the one inside, although it is the
  // longer
  const std::vector<Vec3> arrow{{0, 0, 0}, {5, 1, 0}, {4, 0, 0}, {5, -1, 0}};
  CHECK(triangulator.cut(arrow) == Cuts{{0, 1, 2}, {0, 2, 3}});
  check_cover(arrow);
}

TEST_CASE("convex polygons are covered exactly", "[scene]") {
  check_cover({{0, 0, 0}, {2, 0, 0}, {3, 1, 0}, {2, 2, 0}, {0, 2, 0}});
  // with corners on a straight line
  check_cover({{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {2, 2, 0}, {1, 2, 0}, {0, 2, 0}});
}

TEST_CASE("concave polygons are covered exactly, in both directions and far from the origin", "[scene]") {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    // a comb: teeth of random height over a straight base
    const int teeth = 3 + static_cast<int>(random.below(10));
    const float shift = round % 2 == 0 ? 0.0f : 1000.0f;
    std::vector<Vec3> corners{{shift, shift, 0}, {shift + 2.0f * static_cast<float>(teeth), shift, 0}};
    for (int i = 2 * teeth; i >= 0; --i) {
      const float height = i % 2 == 0 ? 1.0f : 2.0f + static_cast<float>(random.below(100)) / 10.0f;
      corners.push_back({shift + static_cast<float>(i), shift + height, 0});
    }
    check_cover(corners);
    check_cover({corners.rbegin(), corners.rend()});
  }
}

TEST_CASE("polygons stand in any plane", "[scene]") {
  Triangulator triangulator;
  // the arrow again, seen along x and along y
  const std::vector<Vec3> along_x{{9, 0, 0}, {9, 5, 1}, {9, 4, 0}, {9, 5, -1}};
  const std::vector<Vec3> along_y{{0, 9, 0}, {1, 9, 5}, {0, 9, 4}, {-1, 9, 5}};
  using Cuts = std::vector<Triangulator::Corners>;
  CHECK(triangulator.cut(along_x) == Cuts{{0, 1, 2}, {0, 2, 3}});
  CHECK(triangulator.cut(along_y) == Cuts{{0, 1, 2}, {0, 2, 3}});
}

TEST_CASE("a polygon that crosses itself or has no area is cut all the same", "[scene]") {
  Triangulator triangulator;
  const std::vector<Vec3> star{{0, 3, 0}, {2, -3, 0}, {-3, 1, 0}, {3, 1, 0}, {-2, -3, 0}};
  CHECK(triangulator.cut(star).size() == 3);
  const std::vector<Vec3> point(7, Vec3{1, 1, 1});
  CHECK(triangulator.cut(point).size() == 5);
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Vec3> corners(3 + random.below(30));
    for (Vec3& c : corners) {
      c.x = static_cast<float>(random.below(10));
      c.y = static_cast<float>(random.below(10));
      c.z = static_cast<float>(random.below(3));
    }
    const auto& triangles = triangulator.cut(corners);
    CHECK(triangles.size() == corners.size() - 2);
    for (const auto& t : triangles) {
      for (const std::uint32_t corner : t) CHECK(corner < corners.size());
    }
  }
}
