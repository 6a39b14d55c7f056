#include "render_data/bounds.hpp"
#include "render_data/validate_parts.hpp"

namespace oct::validation {
namespace {

/// A cursor over an array that meshes must fill in order, without gap or overlap: else a few triangles could
/// be made to cost a great many checks.
struct Filling {
  const char* name;
  u64 size;
  u64 next = 0;

  /// Whether `count` elements at `first` come next; takes them.
  bool takes(u32 first, u32 count) {
    if (first != next || count > size - next) return false;
    next += count;
    return true;
  }
  bool takes_or_none(u32 first, u32 count) { return first == kNone || takes(first, count); }
};

bool takes_uvs(const Mesh& mesh, Filling& uvs) {
  for (const u32 first : mesh.first_uv) {
    if (!uvs.takes_or_none(first, mesh.vertex_count)) return false;
  }
  return true;
}

Result<void> check_layout(const RenderData& data) {
  Filling positions{"positions", data.positions.size()};
  Filling triangles{"triangles", data.triangles.size()};
  Filling normals{"normals", data.normals.size()};
  Filling tangents{"tangents", data.tangents.size()};
  Filling uvs{"uvs", data.uvs.size()};
  Filling colors{"colors", data.colors.size()};
  for (std::size_t i = 0; i < data.meshes.size(); ++i) {
    const Mesh& mesh = data.meshes[i];
    if (mesh.vertex_count < 1 || mesh.triangle_count < 1) return bad("mesh {}: it is empty", i);
    const bool fits = positions.takes(mesh.first_vertex, mesh.vertex_count) &&
                      triangles.takes(mesh.first_triangle, mesh.triangle_count) &&
                      normals.takes_or_none(mesh.first_normal, mesh.vertex_count) &&
                      tangents.takes_or_none(mesh.first_tangent, mesh.vertex_count) && takes_uvs(mesh, uvs) &&
                      colors.takes_or_none(mesh.first_color, mesh.vertex_count);
    if (!fits) return bad("mesh {}: its vertices or triangles are not where they should be", i);
  }
  for (const Filling& array : {positions, triangles, normals, tangents, uvs, colors}) {
    if (array.next != array.size) return bad("{} {} belong to no mesh", array.size - array.next, array.name);
  }
  return {};
}

Result<void> check_triangles(const RenderData& data, ThreadPool* pool) {
  for (std::size_t i = 0; i < data.meshes.size(); ++i) {
    const Mesh& mesh = data.meshes[i];
    const Triangle* triangles = data.triangles.data() + mesh.first_triangle;
    const std::size_t index = first_bad(pool, mesh.triangle_count, [&](std::size_t t) {
      const Triangle& triangle = triangles[t];
      return triangle.v[0] < mesh.vertex_count && triangle.v[1] < mesh.vertex_count &&
             triangle.v[2] < mesh.vertex_count;
    });
    if (index != mesh.triangle_count)
      return bad("mesh {}: triangle {} has a corner that does not exist", i, index);
  }
  return {};
}

const char* fault_of_instance(const RenderData& data, const std::vector<Bounds3>& bounds,
                              const Instance& instance) {
  if (instance.mesh >= data.meshes.size()) return "no such mesh";
  if (instance.material >= data.materials.size()) return "no such material";
  if ((instance.flags & ~u32{kInstanceBaked | kInstanceFlipsWinding | kInstanceOpen}) != 0)
    return "unknown flag";
  if (!within_limits(instance.world_from_object) || !within_limits(instance.object_from_world)) {
    return "its transform is out of range";
  }
  if (!within_limits(transform_bounds(instance.world_from_object, bounds[instance.mesh]))) {
    return "it reaches beyond 1e18 m";
  }
  return nullptr;
}

/// What a device must hold in world space is bounded by what was sent.
Result<void> check_baked(const RenderData& data) {
  std::vector<bool> seen(data.meshes.size());
  const u64 budget = baked_duplicate_budget(data.triangles.size());
  u64 added = 0;
  for (const Instance& instance : data.instances) {
    if ((instance.flags & kInstanceBaked) == 0) continue;
    if (seen[instance.mesh]) added += data.meshes[instance.mesh].triangle_count;
    if (added > budget) return bad("baking adds more than {} triangles", budget);
    seen[instance.mesh] = true;
  }
  return {};
}

}  // namespace

Result<void> check_meshes(const RenderData& data, ThreadPool* pool) {
  OCT_TRY(check_layout(data));
  OCT_TRY(check_triangles(data, pool));
  OCT_TRY(check_each(pool, "position", data.positions, [](Vec3 p) {
    return within(p, -kLargestCoordinate, kLargestCoordinate) ? nullptr : "not within 1e18 m";
  }));
  OCT_TRY(check_each(pool, "tangent", data.tangents, [](Vec4 t) {
    return is_unit({t.x, t.y, t.z}) && (t.w == 1 || t.w == -1) ? nullptr : "not a unit vector with a side";
  }));
  OCT_TRY(check_each(pool, "texture coordinate", data.uvs, [](Vec2 uv) {
    constexpr float kLargest = kLargestTextureCoordinate;
    return within(uv.x, -kLargest, kLargest) && within(uv.y, -kLargest, kLargest) ? nullptr
                                                                                  : "not within 1e9";
  }));
  return check_each(pool, "vertex colour", data.colors, [](Vec4 c) {
    return within({c.x, c.y, c.z}, 0, 1) && within(c.w, 0, 1) ? nullptr : "not within 0 and 1";
  });
}

Result<void> check_instances(const RenderData& data, ThreadPool* pool) {
  const std::vector<Bounds3> bounds = mesh_bounds(data, pool);
  OCT_TRY(check_each(pool, "instance", data.instances,
                     [&](const Instance& instance) { return fault_of_instance(data, bounds, instance); }));
  return check_baked(data);
}

}  // namespace oct::validation
