#include "render_data/validate_parts.hpp"

namespace oct::validation {
namespace {

const char* fault_of_area_light(const RenderData& data, const Light& light, std::size_t index) {
  if (light.instance >= data.instances.size()) return "no such instance";
  const Instance& instance = data.instances[light.instance];
  if (light.primitive >= data.meshes[instance.mesh].triangle_count) return "no such triangle";
  if (u64{instance.first_light} + light.primitive != index) return "its instance does not know it";
  return within(light.area, 0, kLargestFloat) ? nullptr : "its area is not finite";
}

const char* fault_of_light(const RenderData& data, std::size_t index) {
  const Light& light = data.lights[index];
  if (!within(light.intensity, 0, kLargestFloat)) return "its intensity is out of range";
  if (!within(light.select_probability, 0, 1)) return "its probability is not within 0 and 1";
  switch (light.kind) {
    case LightKind::area: return fault_of_area_light(data, light, index);
    case LightKind::environment:
      return data.environments[0].light == index ? nullptr : "the environment has another";
    case LightKind::point:
    case LightKind::spot:
    case LightKind::directional: break;
    default: return "unknown kind";
  }
  if (!within(light.position, -kLargestCoordinate, kLargestCoordinate)) return "it stands beyond 1e18 m";
  if (!is_unit(light.direction)) return "its direction is not a unit vector";
  const bool cosines = within(light.cos_half_angle, -1, 1) && within(light.cos_inner, -1, 1) &&
                       within(light.cos_outer, -1, 1) && light.cos_outer <= light.cos_inner;
  return cosines ? nullptr : "its angles are out of range";
}

/// Each emissive instance has its lights, one a triangle. As every area light knows its instance, the ranges
/// cannot overlap, and this takes no longer than there are lights and instances.
Result<void> check_light_ranges(const RenderData& data) {
  for (std::size_t i = 0; i < data.instances.size(); ++i) {
    const Instance& instance = data.instances[i];
    if (instance.first_light == kNone) continue;
    const u32 count = data.meshes[instance.mesh].triangle_count;
    if (u64{instance.first_light} + count > data.lights.size())
      return bad("instance {}: its lights do not exist", i);
    for (u32 t = 0; t < count; ++t) {
      const Light& light = data.lights[instance.first_light + t];
      if (light.kind != LightKind::area || light.instance != i || light.primitive != t) {
        return bad("instance {}: light {} is not of its triangle {}", i, instance.first_light + t, t);
      }
    }
  }
  return {};
}

Result<void> check_alias(ThreadPool* pool, const char* what, const HostArray<AliasEntry>& table) {
  return check_each(pool, what, table, [&](const AliasEntry& entry) {
    return entry.alias < table.size() ? nullptr : "its alias does not exist";
  });
}

}  // namespace

Result<void> check_lights(const RenderData& data, ThreadPool* pool) {
  if (data.lights.size() > kMaxLights) return bad("{} lights", data.lights.size());
  if (data.light_alias.size() != data.lights.size())
    return bad("{} entries to draw lights", data.light_alias.size());
  OCT_TRY(check_alias(pool, "light table entry", data.light_alias));
  const std::size_t index =
      first_bad(pool, data.lights.size(), [&](std::size_t i) { return fault_of_light(data, i) == nullptr; });
  if (index != data.lights.size()) return bad("light {}: {}", index, fault_of_light(data, index));
  return check_light_ranges(data);
}

Result<void> check_environment(const RenderData& data, ThreadPool* pool) {
  if (data.environments.size() != 1) return bad("{} environments instead of one", data.environments.size());
  const Environment& environment = data.environments[0];
  if (!within(environment.radiance, 0, kLargestRadiance)) return bad("environment: radiance out of range");
  if (!is_unit({environment.cos_rotation, environment.sin_rotation, 0}))
    return bad("environment: not a rotation");
  if (!exists_or_none(environment.image, data.texture_images.size()))
    return bad("environment: no such image");
  if (environment.visible > 1) return bad("environment: neither visible nor not");
  const u32 light = environment.light;
  if (!exists_or_none(light, data.lights.size()) ||
      (light != kNone && data.lights[light].kind != LightKind::environment)) {
    return bad("environment: no such light");
  }
  const u64 cells = u64{environment.alias_width} * environment.alias_height;
  if (cells > kMaxEnvironmentCells || data.environment_alias.size() != cells ||
      data.environment_density.size() != cells ||
      (cells == 0 && environment.alias_width + environment.alias_height != 0)) {
    return bad("environment: its table is not {} x {}", environment.alias_width, environment.alias_height);
  }
  const bool drawn_by_table = environment.image != kNone && light != kNone;
  if (drawn_by_table != (cells > 0))
    return bad("environment: a table where none is used, or none where one is");
  OCT_TRY(check_alias(pool, "environment table entry", data.environment_alias));
  return check_each(pool, "environment density", data.environment_density, [&](float density) {
    return within(density, 0, static_cast<float>(cells)) ? nullptr : "not within 0 and the number of cells";
  });
}

}  // namespace oct::validation
