#include "scene/import_gltf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_contents.hpp"
#include "scene/gltf_document.hpp"
#include "scene/gltf_material.hpp"
#include "scene/gltf_mesh.hpp"
#include "scene/gltf_model.hpp"
#include "scene/gltf_nodes.hpp"
#include "scene/import_log.hpp"
#include "scene/light_units.hpp"
#include "scene/material_textures.hpp"
#include "scene/placement.hpp"
#include "scene/recentre.hpp"
#include "scene/texture_loader.hpp"

namespace oct {
namespace {

constexpr double kDegreesPerRadian = 57.29577951308232;

std::array<double, 12> rows_of(const Matrix4& matrix) {
  std::array<double, 12> rows{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column) rows[4 * row + column] = matrix.m[4 * column + row];
  }
  return rows;
}

Point3 translation_of(const std::array<double, 12>& rows) {
  return {rows[3], rows[7], rows[11]};
}

constexpr Transform kUnmoved{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
constexpr std::array<double, 12> kUnmovedRows{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

/// rows * p
Point3 transformed(const std::array<double, 12>& rows, const Point3& p) {
  const auto row = [&](std::size_t i) {
    return rows[i] * p[0] + rows[i + 1] * p[1] + rows[i + 2] * p[2] + rows[i + 3];
  };
  return {row(0), row(4), row(8)};
}

Point3 point_of(Vec3 p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

bool has_area(const SceneMesh& mesh) {
  return std::any_of(mesh.triangles.begin(), mesh.triangles.end(), [&](const Triangle& triangle) {
    const Vec3 a = mesh.positions[triangle.v[0]];
    return !is_black(cross(mesh.positions[triangle.v[1]] - a, mesh.positions[triangle.v[2]] - a));
  });
}

/// Walks the nodes and puts what they carry into the scene.
class SceneBuilder {
 public:
  SceneBuilder(const tinygltf::Model& model, GltfMeshReader& meshes, GltfMaterialReader& materials,
               double watts_per_unit, Scene& scene, ImportLog& log)
      : model_(model),
        meshes_(meshes),
        materials_(materials),
        watts_per_unit_(watts_per_unit),
        scene_(scene),
        log_(log) {}

  void add_node(std::size_t index, const Matrix4& world) {
    const tinygltf::Node& node = model_.nodes[index];
    element_ = element_name("node", index, node.name);
    name_ = node.name.empty() ? fmt::format("node {}", index) : node.name;
    const std::array<double, 12> rows = rows_of(world);
    if (node.mesh >= 0) add_mesh(node, rows);
    if (node.camera >= 0) add_camera(node.camera, rows);
    const auto light = node.extensions.find("KHR_lights_punctual");
    if (light != node.extensions.end() && light->second.Has("light")) {
      add_light(light->second.Get("light").GetNumberAsInt(), rows);
    }
  }

  /// Takes a scene that is surveyed to its own centre, before anything of it is a float.
  void finish() {
    recentre_meshes();
    FileBounds bounds{{1, 1, 1}, {-1, -1, -1}};
    for (std::size_t i = 0; i < scene_.instances.size(); ++i)
      grow(bounds, instance_rows_[i], bounds_of(scene_.meshes[scene_.instances[i].mesh]), i == 0);
    const std::optional<Point3> origin = surveyed_origin(bounds);
    if (origin) set_origin(*origin, scene_, log_);
    for (std::size_t i = 0; i < scene_.instances.size(); ++i)
      place_again(scene_.instances[i], instance_rows_[i]);
    if (!origin) return;
    for (std::size_t i = 0; i < scene_.cameras.size(); ++i) {
      const Vec3 position = from_origin(camera_positions_[i]);
      float* m = scene_.cameras[i].world_from_camera.m;
      m[3] = position.x, m[7] = position.y, m[11] = position.z;
    }
    for (std::size_t i = 0; i < scene_.lights.size(); ++i)
      scene_.lights[i].position = from_origin(light_positions_[i]);
  }

 private:
  void recentre_meshes() {
    mesh_centres_.clear();
    for (SceneMesh& mesh : scene_.meshes) mesh_centres_.push_back(recentre_mesh(mesh));
    for (std::size_t i = 0; i < scene_.instances.size(); ++i) {
      std::array<double, 12>& rows = instance_rows_[i];
      const Point3 moved = transformed(rows, mesh_centres_[scene_.instances[i].mesh]);
      rows[3] = moved[0], rows[7] = moved[1], rows[11] = moved[2];
    }
  }

  static void grow(FileBounds& bounds, const std::array<double, 12>& rows, const Bounds3& mesh, bool first) {
    for (unsigned corner = 0; corner < 8; ++corner) {
      const Vec3 local{(corner & 1u) != 0 ? mesh.hi.x : mesh.lo.x, (corner & 2u) != 0 ? mesh.hi.y : mesh.lo.y,
                       (corner & 4u) != 0 ? mesh.hi.z : mesh.lo.z};
      const Point3 world = transformed(rows, point_of(local));
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const bool begin = first && corner == 0;
        bounds.lo[axis] = begin ? world[axis] : std::min(bounds.lo[axis], world[axis]);
        bounds.hi[axis] = begin ? world[axis] : std::max(bounds.hi[axis], world[axis]);
      }
    }
  }

  Vec3 from_origin(const Point3& point) const {
    const auto axis = [&](std::size_t i) { return static_cast<float>(point[i] - scene_.origin[i]); };
    return {axis(0), axis(1), axis(2)};
  }

  void place_again(SceneInstance& instance, const std::array<double, 12>& rows) {
    const Vec3 position = from_origin(translation_of(rows));
    float* m = instance.world_from_object.m;
    m[3] = position.x, m[7] = position.y, m[11] = position.z;
  }

  void add_mesh(const tinygltf::Node& node, const std::array<double, 12>& rows) {
    const std::vector<GltfMeshReader::Part> parts = meshes_.read(node.mesh, node.weights, scene_);
    if (parts.empty()) return;
    if (node.skin >= 0) log_.warn(element_, "its skin is ignored: it stands as its node places it");
    const std::optional<Transform> placement = placement_of(rows);
    if (!placement) return add_flat(parts, rows);
    // each node may list a mesh of many primitives; what a file asks for is bounded by its size
    const std::size_t limit = (std::size_t{1} << 20) + 64 * model_.nodes.size();
    if (scene_.instances.size() + parts.size() > limit) {
      return log_.fault(element_, fmt::format("the file's nodes unfold to more than {} objects", limit));
    }
    for (const GltfMeshReader::Part& part : parts) add_part(part, *placement, rows);
  }

  void add_part(const GltfMeshReader::Part& part, const Transform& placement,
                const std::array<double, 12>& rows) {
    while (bounds_.size() <= part.mesh) bounds_.push_back(bounds_of(scene_.meshes[bounds_.size()]));
    if (!is_traceable(transform_bounds(placement, bounds_[part.mesh]))) {
      return log_.fault(element_, fmt::format("reaches farther than {:g} m from the origin", kMaxCoordinate));
    }
    const std::size_t material = materials_.read(part.material, scene_);
    scene_.instances.push_back({name_, part.mesh, material, placement});
    instance_rows_.push_back(rows);
  }

  /// A node that is scaled to nothing in one direction shows its mesh flat. No matrix leads back from there, so that the
  /// flat shape becomes a mesh of its own.
  void add_flat(const std::vector<GltfMeshReader::Part>& parts, const std::array<double, 12>& rows) {
    constexpr std::size_t kMostFlatVertices = std::size_t{1} << 24;
    for (const GltfMeshReader::Part& part : parts) {
      SceneMesh flat = scene_.meshes[part.mesh];
      flat.normals.clear();
      flat.tangents.clear();
      for (Vec3& position : flat.positions) {
        const Point3 p = transformed(rows, point_of(position));
        position = {static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2])};
      }
      flat_vertices_ += flat.positions.size();
      if (!is_traceable(bounds_of(flat)) || !has_area(flat) || flat_vertices_ > kMostFlatVertices) {
        log_.warn(element_, "has no extent in two directions (scale 0) and is not shown");
        continue;
      }
      scene_.meshes.push_back(std::move(flat));
      add_part({scene_.meshes.size() - 1, part.material}, kUnmoved, kUnmovedRows);
    }
  }

  void add_camera(int index, const std::array<double, 12>& rows) {
    const tinygltf::Camera& source = model_.cameras[static_cast<std::size_t>(index)];
    const std::string element = element_name("camera", static_cast<std::size_t>(index), source.name);
    if (source.type != "perspective") return log_.warn(element, "is not perspective and is left out");
    const double fov = source.perspective.yfov;
    constexpr double kPi = 3.14159265358979323846;
    if (!(fov > 0 && fov < kPi)) {
      return log_.fault(element, fmt::format("yfov must be between 0 and pi, got {:g}", fov));
    }
    const std::optional<Transform> placement = rigid_placement_of(rows);
    if (!placement) return log_.warn(element_, "has no direction (scale 0); its camera is left out");
    SceneCamera camera;
    camera.name = node_or(source.name);
    camera.world_from_camera = *placement;
    camera.vertical_fov_degrees = static_cast<float>(fov * kDegreesPerRadian);
    if (source.perspective.aspectRatio > 0)
      camera.aspect = static_cast<float>(source.perspective.aspectRatio);
    scene_.cameras.push_back(std::move(camera));
    camera_positions_.push_back(translation_of(rows));
  }

  std::string node_or(const std::string& name) const { return name.empty() ? name_ : name; }

  void add_light(int index, const std::array<double, 12>& rows) {
    if (index < 0 || static_cast<std::size_t>(index) >= model_.lights.size()) {
      return log_.fault(element_, fmt::format("light {} does not exist: the file has {} lights", index,
                                              model_.lights.size()));
    }
    const tinygltf::Light& source = model_.lights[static_cast<std::size_t>(index)];
    const std::string element = element_name("light", static_cast<std::size_t>(index), source.name);
    const std::optional<Transform> placement = rigid_placement_of(rows);
    if (!placement) return log_.warn(element_, "has no direction (scale 0); its light is left out");
    SceneLight light;
    light.name = node_or(source.name);
    const float* m = placement->m;
    light.position = {m[3], m[7], m[11]};
    light.direction = {-m[2], -m[6], -m[10]};
    light.intensity = light_intensity(source, element);
    if (source.range > 0)
      log_.warn(element, "range is ignored: its light falls off with the square of the distance");
    if (source.type == "spot") {
      light.kind = SceneLightKind::spot;
      set_cone(source, element, light);
    } else if (source.type == "directional") {
      light.kind = SceneLightKind::directional;
    } else if (source.type != "point") {
      return log_.fault(element, fmt::format("type must be point, spot or directional, got \"{}\"",
                                             printable(source.type)));
    }
    scene_.lights.push_back(std::move(light));
    light_positions_.push_back(translation_of(rows));
  }

  Vec3 light_intensity(const tinygltf::Light& source, const std::string& element) {
    std::array<double, 3> color{1, 1, 1};
    if (source.color.size() == 3) std::copy(source.color.begin(), source.color.end(), color.begin());
    for (double& channel : color) {
      channel *= source.intensity * watts_per_unit_;
      if (channel < 0)
        log_.fault(element, fmt::format("color times intensity must be at least 0, got {:g}", channel));
      if (!std::isfinite(static_cast<float>(channel)))
        log_.fault(element, "color times intensity is too large");
    }
    return {static_cast<float>(color[0]), static_cast<float>(color[1]), static_cast<float>(color[2])};
  }

  void set_cone(const tinygltf::Light& source, const std::string& element, SceneLight& light) {
    const double inner = source.spot.innerConeAngle;
    const double outer = source.spot.outerConeAngle;
    constexpr double kHalfPi = 1.5707963267948966;
    if (!(inner >= 0 && outer > 0)) {
      log_.fault(element,
                 fmt::format("cone angles must be 0 <= inner <= outer <= pi/2, got {} and {}", inner, outer));
    }
    // 32-bit writers of pi / 2 come out a little above it
    if (!(inner <= outer && outer <= kHalfPi + 1e-6)) {
      log_.mend(element,
                fmt::format("cone angles must be 0 <= inner <= outer <= pi/2, got {} and {}; they are cut",
                            inner, outer));
    }
    light.inner_cone_degrees = static_cast<float>(std::min({inner, outer, kHalfPi}) * kDegreesPerRadian);
    light.outer_cone_degrees = static_cast<float>(std::min(outer, kHalfPi) * kDegreesPerRadian);
  }

  const tinygltf::Model& model_;
  GltfMeshReader& meshes_;
  GltfMaterialReader& materials_;
  double watts_per_unit_;  ///< of lights
  Scene& scene_;
  ImportLog& log_;
  std::vector<Bounds3> bounds_;                        ///< of scene_.meshes
  std::vector<std::array<double, 12>> instance_rows_;  ///< of scene_.instances
  std::vector<Point3> camera_positions_, light_positions_;
  std::vector<Point3> mesh_centres_;  ///< what their positions were moved by
  std::size_t flat_vertices_ = 0;
  std::string element_;  ///< what messages call the node being added
  std::string name_;
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
  drop_null_properties(*document, log);
  check_gltf_properties(*document, log);
  if (log.has_faults()) return std::nullopt;
  return *std::move(document);
}

/// Watts of one unit of the file's lights; a note tells which they are.
double watts_per_unit(const tinygltf::Model& model, LightUnits wanted, std::vector<std::string>& notes) {
  std::vector<LampIntensity> lamps;
  for (const tinygltf::Light& light : model.lights)
    lamps.push_back({light.type == "directional", light.intensity});
  if (lamps.empty()) return 1;
  const LightUnitsFound found = find_light_units(wanted, model.asset.generator, lamps);
  notes.push_back(
      found.photometric
          ? fmt::format("its lights are taken as candela and lux, 683 lumens to the watt: {}", found.reason)
          : fmt::format("its lights are taken as watts (W/sr, W/m2): {}", found.reason));
  return found.photometric ? 1 / kLumensPerWatt : 1;
}

void build_scene(const tinygltf::Model& model, const Json& document, GltfBuffers& buffers,
                 SceneFiles& files, double watts_per_unit, Scene& scene, ImportLog& log) {
  TextureLoader textures(files);
  GltfMeshReader meshes(model, buffers, log);
  GltfMaterialReader materials(model, document, buffers, textures, log);
  SceneBuilder builder(model, meshes, materials, watts_per_unit, scene, log);
  visit_nodes(model, log, [&](std::size_t node, const Matrix4& world) { builder.add_node(node, world); });
  if (!log.has_faults()) builder.finish();
  if (!textures.has_views()) buffers.release();  // before the pictures take their memory
  // pictures are looked for beside other faults, so that one run shows all that is to be mended
  const std::vector<bool> missing = textures.load(scene, log);
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
  Result<tinygltf::Model> model = gltf_model(*document);
  if (!model) log.fault("", model.error());
  if (log.has_faults()) return log.error();

  ImportedScene imported;
  imported.scene.name = file_name;
  imported.contents = gltf_contents(*document);
  const double unit = watts_per_unit(*model, options.light_units, imported.notes);
  build_scene(*model, *document, buffers, files, unit, imported.scene, log);
  if (log.has_faults()) return log.error();
  imported.warnings = log.take_warnings();
  return imported;
}

}  // namespace oct
