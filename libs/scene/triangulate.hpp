#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/types.hpp"

namespace oct {

/// Cuts polygons into triangles by clipping ears (Meisters 1975) in the plane of their Newell normal. Corners
/// keep their order, so that all triangles face as the polygon does. The result depends on the corners alone.
class Triangulator {
 public:
  using Corners = std::array<std::uint32_t, 3>;  ///< places in the polygon

  /// corners.size() - 2 triangles, at least 3 corners. A polygon that crosses itself is cut all the same.
  const std::vector<Corners>& cut(std::span<const Vec3> corners);

  /// A concave polygon of n corners costs up to n^3; when all of a file together cost too much, the remaining
  /// ones are cut as if they were convex.
  bool gave_up() const { return gave_up_; }

 private:
  struct Point {
    double x, y;
  };

  void project(std::span<const Vec3> corners);
  bool is_convex() const;
  bool is_ear(std::size_t before, std::size_t at, std::size_t after);
  void fan();
  void cut_quad();
  void clip_ears();
  double turn(std::uint32_t a, std::uint32_t b, std::uint32_t c) const;

  std::vector<Point> points_;
  std::vector<std::uint32_t> ring_;  ///< corners that are left
  std::vector<Corners> triangles_;
  std::uint64_t tests_ = 0;
  bool gave_up_ = false;
};

}  // namespace oct
