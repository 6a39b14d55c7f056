#pragma once
#include <map>
#include <string>
#include <vector>

#include "scene/gltf_accessor.hpp"
#include "scene/gltf_draco.hpp"
#include "scene/gltf_material.hpp"
#include "scene/import_log.hpp"
#include "scene/scene.hpp"

namespace oct {

/// Turns primitives of a glTF file into meshes of a scene. Primitives made of the same accessors become one
/// mesh if their materials use the same texture coordinates; vertices that a primitive's triangles do not use are left out.
class GltfMeshReader {
 public:
  /// skins  whether the file has any: else nobody asks what joints a vertex follows
  GltfMeshReader(const Json& document, bool skins, const GltfBuffers& buffers, GltfMaterialReader& materials,
                 ImportLog& log)
      : document_(document),
        skins_(skins),
        buffers_(buffers),
        materials_(materials),
        draco_(document, buffers, log),
        log_(log) {}

  struct Part {
    std::size_t mesh = 0;  ///< into Scene::meshes
    int material = -1;     ///< of the file, -1 = glTF's default material
  };

  /// The parts of mesh `index`, in the shape that they have without morph targets. Points and lines are left out
  /// with a warning.
  std::vector<Part> read(int index, Scene& scene);

 private:
  std::optional<std::size_t> read_primitive(const Json& primitive, const GltfUvSets& sets,
                                            const std::string& name, Scene& scene);
  const GltfUvSets& uv_sets_of(const Json& primitive, Scene& scene);
  std::optional<GltfAccessor> open(int accessor, std::string_view use);
  std::optional<GltfAccessor> open_attribute(const Json& attributes, const char* name, std::size_t count,
                                             std::size_t least_components, std::size_t most_components);
  std::optional<std::vector<std::uint32_t>> read_indices(const Json& primitive, std::size_t vertex_count);
  std::vector<Triangle> triangles_of(const std::vector<std::uint32_t>& indices, std::uint64_t mode);
  void read_attributes(const Json& primitive, const GltfUvSets& sets, const std::vector<std::uint32_t>& used,
                       SceneMesh& mesh, const GltfAccessor& positions);
  void read_targets(const Json& primitive, const GltfUvSets& sets, const std::vector<std::uint32_t>& used,
                    SceneMesh& mesh, std::size_t count);
  void read_influences(const Json& primitive, const std::vector<std::uint32_t>& used, SceneMesh& mesh,
                       std::size_t count);
  bool within_budget(std::size_t index_count, std::size_t vertex_count);

  const Json& document_;
  const bool skins_;
  const GltfBuffers& buffers_;
  GltfMaterialReader& materials_;
  const GltfDraco draco_;
  ImportLog& log_;
  std::string element_;                                      ///< what messages call the primitive being read
  std::map<std::string, std::optional<std::size_t>> known_;  ///< by accessors
  std::uint64_t spent_ = 0;
};

}  // namespace oct
