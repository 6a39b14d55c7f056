#include "compile/enclosure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "compile/transforms.hpp"
#include "geometry/triangle.hpp"
#include "math/transform.hpp"
#include "math/trigonometric.hpp"
#include "math/vec.hpp"
#include "scene/own_light.hpp"
#include "scene/placement.hpp"
#include "scene/sides.hpp"

namespace oct {
namespace {

constexpr u32 kDirections = 256;

/// An object is said to enclose if so many of these directions end at it. A dome over a ground of its own
/// has half.
constexpr u32 kEnough = 2 * kDirections / 5;

/// Triangles looked at in all.
constexpr u64 kMostTests = u64{1} << 26;

/// Points on a spiral from pole to pole, evenly over the sphere. Neighbours in the list lie far apart, so
/// that a scene with an opening shows it early.
std::array<Vec3, kDirections> directions() {
  constexpr float kGoldenAngle = 2.3999632f;
  std::array<Vec3, kDirections> result{};
  for (u32 i = 0; i < kDirections; ++i) {
    const u32 place = i * 97 % kDirections;
    const float y = 1.0f - (2.0f * static_cast<float>(place) + 1.0f) / kDirections;
    const SinCos turn = sincos(kGoldenAngle * static_cast<float>(place));
    const float radius = sqrt(1.0f - y * y);
    result[i] = {radius * turn.cos, y, radius * turn.sin};
  }
  return result;
}

bool is_opaque(const SceneMaterial& material) {
  return material.alpha_mode == AlphaMode::opaque && !lets_light_through(material);
}

/// An opaque object, in whose own space rays are traced.
struct Blocker {
  const SceneInstance* instance;
  const SceneMesh* mesh;
  Transform object_from_world;
  Bounds3 box;  ///< world
  bool front_alone;
};

std::vector<Blocker> blockers_of(const PosedScene& scene) {
  std::vector<Blocker> blockers;
  for (const SceneInstance& instance : scene.instances) {
    const SceneMaterial& material = scene.materials[instance.material];
    const auto object_from_world = inverse(instance.world_from_object);
    if (!object_from_world || !is_opaque(material)) continue;
    const SceneMesh& mesh = scene.meshes[instance.mesh];
    const Bounds3 box = transform_bounds(instance.world_from_object, bounds_of(mesh));
    blockers.push_back({&instance, &mesh, *object_from_world, box, has_front_alone(material)});
  }
  return blockers;
}

bool contains(const Bounds3& box, Vec3 p) {
  return box.lo.x <= p.x && p.x <= box.hi.x && box.lo.y <= p.y && p.y <= box.hi.y && box.lo.z <= p.z &&
         p.z <= box.hi.z;
}

/// Looks from points to all sides, until it has looked at kMostTests triangles.
class Outlook {
 public:
  explicit Outlook(const PosedScene& scene) : blockers_(blockers_of(scene)), directions_(directions()) {}

  /// The object at which most directions from a point end, the farthest that each meets; nothing where one
  /// leads out, or where no object has enough of them.
  const Blocker* enclosing(Vec3 eye) {
    std::vector<std::size_t> around;
    for (std::size_t i = 0; i < blockers_.size(); ++i) {
      if (contains(blockers_[i].box, eye)) around.push_back(i);
    }
    if (around.empty()) return nullptr;
    std::vector<u32> ends(blockers_.size());
    for (const Vec3 direction : directions_) {
      if (const auto farthest = farthest_of(around, eye, direction)) {
        ++ends[*farthest];
      } else if (!is_blocked(eye, direction)) {
        return nullptr;
      }
    }
    const auto most = std::max_element(ends.begin(), ends.end());
    if (*most < kEnough || is_tired()) return nullptr;
    return &blockers_[static_cast<std::size_t>(most - ends.begin())];
  }

  /// Whether no direction from a point leads out; true as well where that takes too long.
  bool is_shut_in(Vec3 point) {
    return std::all_of(directions_.begin(), directions_.end(),
                       [&](Vec3 direction) { return is_blocked(point, direction); });
  }

