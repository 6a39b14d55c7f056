#include "compile/lights.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compile/alias_table.hpp"
#include "compile/emission.hpp"
#include "compile/luminance.hpp"
#include "compile/textures.hpp"
#include "compile/transforms.hpp"
#include "math/transcendental.hpp"
#include "math/transform.hpp"
#include "render_data/bounds.hpp"
#include "render_data/limits.hpp"

namespace oct {
namespace {

/// Texels looked at over all emissive triangles together, about.
constexpr u64 kTexelBudget = u64{1} << 26;

/// The lights on their way, with the power (W, of luminance) that decides how often each is drawn.
struct LightList {
  std::vector<Light>& lights;
  std::vector<double> powers;

  void add(const Light& light, double power) {
    lights.push_back(light);
    powers.push_back(power);
  }
};

float world_area(const RenderData& data, const Instance& instance, const Mesh& mesh, u32 primitive) {
  const Triangle& triangle = data.triangles[mesh.first_triangle + primitive];
  Vec3 p[3];
  for (int i = 0; i < 3; ++i) {
    p[i] = transform_point(instance.world_from_object, data.positions[mesh.first_vertex + triangle.v[i]]);
  }
  const double bx = static_cast<double>(p[1].x) - p[0].x;
  const double by = static_cast<double>(p[1].y) - p[0].y;
  const double bz = static_cast<double>(p[1].z) - p[0].z;
  const double cx = static_cast<double>(p[2].x) - p[0].x;
  const double cy = static_cast<double>(p[2].y) - p[0].y;
  const double cz = static_cast<double>(p[2].z) - p[0].z;
  const double x = by * cz - bz * cy;
  const double y = bz * cx - bx * cz;
  const double z = bx * cy - by * cx;
  return static_cast<float>(0.5 * square_root(x * x + y * y + z * z));
}

u32 emission_points_a_side(const RenderData& data) {
  u64 triangles = 1;
  for (const Instance& instance : data.instances) {
    const bool textured = data.materials[instance.material].emission_texture != kNone;
    if (textured) triangles += data.meshes[instance.mesh].triangle_count;
  }
  u32 side = 256;
  while (side > 8 && u64{side} * side * triangles > kTexelBudget) side /= 2;
  return side;
}

/// One light for each triangle of the instance, if any of them shines.
Result<void> add_area_lights(u32 index, u32 points_a_side, ThreadPool& pool, RenderData& data,
                             LightList& list) {
  Instance& instance = data.instances.edit()[index];
  const Material& material = data.materials[instance.material];
  if (is_black(material.emission)) return {};
  const Mesh& mesh = data.meshes[instance.mesh];
  const std::size_t first = list.lights.size();
  if (first + mesh.triangle_count > kMaxLights)
    return fail(ErrorKind::exhausted, "the scene has more than 2^31 lights");
  list.lights.resize(first + mesh.triangle_count);
  list.powers.resize(first + mesh.triangle_count);

  const bool both_sides = (material.flags & kMaterialEmitsFrontOnly) == 0;
  pool.for_ranges(mesh.triangle_count, 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      Light light{};
      light.kind = LightKind::area;
      light.instance = index;
      light.primitive = static_cast<u32>(t);
      light.area = world_area(data, instance, mesh, light.primitive);
      light.intensity = mean_emission(data, material, mesh, light.primitive, points_a_side);
      list.lights[first + t] = light;
      list.powers[first + t] =
          kPiDouble * (both_sides ? 2 : 1) * static_cast<double>(light.area) * luminance_of(light.intensity);
    }
  });
  if (sum_in_blocks(std::span(list.powers).subspan(first), pool) > 0) {
    instance.first_light = static_cast<u32>(first);
  } else {
    list.lights.resize(first);
    list.powers.resize(first);
  }
  return {};
}

float cosine_of_degrees(float degrees) {
  return cos(degrees * (kPi / 180.0f));
}

/// The light as kernels know it.
Light make_punctual(const SceneLight& source) {
  Light light{};
  light.instance = light.primitive = kNone;
  light.position = source.position;
  light.direction = unit_vector(source.direction);
  light.intensity = clean_radiance(source.intensity);
  light.cos_half_angle = light.cos_inner = light.cos_outer = 1;
  switch (source.kind) {
    case SceneLightKind::point: light.kind = LightKind::point; break;
    case SceneLightKind::spot: {
      light.kind = LightKind::spot;
      const float outer = clamp(source.outer_cone_degrees, 0.0f, 90.0f);
      light.cos_outer = cosine_of_degrees(outer);
      light.cos_inner = cosine_of_degrees(clamp(source.inner_cone_degrees, 0.0f, outer));
      break;
    }
    case SceneLightKind::directional:
      light.kind = LightKind::directional;
      light.cos_half_angle = cosine_of_degrees(clamp(source.angular_diameter_degrees, 0.0f, 180.0f) / 2);
      break;
  }
  if (light.kind == LightKind::point) light.direction = {0, 0, -1};
  if (light.kind == LightKind::directional) light.position = {0, 0, 0};
  return light;
}

