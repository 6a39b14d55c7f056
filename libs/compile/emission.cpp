#include "compile/emission.hpp"

#include <algorithm>

#include "math/vec.hpp"

namespace oct {
namespace {

/// A point of the image in texels, from its upper left corner.
struct TexelPoint {
  double x, y;
};

struct Footprint {
  TexelPoint corners[3];

  /// Twice the signed area of corner a, corner b and p.
  double side(int a, int b, TexelPoint p) const {
    return (corners[b].x - corners[a].x) * (p.y - corners[a].y) -
           (corners[b].y - corners[a].y) * (p.x - corners[a].x);
  }
  bool contains(TexelPoint p) const {
    const double a = side(0, 1, p);
    const double b = side(1, 2, p);
    const double c = side(2, 0, p);
    return (a >= 0 && b >= 0 && c >= 0) || (a <= 0 && b <= 0 && c <= 0);
  }
};

Footprint footprint_of(const RenderData& data, const TextureSlot& slot, const Mesh& mesh, u32 primitive) {
  const TextureImage& image = data.texture_images[slot.image];
  const Triangle& triangle = data.triangles[mesh.first_triangle + primitive];
  const u32 first_uv = mesh.first_uv[slot.uv_set];
  Footprint footprint{};
  for (int i = 0; i < 3; ++i) {
    const Vec2 uv = first_uv == kNone ? Vec2{0, 0} : data.uvs[first_uv + triangle.v[i]];
    const double u = uv.x;
    const double v = uv.y;
    footprint.corners[i] = {(slot.m[0] * u + slot.m[1] * v + slot.m[2]) * image.width,
                            (slot.m[3] * u + slot.m[4] * v + slot.m[5]) * image.height};
  }
  return footprint;
}

i64 floor_of(double x) {  // |x| < 2^62: coordinates, transforms and sizes are bounded
  const i64 whole = static_cast<i64>(x);
  return static_cast<double>(whole) > x ? whole - 1 : whole;
}

u32 wrapped(i64 texel, u32 size, Wrap wrap) {
  if (wrap == Wrap::clamp_to_edge) return static_cast<u32>(std::clamp<i64>(texel, 0, i64{size} - 1));
  const i64 period = wrap == Wrap::mirrored_repeat ? 2 * i64{size} : i64{size};
  const i64 rest = (texel % period + period) % period;
  return static_cast<u32>(rest < i64{size} ? rest : period - 1 - rest);
}

/// Sums texels looked up at points.
struct TexelMean {
  const TexelReader& texels;
  const TextureSlot& slot;
  double sum[3] = {0, 0, 0};
  u64 count = 0;

  void add(i64 x, i64 y) {
    const Vec3 rgb =
        texels.at(wrapped(x, texels.width(), slot.wrap_s), wrapped(y, texels.height(), slot.wrap_t));
    sum[0] += static_cast<double>(rgb.x);
    sum[1] += static_cast<double>(rgb.y);
    sum[2] += static_cast<double>(rgb.z);
    ++count;
  }
  bool is_black() const { return !(sum[0] + sum[1] + sum[2] > 0); }
  Vec3 mean() const {
    const double n = static_cast<double>(std::max(count, u64{1}));
    return {static_cast<float>(sum[0] / n), static_cast<float>(sum[1] / n), static_cast<float>(sum[2] / n)};
  }
};

void add_texels_inside(const Footprint& footprint, i64 points_a_side, TexelMean& mean) {
  const auto& c = footprint.corners;
  const i64 x0 = floor_of(std::min({c[0].x, c[1].x, c[2].x}));
  const i64 x1 = floor_of(std::max({c[0].x, c[1].x, c[2].x}));
  const i64 y0 = floor_of(std::min({c[0].y, c[1].y, c[2].y}));
  const i64 y1 = floor_of(std::max({c[0].y, c[1].y, c[2].y}));
  const i64 step_x = (x1 - x0) / points_a_side + 1;
  const i64 step_y = (y1 - y0) / points_a_side + 1;
  for (i64 y = y0 + step_y / 2; y <= y1; y += step_y) {
    for (i64 x = x0 + step_x / 2; x <= x1; x += step_x) {
      if (footprint.contains({static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5})) mean.add(x, y);
    }
  }
}

/// The middle, and half way from it to each corner.
void add_four_points(const Footprint& footprint, TexelMean& mean) {
  const auto& c = footprint.corners;
  const TexelPoint middle{(c[0].x + c[1].x + c[2].x) / 3, (c[0].y + c[1].y + c[2].y) / 3};
  mean.add(floor_of(middle.x), floor_of(middle.y));
  for (const TexelPoint& corner : c)
    mean.add(floor_of((middle.x + corner.x) / 2), floor_of((middle.y + corner.y) / 2));
}

}  // namespace

Vec3 mean_emission(const RenderData& data, const Material& material, const Mesh& mesh, u32 primitive,
                   u32 points_a_side) {
  if (material.emission_texture == kNone) return material.emission;
  const TextureSlot& slot = data.texture_slots[material.emission_texture];
  const TexelReader texels(data, slot.image);
  const Footprint footprint = footprint_of(data, slot, mesh, primitive);
  TexelMean mean{texels, slot};
  add_texels_inside(footprint, points_a_side, mean);
  if (mean.is_black()) add_four_points(footprint, mean);
  return material.emission * mean.mean();
}

}  // namespace oct
