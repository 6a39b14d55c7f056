#include "scene/pose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "math/transform.hpp"
#include "scene/animated_property.hpp"
#include "scene/morph.hpp"
#include "scene/placement.hpp"
#include "scene/skin.hpp"

namespace oct {
namespace {

constexpr std::size_t kAsItIs = ~std::size_t{0};

/// What animations change: copies of the scene's lists.
struct Animated {
  std::vector<SceneNode> nodes;
  std::vector<SceneMaterial> materials;
  std::vector<SceneLight> lights;
  std::vector<SceneCamera> cameras;
};

void move_node(SceneNode& node, NodeProperty property, const SceneSampler& sampler, double time_s) {
  if (property == NodeProperty::rotation) {
    std::array<double, 4> rotation = sample_rotation(sampler, time_s);
    if (make_unit(rotation)) node.rotation = rotation;
    return;
  }
  const std::vector<double> values = sample(sampler, time_s);
  if (property == NodeProperty::translation) std::copy_n(values.begin(), 3, node.translation.begin());
  if (property == NodeProperty::scale) std::copy_n(values.begin(), 3, node.scale.begin());
  if (property == NodeProperty::morph_weights) node.morph_weights = to_floats(values);
  if (property == NodeProperty::visible) node.visible = values[0] != 0;
}

void apply(const SceneAnimation& animation, double time_s, Animated& animated) {
  for (const SceneChannel& channel : animation.channels) {
    const SceneSampler& sampler = animation.samplers[channel.sampler];
    if (channel.kind == AnimatedKind::node) {
      move_node(animated.nodes[channel.element], NodeProperty{channel.property}, sampler, time_s);
      continue;
    }
    const std::vector<float> values = to_floats(sample(sampler, time_s));
    if (channel.kind == AnimatedKind::camera)
      set_property(animated.cameras[channel.element], channel.property, values);
    if (channel.kind == AnimatedKind::light)
      set_property(animated.lights[channel.element], channel.property, values);
    if (channel.kind == AnimatedKind::material)
      set_property(animated.materials[channel.element], channel.property, values);
  }
}

Animated at_moment(const Scene& scene, const PoseOptions& moment) {
  Animated animated{scene.nodes, scene.materials, scene.lights, scene.cameras};
  if (moment.animation && *moment.animation < scene.animations.size())
    apply(scene.animations[*moment.animation], moment.time_s, animated);
  return animated;
}

Vec3 scaled_by(Vec3 v, float factor) {
  return {v.x * factor, v.y * factor, v.z * factor};
}

/// Places what hangs on the nodes, and bends meshes.
class Poser {
 public:
  Poser(const Scene& scene, Animated animated)
      : scene_(scene),
        animated_(std::move(animated)),
        nodes_(poses_of(animated_.nodes)),
        joints_(scene.skins.size()) {
    for (NodePose& node : nodes_) {
      for (std::size_t axis = 0; axis < 3; ++axis) node.world_from_node.m[12 + axis] -= scene.origin[axis];
    }
    posed_.name = scene.name;
    posed_.images = scene.images;
    posed_.environment = scene.environment;
    for (const SceneMesh& mesh : scene.meshes) {
      posed_.meshes.share(mesh);
      budget_ += 4 * static_cast<std::uint64_t>(mesh.positions.size());
    }
  }

  PosedScene pose() {
    posed_.instances.reserve(scene_.instances.size());
    for (const SceneInstance& instance : scene_.instances) add(instance);
    for (const SceneLight& light : animated_.lights) add(light);
    for (const SceneCamera& camera : animated_.cameras) add(camera);
    posed_.materials = std::move(animated_.materials);
    for (SceneMaterial& material : posed_.materials) {
      material.emission = scaled_by(material.emission, material.emission_strength);
      material.emission_strength = 1;
    }
    return std::move(posed_);
  }

 private:
  void warn(std::string_view kind, const std::string& name, std::string_view text) {
    constexpr std::size_t kMost = 100;
    if (posed_.warnings.size() >= kMost) return;
    posed_.warnings.push_back(fmt::format("{} \"{}\" {}", kind, name, text));
  }

  void add(const SceneInstance& source) {
    if (source.mesh >= scene_.meshes.size()) {  // compile says what is wrong with it
      posed_.instances.push_back(source);
      return;
    }
    if (source.node && !nodes_[*source.node].visible) return;
    SceneInstance instance = source;
    instance.node = instance.skin = std::nullopt;
    const bool skinned = source.skin && !scene_.skins[*source.skin].joints.empty();
    if (skinned) {
      instance.world_from_object = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
    } else if ((source.node || is_far(scene_.meshes[source.mesh])) && !place(source, instance)) {
      return;
    }
    instance.mesh = bent(source, skinned);
    while (bounds_.size() <= instance.mesh) bounds_.emplace_back();
    std::optional<Bounds3>& bounds = bounds_[instance.mesh];
    if (!bounds) bounds = reach_of(posed_.meshes[instance.mesh]);
    // only what moves: files in which things stand that far away are refused
    if (source.node && !is_traceable(transform_bounds(instance.world_from_object, *bounds)))
      return warn("instance", source.name, "reaches too far from the origin at this time and is left out");
    posed_.instances.push_back(std::move(instance));
  }

  /// Infinite where joints have moved a vertex to no place at all.
  static Bounds3 reach_of(const SceneMesh& mesh) {
    for (const Vec3 position : mesh.positions) {
      if (!is_finite(position)) return {splat(-kInfinity), splat(kInfinity)};
    }
    return bounds_of(mesh);
  }

  static bool is_far(const SceneMesh& mesh) { return mesh.centre != std::array<double, 3>{0, 0, 0}; }

