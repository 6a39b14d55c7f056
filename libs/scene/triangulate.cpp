#include "scene/triangulate.hpp"

#include <cmath>

#include "base/check.hpp"

namespace oct {

const std::vector<Triangulator::Corners>& Triangulator::cut(std::span<const Vec3> corners) {
  OCT_CHECK(corners.size() >= 3);
  triangles_.clear();
  ring_.resize(corners.size());
  for (std::size_t i = 0; i < ring_.size(); ++i) ring_[i] = static_cast<std::uint32_t>(i);
  if (corners.size() == 3) {
    triangles_.push_back({0, 1, 2});
    return triangles_;
  }
  project(corners);
  if (corners.size() == 4) {
    cut_quad();
  } else if (is_convex() || gave_up_) {
    fan();
  } else {
    clip_ears();
  }
  return triangles_;
}

/// Drops the axis along which the polygon's normal is longest, so that it runs counter-clockwise in what is
/// left.
void Triangulator::project(std::span<const Vec3> corners) {
  double nx = 0;
  double ny = 0;
  double nz = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Vec3 a = corners[i];
    const Vec3 b = corners[(i + 1) % corners.size()];
    nx += (static_cast<double>(a.y) - b.y) * (static_cast<double>(a.z) + b.z);
    ny += (static_cast<double>(a.z) - b.z) * (static_cast<double>(a.x) + b.x);
    nz += (static_cast<double>(a.x) - b.x) * (static_cast<double>(a.y) + b.y);
  }
  const bool along_x = std::fabs(nx) >= std::fabs(ny) && std::fabs(nx) >= std::fabs(nz);
  const bool along_y = !along_x && std::fabs(ny) >= std::fabs(nz);
  const double sign = (along_x ? nx : along_y ? ny : nz) < 0 ? -1 : 1;
  points_.resize(corners.size());
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Vec3 p = corners[i];
    if (along_x) {
      points_[i] = {sign * p.y, p.z};
    } else if (along_y) {
      points_[i] = {sign * p.z, p.x};
    } else {
      points_[i] = {sign * p.x, p.y};
    }
  }
}

/// Twice the signed area of a triangle; positive for a turn to the left.
double Triangulator::turn(std::uint32_t a, std::uint32_t b, std::uint32_t c) const {
  const Point& p = points_[a];
  const Point& q = points_[b];
  const Point& r = points_[c];
  return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
}

bool Triangulator::is_convex() const {
  const std::size_t count = ring_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (turn(ring_[i], ring_[(i + 1) % count], ring_[(i + 2) % count]) < 0) return false;
  }
  return true;
}

void Triangulator::fan() {
  for (std::size_t i = 1; i + 1 < ring_.size(); ++i) triangles_.push_back({ring_[0], ring_[i], ring_[i + 1]});
}

/// Along the diagonal that lies inside; along the shorter one where both do.
void Triangulator::cut_quad() {
  const bool first_inside = turn(0, 1, 2) >= 0 && turn(0, 2, 3) >= 0;
  const bool second_inside = turn(0, 1, 3) >= 0 && turn(1, 2, 3) >= 0;
  const auto squared_length = [&](std::size_t a, std::size_t b) {
    const double dx = points_[a].x - points_[b].x;
    const double dy = points_[a].y - points_[b].y;
    return dx * dx + dy * dy;
  };
  const bool take_first =
      first_inside == second_inside ? squared_length(0, 2) <= squared_length(1, 3) : first_inside;
  if (take_first) {
    triangles_.push_back({0, 1, 2});
    triangles_.push_back({0, 2, 3});
  } else {
    triangles_.push_back({0, 1, 3});
    triangles_.push_back({1, 2, 3});
  }
}

/// No other corner lies in the triangle. Places are those of the ring.
bool Triangulator::is_ear(std::size_t before, std::size_t at, std::size_t after) {
  const std::uint32_t a = ring_[before];
  const std::uint32_t b = ring_[at];
  const std::uint32_t c = ring_[after];
  if (turn(a, b, c) <= 0) return false;
  tests_ += ring_.size();
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    if (i == before || i == at || i == after) continue;
    const std::uint32_t p = ring_[i];
    if (turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0) {
      // holes are written as a bridge walked twice: the same point again is no obstacle
      const auto same = [&](std::uint32_t q) {
        return points_[p].x == points_[q].x && points_[p].y == points_[q].y;
      };
      if (!same(a) && !same(b) && !same(c)) return false;
    }
  }
  return true;
}

void Triangulator::clip_ears() {
  constexpr std::uint64_t kMostTests = 2'000'000'000;
  std::size_t at = 0;
  std::size_t tried = 0;
  while (ring_.size() > 3 && tried < ring_.size()) {
    const std::size_t count = ring_.size();
    const std::size_t before = (at + count - 1) % count;
    const std::size_t after = (at + 1) % count;
    if (is_ear(before, at, after)) {
      triangles_.push_back({ring_[before], ring_[at], ring_[after]});
      ring_.erase(ring_.begin() + static_cast<std::ptrdiff_t>(at));
      at = at % ring_.size();
      tried = 0;
    } else {
      at = after;
      ++tried;
    }
    if (tests_ > kMostTests) {
      gave_up_ = true;
      break;
    }
  }
  fan();  // the last triangle, or what has no ear because it crosses itself
}

}  // namespace oct
