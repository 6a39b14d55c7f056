#include "scene/import_gltf.hpp"

#include <fmt/format.h>

#include <cmath>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_document.hpp"
#include "scene/gltf_material.hpp"
#include "scene/gltf_mesh.hpp"
#include "scene/gltf_model.hpp"
#include "scene/gltf_nodes.hpp"
#include "scene/import_log.hpp"
#include "scene/placement.hpp"
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

/// Walks the nodes and puts what they carry into the scene.
class SceneBuilder {
 public:
  SceneBuilder(const tinygltf::Model& model, GltfMeshReader& meshes, GltfMaterialReader& materials,
               Scene& scene, ImportLog& log)
      : model_(model), meshes_(meshes), materials_(materials), scene_(scene), log_(log) {}

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

 private:
  void add_mesh(const tinygltf::Node& node, const std::array<double, 12>& rows) {
    const std::vector<GltfMeshReader::Part> parts = meshes_.read(node.mesh, node.weights, scene_);
    if (parts.empty()) return;
    if (node.skin >= 0) log_.warn(element_, "its skin is ignored: it stands as its node places it");
    const std::optional<Transform> placement = placement_of(rows);
    if (!placement) return log_.warn(element_, "has no extent in one direction (scale 0) and is not shown");
    // each node may list a mesh of many primitives; what a file asks for is bounded by its size
    const std::size_t limit = (std::size_t{1} << 20) + 64 * model_.nodes.size();
    if (scene_.instances.size() + parts.size() > limit) {
      return log_.fault(element_, fmt::format("the file's nodes unfold to more than {} objects", limit));
    }
    for (const GltfMeshReader::Part& part : parts) {
      while (bounds_.size() <= part.mesh) bounds_.push_back(bounds_of(scene_.meshes[bounds_.size()]));
      if (!is_traceable(transform_bounds(*placement, bounds_[part.mesh]))) {
        return log_.fault(element_,
                          fmt::format("reaches farther than {:g} m from the origin", kMaxCoordinate));
      }
      const std::size_t material = materials_.read(part.material, scene_);
      scene_.instances.push_back({name_, part.mesh, material, *placement});
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
  }

  Vec3 light_intensity(const tinygltf::Light& source, const std::string& element) {
    std::array<double, 3> color{1, 1, 1};
    if (source.color.size() == 3) std::copy(source.color.begin(), source.color.end(), color.begin());
    for (double& channel : color) {
      channel *= source.intensity;
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
    // 32-bit writers of pi / 2 come out a little above it
    if (!(inner >= 0 && inner < outer && outer <= kHalfPi + 1e-6)) {
      log_.fault(element, fmt::format("cone angles must be 0 <= inner < outer <= pi/2, got {:g} and {:g}",
                                      inner, outer));
    }
    light.inner_cone_degrees = static_cast<float>(inner * kDegreesPerRadian);
    light.outer_cone_degrees = static_cast<float>(std::min(outer, kHalfPi) * kDegreesPerRadian);
  }

  const tinygltf::Model& model_;
  GltfMeshReader& meshes_;
  GltfMaterialReader& materials_;
  Scene& scene_;
  ImportLog& log_;
  std::vector<Bounds3> bounds_;  ///< of scene_.meshes
  std::string element_;          ///< what messages call the node being added
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
  check_gltf_properties(*document, log);
  if (log.has_faults()) return std::nullopt;
  return *std::move(document);
}

void build_scene(const tinygltf::Model& model, const Json& document, GltfBuffers& buffers, SceneFiles& files,
                 Scene& scene, ImportLog& log) {
  TextureLoader textures(files);
  GltfMeshReader meshes(model, buffers, log);
  GltfMaterialReader materials(model, document, buffers, textures, log);
  SceneBuilder builder(model, meshes, materials, scene, log);
  visit_nodes(model, log, [&](std::size_t node, const Matrix4& world) { builder.add_node(node, world); });
  if (!textures.has_views()) buffers.release();  // before the pictures take their memory
  // missing pictures are reported beside other faults, so that one run shows all that is to be mended
  textures.load(scene, log);
}

}  // namespace

Result<ImportedScene> import_gltf(ByteView file, const std::string& file_name, const std::string& folder,
                                  const ImportOptions& options) {
  ImportLog log(file_name);
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
  if (!model) log.fault("", model.error().message);
  if (log.has_faults()) return log.error();

  ImportedScene imported;
  imported.scene.name = file_name;
  build_scene(*model, *document, buffers, files, imported.scene, log);
  if (log.has_faults()) return log.error();
  imported.warnings = log.take_warnings();
  return imported;
}

}  // namespace oct
