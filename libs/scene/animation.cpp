#include "scene/animation.hpp"

#include <algorithm>
#include <cmath>

#include "math/trigonometric.hpp"

namespace oct {
namespace {

/// Between which keys a time lies: `share` of the way from `key` to the next, 0 at the ends of the curve.
struct Place {
  std::size_t key = 0;
  double share = 0;
  double span_s = 0;
};

Place find_place(const SceneSampler& sampler, double time_s) {
  const auto& times = sampler.times;
  const auto after = std::upper_bound(times.begin(), times.end(), time_s,
                                      [](double time, float key) { return time < static_cast<double>(key); });
  if (after == times.begin()) return {};
  const auto key = static_cast<std::size_t>(after - times.begin()) - 1;
  if (after == times.end()) return {key, 0, 0};
  const auto begin = static_cast<double>(times[key]);
  const double span = static_cast<double>(*after) - begin;  // above 0, since begin <= time < *after
  return {key, (time_s - begin) / span, span};
}

/// Component c of a key. part: 0 = tangent in, 1 = value, 2 = tangent out; only cubic splines have tangents.
double at(const SceneSampler& sampler, std::size_t key, std::size_t part, std::size_t c) {
  const bool cubic = sampler.interpolation == Interpolation::cubic_spline;
  return static_cast<double>(sampler.values[(cubic ? 3 * key + part : key) * sampler.width + c]);
}

/// glTF 2.0, appendix C.4: Hermite spline whose tangents are per second.
double cubic_at(const SceneSampler& sampler, const Place& place, std::size_t c) {
  const double t = place.share;
  const double t2 = t * t;
  const double t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * at(sampler, place.key, 1, c) +
         (t3 - 2 * t2 + t) * place.span_s * at(sampler, place.key, 2, c) +
         (3 * t2 - 2 * t3) * at(sampler, place.key + 1, 1, c) +
         (t3 - t2) * place.span_s * at(sampler, place.key + 1, 0, c);
}

double value_at(const SceneSampler& sampler, const Place& place, std::size_t c) {
  const double here = at(sampler, place.key, 1, c);
  if (place.share == 0 || sampler.interpolation == Interpolation::step) return here;
  if (sampler.interpolation == Interpolation::cubic_spline) return cubic_at(sampler, place, c);
  return here + place.share * (at(sampler, place.key + 1, 1, c) - here);
}

double length(const std::array<double, 4>& q) {
  return std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
}

std::array<double, 4> rotation_at(const SceneSampler& sampler, std::size_t key) {
  std::array<double, 4> q{};
  for (std::size_t c = 0; c < 4; ++c) q[c] = at(sampler, key, 1, c);
  const double size = length(q);
  for (double& value : q) value = size > 0 ? value / size : 0;
  return q;
}

/// glTF 2.0, appendix C.3 (Shoemake 1985), the angle by its tangent, which is exact for small ones too. The
/// angle needs no more than floats: they are as good as those of the file.
std::array<double, 4> slerp(const std::array<double, 4>& a, std::array<double, 4> b, double share) {
  const double cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  if (cosine < 0) {
    for (double& value : b) value = -value;
  }
  std::array<double, 4> difference{};
  std::array<double, 4> sum{};
  for (std::size_t c = 0; c < 4; ++c) {
    difference[c] = b[c] - a[c];
    sum[c] = b[c] + a[c];
  }
  const float angle = 2 * atan2(static_cast<float>(length(difference)), static_cast<float>(length(sum)));
  const auto whole = static_cast<double>(sin(angle));
  double of_a = 1 - share;
  double of_b = share;
  if (whole > 0) {
    of_a = static_cast<double>(sin(static_cast<float>(of_a) * angle)) / whole;
    of_b = static_cast<double>(sin(static_cast<float>(of_b) * angle)) / whole;
  }
  std::array<double, 4> result{};
  for (std::size_t c = 0; c < 4; ++c) result[c] = of_a * a[c] + of_b * b[c];
  return result;
}

}  // namespace

float SceneAnimation::duration_s() const {
  float last = 0;
  for (const SceneChannel& channel : channels) last = std::max(last, samplers[channel.sampler].times.back());
  return last;
}

std::vector<double> sample(const SceneSampler& sampler, double time_s) {
  const Place place = find_place(sampler, time_s);
  std::vector<double> values(sampler.width);
  for (std::size_t c = 0; c < values.size(); ++c) values[c] = value_at(sampler, place, c);
  return values;
}

std::array<double, 4> sample_rotation(const SceneSampler& sampler, double time_s) {
  const Place place = find_place(sampler, time_s);
  if (sampler.interpolation == Interpolation::linear && place.share > 0) {
    return slerp(rotation_at(sampler, place.key), rotation_at(sampler, place.key + 1), place.share);
  }
  std::array<double, 4> q{};
  for (std::size_t c = 0; c < 4; ++c) q[c] = value_at(sampler, place, c);
  return q;
}

}  // namespace oct
