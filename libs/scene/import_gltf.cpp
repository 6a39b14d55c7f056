#include "scene/import_gltf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "scene/gltf_animation.hpp"
#include "scene/gltf_buffers.hpp"
#include "scene/gltf_contents.hpp"
#include "scene/gltf_document.hpp"
#include "scene/gltf_factors.hpp"
#include "scene/gltf_instancing.hpp"
#include "scene/gltf_material.hpp"
#include "scene/gltf_mesh.hpp"
#include "scene/gltf_nodes.hpp"
#include "scene/gltf_skin.hpp"
#include "scene/import_log.hpp"
#include "scene/light_units.hpp"
#include "scene/material_textures.hpp"
#include "scene/placement.hpp"
#include "scene/recentre.hpp"
#include "scene/texture_loader.hpp"

namespace oct {
namespace {

constexpr const char* kPunctual = "KHR_lights_punctual";
constexpr double kDegreesPerRadian = 57.29577951308232;

Point3 point_of(Vec3 p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

const Json& lights_in(const Json& document) {
  static const Json kEmpty = Json::array();
  const Json* punctual = find_extension(document, kPunctual);
  return punctual != nullptr ? array_in(*punctual, "lights") : kEmpty;
}

/// Puts what nodes carry into the scene.
class SceneBuilder {
 public:
  SceneBuilder(const Json& document, const GltfBuffers& buffers, GltfMeshReader& meshes,
               GltfMaterialReader& materials, double watts_per_unit, Scene& scene, ImportLog& log)
      : document_(document),
        lights_of_file_(lights_in(document)),
        buffers_(buffers),
        meshes_(meshes),
        materials_(materials),
        watts_per_unit_(watts_per_unit),
        scene_(scene),
        log_(log) {}

  /// place  of the node in the scene's tree;  world  where it stands as long as nothing moves it
  void add_node(std::size_t index, std::size_t place, const Matrix4& world) {
    const Json& node = document_["nodes"][index];
    element_ = element_name("node", index, text_in(node, "name"));
    name_ = scene_.nodes[place].name;
    place_ = place;
    if (find_member(node, "mesh") != nullptr) add_mesh(node, world);
    if (const int camera = index_in(node, "camera"); camera >= 0) add_camera(camera);
    if (const Json* light = find_extension(node, kPunctual)) add_light(index_in(*light, "light"));
  }

  /// By number in the file: what nodes show of it.
  const std::multimap<std::size_t, std::size_t>& cameras() const { return cameras_; }
  const std::multimap<std::size_t, std::size_t>& lights() const { return lights_; }

  /// Takes a scene that is surveyed to its own centre, before anything of it is a float.
  void finish(const std::vector<NodePose>& at_rest) {
    for (SceneMesh& mesh : scene_.meshes) mesh.centre = recentre_mesh(mesh);
    FileBounds bounds{{kInfinity, kInfinity, kInfinity}, {-kInfinity, -kInfinity, -kInfinity}};
    for (const SceneInstance& instance : scene_.instances) {
      if (at_rest[*instance.node].visible) grow(bounds, instance, at_rest);
    }
    if (const std::optional<Point3> origin = surveyed_origin(bounds)) set_origin(*origin, scene_, log_);
  }

 private:
  void grow(FileBounds& bounds, const SceneInstance& instance, const std::vector<NodePose>& at_rest) const {
    const SceneMesh& mesh = scene_.meshes[instance.mesh];
    const std::optional<Matrix4> world = world_from_mesh(mesh, instance, at_rest);
    if (!world) return;
    const Bounds3 local = bounds_of(mesh);
    for (unsigned corner = 0; corner < 8; ++corner) {
      const Vec3 p{(corner & 1u) != 0 ? local.hi.x : local.lo.x, (corner & 2u) != 0 ? local.hi.y : local.lo.y,
                   (corner & 4u) != 0 ? local.hi.z : local.lo.z};
      const Point3 point = transform_point(*world, point_of(p));
      for (std::size_t axis = 0; axis < 3; ++axis) {
        bounds.lo[axis] = std::min(bounds.lo[axis], point[axis]);
        bounds.hi[axis] = std::max(bounds.hi[axis], point[axis]);
      }
    }
  }

  /// Of a figure any joint tells about where it stands: the first one that it follows.
  std::optional<Matrix4> world_from_mesh(const SceneMesh& mesh, const SceneInstance& instance,
                                         const std::vector<NodePose>& at_rest) const {
    if (!instance.skin)
      return at_rest[*instance.node].world_from_node * matrix_of(instance.world_from_object) *
             translation(mesh.centre);
    const SceneSkin& skin = scene_.skins[*instance.skin];
    const SceneInfluences& first = mesh.influences.front().front();
    const auto strongest = std::max_element(first.weights.begin(), first.weights.end());
    const std::size_t joint = first.joints[static_cast<std::size_t>(strongest - first.weights.begin())];
    if (joint >= skin.joints.size()) return std::nullopt;
    return at_rest[skin.joints[joint]].world_from_node * skin.inverse_binds[joint] * translation(mesh.centre);
  }

  void add_mesh(const Json& node, const Matrix4& world) {
    const std::vector<GltfMeshReader::Part> parts = meshes_.read(index_in(node, "mesh"), scene_);
    if (parts.empty()) return;
    // each node may list a mesh of many primitives; what a file asks for is bounded by its size
    const std::size_t limit =
        (std::size_t{1} << 20) + 64 * array_in(document_, "nodes").size() + buffers_.byte_count() / 4;
    std::vector<Transform> copies{{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}}};
    // copies of what its joints place would all be at the same place
    if (find_member(node, "skin") != nullptr) {
      if (find_extension(node, "EXT_mesh_gpu_instancing") != nullptr)
        log_.warn(element_,
                  "is one figure, not several: its joints place it, and EXT_mesh_gpu_instancing is ignored");
    } else {
      if (auto listed = read_gpu_instances(node, limit, document_, buffers_, element_, log_))
        copies = *std::move(listed);
    }
    if (scene_.instances.size() + parts.size() * copies.size() > limit) {
      return log_.fault(element_, fmt::format("the file's nodes unfold to more than {} objects", limit));
    }
    for (const Transform& copy : copies) {
      for (const GltfMeshReader::Part& part : parts) {
        if (!add_part(node, part, copy, world)) return;
      }
    }
  }

  bool add_part(const Json& node, const GltfMeshReader::Part& part, const Transform& copy,
                const Matrix4& world) {
    SceneInstance instance{name_, part.mesh, 0, copy, place_};
    const int skin = index_in(node, "skin");
    if (skin >= 0 && has_skin(static_cast<std::size_t>(skin), part)) {
      instance.skin = static_cast<std::size_t>(skin);
    } else if (!is_near(part, world * matrix_of(copy))) {
      log_.fault(element_, fmt::format("reaches farther than {:g} m from the origin", kMaxCoordinate));
      return false;
    }
    instance.material = materials_.read(part.material, scene_);
    scene_.instances.push_back(std::move(instance));
    return true;
  }

  bool has_skin(std::size_t skin, const GltfMeshReader::Part& part) {
    if (scene_.skins[skin].joints.empty()) return false;
    if (!scene_.meshes[part.mesh].influences.empty()) return true;
    log_.warn(element_, "has a skin, but its mesh names no joints: it stands as its node places it");
    return false;
  }

  bool is_near(const GltfMeshReader::Part& part, const Matrix4& world) {
    while (bounds_.size() <= part.mesh) bounds_.push_back(bounds_of(scene_.meshes[bounds_.size()]));
    const std::optional<Transform> placement = placement_of(rows_of(world));
    return placement && is_traceable(transform_bounds(*placement, bounds_[part.mesh]));
  }

  void add_camera(int index) {
    const auto number = static_cast<std::size_t>(index);
    const Json& source = document_["cameras"][number];
    const std::string element = element_name("camera", number, text_in(source, "name"));
    const std::string type = text_in(source, "type");
    SceneCamera camera;
    camera.name = node_or(text_in(source, "name"));
    camera.node = place_;
    if (type == "perspective") {
      set_perspective(source["perspective"], element, camera);
    } else if (type == "orthographic") {
      set_orthographic(source["orthographic"], element, camera);
    } else {
      return log_.fault(element,
                        fmt::format("type must be perspective or orthographic, got \"{}\"", printable(type)));
    }
    cameras_.emplace(number, scene_.cameras.size());
    scene_.cameras.push_back(std::move(camera));
  }

  void set_perspective(const Json& source, const std::string& element, SceneCamera& camera) {
    const double fov = number_or(source, "yfov", 0);
    constexpr double kPi = 3.14159265358979323846;
    if (!(fov > 0 && fov < kPi)) {
      return log_.fault(element, fmt::format("yfov must be between 0 and pi, got {:g}", fov));
    }
    camera.vertical_fov_degrees = static_cast<float>(fov * kDegreesPerRadian);
    if (const double aspect = number_or(source, "aspectRatio", 0); aspect > 0)
      camera.aspect = static_cast<float>(aspect);
  }

  /// Some writers turn the picture over with a negative magnification, which readers ignore.
  void set_orthographic(const Json& source, const std::string& element, SceneCamera& camera) {
    const double xmag = number_or(source, "xmag", 0);
    const double ymag = number_or(source, "ymag", 0);
    const double width = std::fabs(xmag);
    const double height = std::fabs(ymag);
    if (!(width > 0 && height > 0 && 2 * height <= static_cast<double>(kMaxCoordinate))) {
      return log_.fault(element,
                        fmt::format("xmag and ymag must be above 0 and below {:g}, got {:g} and {:g}",
                                    kMaxCoordinate, xmag, ymag));
    }
    camera.orthographic_height_m = static_cast<float>(2 * height);
    camera.aspect = static_cast<float>(width / height);
  }

  std::string node_or(const std::string& name) const { return name.empty() ? name_ : name; }

  void add_light(int index) {
    if (static_cast<std::size_t>(index) >= lights_of_file_.size()) {
      return log_.fault(element_,
                        fmt::format("light {} does not exist: the file has {} light{}", index,
                                    lights_of_file_.size(), lights_of_file_.size() == 1 ? "" : "s"));
    }
    const auto number = static_cast<std::size_t>(index);
    const Json& source = lights_of_file_[number];
    const std::string element = element_name("light", number, text_in(source, "name"));
    const std::string type = text_in(source, "type");
    SceneLight light;
    light.name = node_or(text_in(source, "name"));
    light.node = place_;
    set_intensity(source, element, light);
    if (number_or(source, "range", 0) > 0)
      log_.warn(element, "range is ignored: its light falls off with the square of the distance");
    if (type == "spot") {
      light.kind = SceneLightKind::spot;
      set_cone(source["spot"], element, light);
    } else if (type == "directional") {
      light.kind = SceneLightKind::directional;
    } else if (type != "point") {
      return log_.fault(element,
                        fmt::format("type must be point, spot or directional, got \"{}\"", printable(type)));
    }
    lights_.emplace(number, scene_.lights.size());
    scene_.lights.push_back(std::move(light));
  }

  void set_intensity(const Json& source, const std::string& element, SceneLight& light) {
    std::array<double, 3> color = numbers_or<3>(source, "color", {1, 1, 1});
    double intensity = number_or(source, "intensity", 1);
    const GltfFactors factors(element, log_);
    intensity = static_cast<double>(factors.at_least(0, intensity, "intensity"));
    for (double& channel : color) {
      channel = static_cast<double>(factors.at_least(0, channel, "color"));
      const double product = channel * intensity * watts_per_unit_;
      if (!std::isfinite(static_cast<float>(product)) || !std::isfinite(static_cast<float>(intensity)))
        log_.fault(element, "color times intensity is too large");
    }
    light.intensity = {static_cast<float>(color[0]), static_cast<float>(color[1]),
                       static_cast<float>(color[2])};
    light.strength = static_cast<float>(intensity);
    light.watts_per_unit = static_cast<float>(watts_per_unit_);
  }

  void set_cone(const Json& spot, const std::string& element, SceneLight& light) {
    constexpr double kHalfPi = 1.5707963267948966;
    const double inner = number_or(spot, "innerConeAngle", 0);
    const double outer = number_or(spot, "outerConeAngle", kHalfPi / 2);
    // 32-bit writers of pi / 2 come out a little above it
    if (!(inner >= 0 && inner <= outer && outer <= kHalfPi + 1e-6)) {
      log_.mend(element,
                fmt::format("cone angles must be 0 <= inner <= outer <= pi/2, got {} and {}; they are cut",
                            inner, outer));
    }
    const double within = std::clamp(outer, 0.0, kHalfPi);
    light.inner_cone_degrees = static_cast<float>(std::clamp(inner, 0.0, within) * kDegreesPerRadian);
    light.outer_cone_degrees = static_cast<float>(within * kDegreesPerRadian);
    if (!(within > 0))
      log_.warn(element, "its cone has no width: it lights nothing unless an animation opens it");
  }

  const Json& document_;
  const Json& lights_of_file_;
  const GltfBuffers& buffers_;
  GltfMeshReader& meshes_;
  GltfMaterialReader& materials_;
  double watts_per_unit_;  ///< of lights
  Scene& scene_;
  ImportLog& log_;
  std::vector<Bounds3> bounds_;  ///< of scene_.meshes
  std::string element_;          ///< what messages call the node being added
  std::string name_;
  std::size_t place_ = 0;  ///< of it in the scene's tree
  std::multimap<std::size_t, std::size_t> cameras_, lights_;
};

/// Bytes to a checked document; faults are in the log.
std::optional<Json> read_document(const GltfContainer& container, ImportLog& log) {
  Result<Json> document = parse_gltf_json(container.json);
  if (!document) {
    log.fault("", document.error().message);
    return std::nullopt;
  }
  check_gltf_extensions(*document, log);
  if (log.has_faults()) return std::nullopt;
  drop_absent_properties(*document, log);
  check_gltf_properties(*document, log);
  if (log.has_faults()) return std::nullopt;
  return *std::move(document);
}

/// Watts of one unit of the file's lights; a note tells which they are.
double watts_per_unit(const Json& document, const std::string& generator, LightUnits wanted,
                      std::vector<std::string>& notes) {
  std::vector<LampIntensity> lamps;
  for (const Json& light : lights_in(document))
    lamps.push_back({text_in(light, "type") == "directional", number_or(light, "intensity", 1)});
  if (lamps.empty()) return 1;
  const LightUnitsFound found = find_light_units(wanted, generator, lamps);
  notes.push_back(
      found.photometric
          ? fmt::format("its lights are taken as candela and lux, 683 lumens to the watt: {}", found.reason)
          : fmt::format("its lights are taken as watts (W/sr, W/m2): {}", found.reason));
  return found.photometric ? 1 / kLumensPerWatt : 1;
}

void tell_of_variants(const std::vector<std::string>& variants, std::vector<std::string>& notes) {
  if (variants.empty()) return;
  constexpr std::size_t kMostNames = 10;
  const std::vector<std::string> names(variants.begin(),
                                       variants.begin() + std::min(variants.size(), kMostNames));
  notes.push_back(fmt::format("it has {} material variant{} ({}{}); its default materials are shown",
                              variants.size(), variants.size() == 1 ? "" : "s", fmt::join(names, ", "),
                              variants.size() > kMostNames ? ", ..." : ""));
}

void build_scene(const Json& document, GltfBuffers& buffers, SceneFiles& files, const ImportOptions& options,
                 double watts_per_unit, Scene& scene, ImportLog& log) {
  TextureLoader pictures(files);
  const GltfNodeTree tree = read_nodes(document, scene, log);
  if (log.has_faults()) return;
  read_skins(document, buffers, tree, scene, log);
  GltfTextures textures(document, buffers, pictures, log);
  GltfMaterialReader materials(document, options.solid_glass, textures, log);
  GltfMeshReader meshes(document, !scene.skins.empty(), buffers, materials, log);
  SceneBuilder builder(document, buffers, meshes, materials, watts_per_unit, scene, log);
  const std::vector<NodePose> at_rest = poses_of(scene.nodes);
  const bool meshes_are_sound = !log.has_faults();
  for (const std::size_t node : tree.shown) {
    if (log.is_full() || !meshes_are_sound) break;
    const std::size_t place = tree.place_of[node];
    builder.add_node(node, place, at_rest[place].world_from_node);
  }
  read_animations(document, buffers, {tree.place_of, builder.cameras(), builder.lights(), materials.places()},
                  scene, log);
  if (!log.has_faults()) builder.finish(at_rest);
  if (!pictures.has_views()) buffers.release();  // before the pictures take their memory
  // pictures are looked for beside other faults, so that one run shows all that is to be mended
  std::vector<bool> missing = pictures.load(scene, log);
  materials.finish(missing, scene);
  if (std::find(missing.begin(), missing.end(), true) == missing.end()) return;
  drop_textures(scene, missing);
  drop_unused_images(scene);
}

}  // namespace

Result<ImportedScene> import_gltf(ByteView file, const std::string& file_name, const std::string& folder,
                                  const ImportOptions& options) {
  ImportLog log(file_name, options.strict);
  SceneFiles files(folder, options);
  const Result<GltfContainer> container = split_gltf(file);
  if (!container) {
    log.fault("", container.error().message);
    return log.error();
  }
  const std::optional<Json> document = read_document(*container, log);
  if (!document) return log.error();
  GltfBuffers buffers(*document, *container, files, log);
  if (log.has_faults()) return log.error();

  ImportedScene imported;
  imported.scene.name = file_name;
  imported.contents = gltf_contents(*document);
  tell_of_variants(imported.contents.variants, imported.notes);
  const double unit =
      watts_per_unit(*document, imported.contents.generator, options.light_units, imported.notes);
  build_scene(*document, buffers, files, options, unit, imported.scene, log);
  if (log.has_faults()) return log.error();
  imported.warnings = log.take_warnings();
  return imported;
}

}  // namespace oct
