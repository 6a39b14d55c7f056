#include "compile/instances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "compile/transforms.hpp"
#include "data/body.hpp"
#include "math/transform.hpp"
#include "render_data/bounds.hpp"
#include "render_data/limits.hpp"

namespace oct {
namespace {

constexpr Transform kIdentity{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};

/// An instance on its way: `use` is an index into the mesh uses.
struct Placed {
  const SceneInstance* source;
  std::size_t use;
  Instance instance;
};

/// The mesh as `transform` leaves it, for maps that have no inverse (something scaled flat).
SceneMesh moved_mesh(const SceneMesh& mesh, const Transform& transform) {
  SceneMesh moved = mesh;
  const bool mirrored = mirrors(transform);
  for (Vec3& p : moved.positions) p = transform_point(transform, p);
  for (Vec3& n : moved.normals) n = carry_normal(transform, n) * (mirrored ? -1.0f : 1.0f);
  for (Vec4& t : moved.tangents) {
    const Vec3 v = transform_vector(transform, {t.x, t.y, t.z});
    t = {v.x, v.y, v.z, mirrored ? -t.w : t.w};
  }
  if (mirrored) {
    for (Triangle& triangle : moved.triangles) std::swap(triangle.v[1], triangle.v[2]);
  }
  return moved;
}

/// Gathers mesh uses: one for each mesh of the scene, and one for each instance that has to be moved
/// beforehand.
class Placing {
 public:
  Placing(const PosedScene& scene, TextureTable& textures) : scene_(scene), materials_(scene, textures) {}

  Result<void> add(const SceneInstance& source, std::size_t index, RenderData& data) {
    const auto bad = [&](std::string_view what) {
      return fail(ErrorKind::invalid_input, fmt::format("instance {} \"{}\": {}", index, source.name, what));
    };
    if (source.mesh >= scene_.meshes.size()) return bad(fmt::format("there is no mesh {}", source.mesh));
    if (source.material >= scene_.materials.size())
      return bad(fmt::format("there is no material {}", source.material));
    if (!is_finite(source.world_from_object)) return bad("its transform is not finite");
    if (!within_limits(source.world_from_object)) return bad("its transform reaches beyond 1e18 m");

    Placed placed{&source, 0, {}};
    placed.instance.world_from_object = source.world_from_object;
    if (const auto object_from_world = inverse(source.world_from_object)) {
      placed.instance.object_from_world = *object_from_world;
      placed.instance.flags = mirrors(source.world_from_object) ? u32{kInstanceFlipsWinding} : 0u;
      placed.use = use_of(source.mesh);
    } else {
      moved_.push_back(moved_mesh(scene_.meshes[source.mesh], source.world_from_object));
      placed.instance.world_from_object = placed.instance.object_from_world = kIdentity;
      placed.use = uses_.size();
      uses_.push_back({&moved_.back(), {}});
    }
    OCT_TRY_ASSIGN(placed.instance.material, materials_.add(source.material, data));
    const AttributeNeeds needs = attribute_needs(data.materials[placed.instance.material], data);
    AttributeNeeds& all = uses_[placed.use].needs;
    for (u32 set = 0; set < kUvSets; ++set) all.uv[set] = all.uv[set] || needs.uv[set];
    all.tangents = all.tangents || needs.tangents;
    placed.instance.first_light = kNone;
    placed_.push_back(placed);
    return {};
  }

  const std::vector<MeshUse>& uses() const { return uses_; }
  const std::vector<Placed>& placed() const { return placed_; }

 private:
  std::size_t use_of(std::size_t mesh) {
    const auto [place, is_new] = use_of_mesh_.try_emplace(mesh, uses_.size());
    if (is_new) uses_.push_back({&scene_.meshes[mesh], {}});
    return place->second;
  }