  bool is_tired() const { return tests_ > kMostTests; }

 private:
  std::optional<std::size_t> farthest_of(const std::vector<std::size_t>& some, Vec3 origin, Vec3 direction) {
    std::optional<std::size_t> farthest;
    float farthest_t = 0;
    for (const std::size_t index : some) {
      const float t = last_hit(blockers_[index], origin, direction);
      if (!(t > farthest_t)) continue;
      farthest = index;
      farthest_t = t;
    }
    return farthest;
  }

  bool is_blocked(Vec3 origin, Vec3 direction) {
    const SlabRay slab = slab_ray(origin, direction);
    return std::any_of(blockers_.begin(), blockers_.end(), [&](const Blocker& blocker) {
      const Interval range = slab_interval(slab, blocker.box);
      return range.near <= range.far && range.far > 0 && last_hit(blocker, origin, direction) > 0;
    });
  }

  /// Where a ray meets an object for the last time, 0 where it does not. Once tired it meets everything.
  float last_hit(const Blocker& blocker, Vec3 origin, Vec3 direction) {
    const SceneMesh& mesh = *blocker.mesh;
    tests_ += mesh.triangles.size();
    if (is_tired()) return 1;
    const Vec3 from = transform_point(blocker.object_from_world, origin);
    const Vec3 along = transform_vector(blocker.object_from_world, direction);
    if (!within_limits(from, along)) return 0;
    const RayFrame frame = ray_frame(from, along);
    float last = 0;
    for (const Triangle& triangle : mesh.triangles) {
      PlaneHit hit{};
      const bool met = intersect_triangle(frame, mesh.positions[triangle.v[0]], mesh.positions[triangle.v[1]],
                                          mesh.positions[triangle.v[2]], &hit);
      if (met && hit.t > last && !(hit.back && blocker.front_alone)) last = hit.t;
    }
    return last;
  }

  std::vector<Blocker> blockers_;
  std::array<Vec3, kDirections> directions_;
  u64 tests_ = 0;
};

bool shines_at_infinity(const PosedScene& scene) {
  if (scene.environment && !is_black(scene.environment->radiance)) return true;
  return std::any_of(scene.lights.begin(), scene.lights.end(), [](const SceneLight& light) {
    return light.kind == SceneLightKind::directional && !is_black(light.intensity);
  });
}

/// Whether a lamp is there and all of them have a way out: what is shut in is not lit by them.
bool all_lamps_are_outside(const PosedScene& scene, Outlook& outlook) {
  return std::none_of(scene.lights.begin(), scene.lights.end(), [&](const SceneLight& light) {
    return light.kind != SceneLightKind::directional && !is_black(light.intensity) &&
           outlook.is_shut_in(light.position);
  });
}

bool has_lamps(const PosedScene& scene) {
  return std::any_of(scene.lights.begin(), scene.lights.end(),
                     [](const SceneLight& light) { return !is_black(light.intensity); });
}

}  // namespace

std::optional<std::string> shut_in_warning(const PosedScene& scene, Vec3 eye) {
  if (!shines_at_infinity(scene) && !has_lamps(scene)) return std::nullopt;
  Outlook outlook(scene);
  const Blocker* shell = outlook.enclosing(eye);
  if (shell == nullptr || !is_dark_by_its_emitters(scene)) return std::nullopt;
  const SceneMaterial& material = scene.materials[shell->instance->material];
  if (material.unlit || !all_lamps_are_outside(scene, outlook) || outlook.is_tired()) return std::nullopt;
  const std::string sides = shell->front_alone
                                ? "turn its front outward"
                                : "make it single-sided with its front outward (without --double-sided)";
  return fmt::format(
      "instance \"{}\" (material \"{}\") encloses the camera and shuts out all light: none of {} directions "
      "from the camera leads out; hide it, make its material unlit or emissive, or {}",
      shell->instance->name, material.name, kDirections, sides);
}

}  // namespace oct