  bool place(const SceneInstance& source, SceneInstance& instance) {
    const Matrix4 node = source.node ? nodes_[*source.node].world_from_node : Matrix4{};
    const auto placement = placement_of(
        rows_of(node * matrix_of(source.world_from_object) * translation(scene_.meshes[source.mesh].centre)));
    if (!placement) {
      warn("instance", source.name, "reaches too far from the origin at this time and is left out");
      return false;
    }
    if (!spans_a_plane(*placement)) {
      warn("instance", source.name, "is scaled to a line or a point and is not shown");
      return false;
    }
    instance.world_from_object = *placement;
    return true;
  }

  /// The mesh in the shape that it has at this moment, as an index into posed_.meshes. Equal shapes are one mesh.
  std::size_t bent(const SceneInstance& source, bool skinned) {
    const SceneMesh& mesh = scene_.meshes[source.mesh];
    std::vector<float> weights;
    if (source.node) weights = animated_.nodes[*source.node].morph_weights;
    weights.resize(std::min(weights.size(), mesh.morph_targets.size()));
    const auto active = std::count_if(weights.begin(), weights.end(), [](float w) { return w != 0.0f; });
    if (active == 0) weights.clear();
    const bool follows_joints = skinned && !mesh.influences.empty();
    if (active == 0 && !follows_joints) return source.mesh;

    const Key key{source.mesh, follows_joints ? *source.skin : kAsItIs, weights};
    const auto known = bent_.find(key);
    if (known != bent_.end()) return known->second;
    const std::uint64_t cost =
        static_cast<std::uint64_t>(mesh.positions.size()) * (1 + static_cast<std::uint64_t>(active));
    std::size_t place = source.mesh;
    if (cost > budget_) {
      warn("instance", source.name, "keeps its shape: the scene has too many bent copies of its meshes");
    } else {
      budget_ -= cost;
      place = posed_.meshes.add(bend_mesh(mesh, follows_joints ? source.skin : std::nullopt, weights));
    }
    bent_.emplace(key, place);
    return place;
  }

  SceneMesh bend_mesh(const SceneMesh& mesh, std::optional<std::size_t> skin,
                      const std::vector<float>& weights) {
    SceneMesh shape = shape_of(mesh);
    if (!weights.empty()) add_morph_targets(mesh, weights, shape);
    if (skin && !bend(mesh, joints_of(*skin), shape)) {
      warn("mesh", mesh.name,
           fmt::format("follows joints that its skin of {} does not have; they are left out",
                       scene_.skins[*skin].joints.size()));
    }
    return shape;
  }

  const std::vector<Matrix4>& joints_of(std::size_t index) {
    std::vector<Matrix4>& joints = joints_[index];
    if (!joints.empty()) return joints;
    const SceneSkin& skin = scene_.skins[index];
    for (std::size_t i = 0; i < skin.joints.size(); ++i)
      joints.push_back(nodes_[skin.joints[i]].world_from_node * skin.inverse_binds[i]);
    return joints;
  }

  void add(SceneLight light) {
    light.intensity = scaled_by(light.intensity, light.strength * light.watts_per_unit);
    light.strength = light.watts_per_unit = 1;
    if (light.node) {
      const NodePose& node = nodes_[*light.node];
      if (!node.visible) return;
      std::array<double, 12> rows = rows_of(node.world_from_node);
      if (light.kind == SceneLightKind::point) leave_position_alone(rows);
      const auto placement = rigid_placement_of(rows);
      if (!placement) return warn("light", light.name, "has no direction (scale 0) and is left out");
      const float* m = placement->m;
      light.position = {m[3], m[7], m[11]};
      light.direction = {-m[2], -m[6], -m[10]};
      light.node.reset();
    }
    posed_.lights.push_back(std::move(light));
  }

  /// A lamp that shines to all sides has no direction to lose.
  static void leave_position_alone(std::array<double, 12>& rows) {
    rows = {1, 0, 0, rows[3], 0, 1, 0, rows[7], 0, 0, 1, rows[11]};
  }

  void add(SceneCamera camera) {
    if (camera.node) {
      const std::array<double, 12> rows = rows_of(nodes_[*camera.node].world_from_node);
      const auto placement = rigid_placement_of(rows);
      if (placement) {
        camera.world_from_camera = *placement;
      } else {
        warn("camera", camera.name, "has no direction (scale 0) and looks along -Z");
      }
      camera.node.reset();
    }
    posed_.cameras.push_back(std::move(camera));
  }

  struct Key {
    std::size_t mesh, skin;
    std::vector<float> weights;
    bool operator<(const Key& other) const {
      return std::tie(mesh, skin, weights) < std::tie(other.mesh, other.skin, other.weights);
    }
  };

  const Scene& scene_;
  Animated animated_;
  std::vector<NodePose> nodes_;
  std::vector<std::vector<Matrix4>> joints_;  ///< of each skin, once it is used
  std::map<Key, std::size_t> bent_;
  std::vector<std::optional<Bounds3>> bounds_;  ///< of posed_.meshes
  /// Vertices, times targets, that may be bent: small files may ask for the square of their size.
  std::uint64_t budget_ = std::uint64_t{1} << 25;
  PosedScene posed_;
};

}  // namespace

std::size_t PosedMeshes::share(const SceneMesh& mesh) {
  meshes_.push_back(&mesh);
  return meshes_.size() - 1;
}

std::size_t PosedMeshes::add(SceneMesh mesh) {
  own_.push_back(std::make_shared<const SceneMesh>(std::move(mesh)));
  return share(*own_.back());
}

PosedScene pose(const Scene& scene, const PoseOptions& moment) {
  return Poser(scene, at_moment(scene, moment)).pose();
}

}  // namespace oct