  const PosedScene& scene_;
  MaterialTable materials_;
  std::deque<SceneMesh> moved_;  ///< stays where it is
  std::vector<MeshUse> uses_;
  std::map<std::size_t, std::size_t> use_of_mesh_;
  std::vector<Placed> placed_;
};

Result<void> check_world(const Placing& placing, const std::vector<u32>& mesh_of_use,
                         const std::vector<Bounds3>& bounds) {
  for (const Placed& placed : placing.placed()) {
    const u32 mesh = mesh_of_use[placed.use];
    if (mesh == kNone) continue;
    if (!within_limits(transform_bounds(placed.instance.world_from_object, bounds[mesh]))) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("instance \"{}\": it reaches beyond 1e18 m", placed.source->name));
    }
  }
  return {};
}

}  // namespace

void choose_baked(RenderData& data) {
  std::vector<u64> uses(data.meshes.size());
  for (const Instance& instance : data.instances) ++uses[instance.mesh];
  const auto added = [&](u32 mesh) {
    return uses[mesh] == 0 ? 0 : (uses[mesh] - 1) * data.meshes[mesh].triangle_count;
  };

  std::vector<u32> order(data.meshes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](u32 a, u32 b) { return added(a) != added(b) ? added(a) < added(b) : a < b; });
  u64 left = baked_duplicate_budget(data.triangles.size());
  std::vector<bool> baked(data.meshes.size());
  for (const u32 mesh : order) {
    if (added(mesh) > left) break;
    left -= added(mesh);
    baked[mesh] = true;
  }
  for (Instance& instance : data.instances.edit()) {
    if (baked[instance.mesh]) instance.flags |= kInstanceBaked;
  }
}

bool mesh_is_open(const RenderData& data, const Mesh& mesh) {
  double sum[3] = {0, 0, 0};
  double total = 0;
  for (u32 t = 0; t < mesh.triangle_count; ++t) {
    const Triangle& triangle = data.triangles[mesh.first_triangle + t];
    const Vec3 a = data.positions[mesh.first_vertex + triangle.v[0]];
    const Vec3 b = data.positions[mesh.first_vertex + triangle.v[1]];
    const Vec3 c = data.positions[mesh.first_vertex + triangle.v[2]];
    const double u[3] = {double{b.x} - a.x, double{b.y} - a.y, double{b.z} - a.z};
    const double v[3] = {double{c.x} - a.x, double{c.y} - a.y, double{c.z} - a.z};
    const double area[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
    for (int i = 0; i < 3; ++i) sum[i] += area[i];
    total += square_root(area[0] * area[0] + area[1] * area[1] + area[2] * area[2]);
  }
  return square_root(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) > 0.25 * total;
}

void mark_open_instances(RenderData& data) {
  const RenderDataView view = view_of(data);
  std::map<u32, bool> open;  // meshes
  std::vector<std::size_t> marked;
  for (std::size_t i = 0; i < data.instances.size(); ++i) {
    const Instance& instance = data.instances[i];
    if (!lets_light_in(view, data.materials[instance.material])) continue;
    const auto [place, is_new] = open.try_emplace(instance.mesh, false);
    if (is_new) place->second = mesh_is_open(data, data.meshes[instance.mesh]);
    if (place->second) marked.push_back(i);
  }
  if (marked.empty()) return;
  for (const std::size_t i : marked) data.instances.edit()[i].flags |= kInstanceOpen;
}

Result<void> add_instances(const PosedScene& scene, TextureTable& textures, ThreadPool& pool,
                           RenderData& data, std::vector<std::string>& warnings) {
  Placing placing(scene, textures);
  for (std::size_t i = 0; i < scene.instances.size(); ++i) OCT_TRY(placing.add(scene.instances[i], i, data));
  OCT_TRY_ASSIGN(const auto mesh_of_use, add_meshes(placing.uses(), pool, data));
  OCT_TRY(check_world(placing, mesh_of_use, mesh_bounds(data, &pool)));
  for (const Placed& placed : placing.placed()) {
    Instance instance = placed.instance;
    instance.mesh = mesh_of_use[placed.use];
    if (instance.mesh == kNone) {
      warnings.push_back(
          fmt::format("instance \"{}\" has no visible triangle and is left out", placed.source->name));
      continue;
    }
    data.instances.edit().push_back(instance);
  }
  choose_baked(data);
  mark_open_instances(data);
  return {};
}

}  // namespace oct