double punctual_power(const Light& light, double disk_area) {
  const double strength = luminance_of(light.intensity);
  if (light.kind == LightKind::directional) return strength * disk_area;
  if (light.kind == LightKind::point) return strength * 4 * kPiDouble;
  const double mean_cosine =
      (static_cast<double>(light.cos_inner) + static_cast<double>(light.cos_outer)) / 2;
  return strength * 2 * kPiDouble * (1 - mean_cosine);
}

Result<void> add_punctual(const SceneLight& source, double disk_area, LightList& list,
                          std::vector<std::string>& warnings) {
  const Light light = make_punctual(source);
  const Vec3 far = abs(light.position);
  if (!(far.x <= kLargestCoordinate && far.y <= kLargestCoordinate && far.z <= kLargestCoordinate) ||
      !is_finite(source.intensity) || !is_finite(source.direction)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("light \"{}\": its place, direction or strength is not finite", source.name));
  }
  const double power = punctual_power(light, disk_area);
  if (!(power > 0)) return {};
  if (!(length_squared(light.direction) > 0.5f)) {
    warnings.push_back(fmt::format("light \"{}\" has no direction and is left out", source.name));
    return {};
  }
  list.add(light, power);
  return {};
}

bool is_at_infinity(const Light& light) {
  return light.kind == LightKind::directional || light.kind == LightKind::environment;
}

/// Keeps the lights at infinity within their share, and everything that shines within reach of the table's
/// integers.
void balance(LightList& list, ThreadPool& pool) {
  std::vector<double> infinite(list.powers.size());
  for (std::size_t i = 0; i < infinite.size(); ++i)
    infinite[i] = is_at_infinity(list.lights[i]) ? list.powers[i] : 0;
  const double at_infinity = sum_in_blocks(infinite, pool);
  const double near = sum_in_blocks(list.powers, pool) - at_infinity;
  const double allowed = near * (kLargestInfiniteShare / (1 - kLargestInfiniteShare));
  if (near > 0 && at_infinity > allowed) {
    for (std::size_t i = 0; i < infinite.size(); ++i) {
      if (infinite[i] > 0) list.powers[i] *= allowed / at_infinity;
    }
  }
  const double least = sum_in_blocks(list.powers, pool) / static_cast<double>(list.powers.size()) / (1 << 20);
  for (double& power : list.powers) {
    if (power > 0) power = std::max(power, least);
  }
}

}  // namespace

double scene_radius(const RenderData& data, ThreadPool& pool) {
  const std::vector<Bounds3> bounds = mesh_bounds(data, &pool);
  Bounds3 world{splat(kInfinity), splat(-kInfinity)};
  for (const Instance& instance : data.instances) {
    const Bounds3 box = transform_bounds(instance.world_from_object, bounds[instance.mesh]);
    world = {min(world.lo, box.lo), max(world.hi, box.hi)};
  }
  if (data.instances.empty()) return 1;
  const double x = static_cast<double>(world.hi.x) - world.lo.x;
  const double y = static_cast<double>(world.hi.y) - world.lo.y;
  const double z = static_cast<double>(world.hi.z) - world.lo.z;
  return std::max(1e-6, 0.5 * square_root(x * x + y * y + z * z));
}

Result<void> add_lights(const PosedScene& scene, double environment_luminance, ThreadPool& pool,
                        RenderData& data, std::vector<std::string>& warnings) {
  LightList list{data.lights.edit(), {}};
  const u32 points_a_side = emission_points_a_side(data);
  for (u32 i = 0; i < data.instances.size(); ++i)
    OCT_TRY(add_area_lights(i, points_a_side, pool, data, list));

  const double radius = scene_radius(data, pool);
  const double disk_area = kPiDouble * radius * radius;
  for (const SceneLight& light : scene.lights) OCT_TRY(add_punctual(light, disk_area, list, warnings));
  if (environment_luminance > 0) {
    Light light{};
    light.kind = LightKind::environment;
    light.instance = light.primitive = kNone;
    light.direction = {0, 0, -1};
    data.environments.edit()[0].light = static_cast<u32>(list.lights.size());
    list.add(light, environment_luminance * disk_area);
  }
  if (list.lights.empty()) return {};
  if (list.lights.size() > kMaxLights)
    return fail(ErrorKind::exhausted, "the scene has more than 2^31 lights");

  balance(list, pool);
  AliasTable table = make_alias_table(list.powers, pool);
  for (std::size_t i = 0; i < list.lights.size(); ++i)
    list.lights[i].select_probability = table.probability(i);
  data.light_alias = std::move(table.entries);
  return {};
}

}  // namespace oct
