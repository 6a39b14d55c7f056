#include "scene/gltf_mesh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "math/vec.hpp"
#include "scene/mesh_cleanup.hpp"

namespace oct {
namespace {

/// How corners follow each other (glTF 2.0, section 3.7.2.1).
enum PrimitiveMode : std::uint64_t {
  kPoints = 0,
  kTriangles = 4,
  kTriangleStrip = 5,
  kTriangleFan = 6,
};

std::uint64_t mode_of(const Json& primitive) {
  return whole_or(primitive, "mode", kTriangles);
}

/// Accessors and topology decide what a primitive looks like; of its material only which texture coordinates it
/// uses.
std::string key_of(const Json& primitive, const GltfUvSets& sets) {
  std::string key =
      fmt::format("{} {} uv {}", mode_of(primitive), index_in(primitive, "indices"), fmt::join(sets, ","));
  const auto add = [&](const Json& attributes) {
    for (const auto& [name, accessor] : attributes.items())
      key += fmt::format(" {}={}", name, accessor.get<double>());
  };
  add(primitive["attributes"]);
  for (const Json& target : array_in(primitive, "targets")) {
    key += " *";
    add(target);
  }
  return key;
}

/// Which of `count` vertices occur in a list, and the place of each among those that do.
class UsedVertices {
 public:
  UsedVertices(const std::vector<Triangle>& triangles, std::size_t count)
      : words_((count + 63) / 64), before_(words_.size()) {
    for (const Triangle& triangle : triangles) {
      for (const std::uint32_t v : triangle.v) words_[v / 64] |= std::uint64_t{1} << (v % 64);
    }
    std::uint32_t sum = 0;
    for (std::size_t w = 0; w < words_.size(); ++w) {
      before_[w] = sum;
      sum += static_cast<std::uint32_t>(std::popcount(words_[w]));
    }
    used_count_ = sum;
  }

  std::uint32_t place_of(std::uint32_t vertex) const {
    const std::uint64_t below = words_[vertex / 64] & ((std::uint64_t{1} << (vertex % 64)) - 1);
    return before_[vertex / 64] + static_cast<std::uint32_t>(std::popcount(below));
  }

  std::size_t size() const { return used_count_; }

  std::vector<std::uint32_t> list() const {
    std::vector<std::uint32_t> used;
    used.reserve(used_count_);
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        used.push_back(static_cast<std::uint32_t>(w * 64) +
                       static_cast<std::uint32_t>(std::countr_zero(bits)));
      }
    }
    return used;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> before_;
  std::size_t used_count_ = 0;
};

Vec2 vec2_at(const GltfAccessor& accessor, std::size_t i) {
  return {accessor.value(i, 0), accessor.value(i, 1)};
}
Vec3 vec3_at(const GltfAccessor& accessor, std::size_t i) {
  return {accessor.value(i, 0), accessor.value(i, 1), accessor.value(i, 2)};
}
Vec4 vec4_at(const GltfAccessor& accessor, std::size_t i) {
  const Vec3 v = vec3_at(accessor, i);
  return {v.x, v.y, v.z, accessor.component_count() == 4 ? accessor.value(i, 3) : 1.0f};
}

float finite_or_zero(float value) {
  return is_finite(value) ? value : 0.0f;
}
Vec2 offset2_at(const GltfAccessor& accessor, std::size_t i) {
  return {finite_or_zero(accessor.value(i, 0)), finite_or_zero(accessor.value(i, 1))};
}
Vec3 offset3_at(const GltfAccessor& accessor, std::size_t i) {
  const Vec2 v = offset2_at(accessor, i);
  return {v.x, v.y, finite_or_zero(accessor.value(i, 2))};
}
Vec4 offset4_at(const GltfAccessor& accessor, std::size_t i) {
  const Vec3 v = offset3_at(accessor, i);
  return {v.x, v.y, v.z, accessor.component_count() == 4 ? finite_or_zero(accessor.value(i, 3)) : 0.0f};
}

/// Joints of any type of number; what cannot be one is left out.
SceneInfluences influences_at(const GltfAccessor& joints, const GltfAccessor& weights, std::size_t vertex) {
  constexpr float kMostJoints = 16777216.0f;
  SceneInfluences influences;
  for (std::size_t c = 0; c < 4; ++c) {
    const float joint = joints.value(vertex, c);
    const float weight = weights.value(vertex, c);
    if (!(joint >= 0.0f && joint < kMostJoints) || !(weight > 0.0f) || !is_finite(weight)) continue;
    influences.joints[c] = static_cast<std::uint32_t>(joint);
    influences.weights[c] = weight;
  }
  return influences;
}

/// Makes the weights of each vertex add to 1; returns whether each had one.
bool normalize_weights(SceneMesh& mesh) {
  bool complete = true;
  for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
    double sum = 0;
    for (const auto& set : mesh.influences) {
      for (const float weight : set[i].weights) sum += static_cast<double>(weight);
    }
    if (!(sum > 0)) {
      mesh.influences.front()[i] = {{0, 0, 0, 0}, {1, 0, 0, 0}};
      complete = false;
      continue;
    }
    for (auto& set : mesh.influences) {
      for (float& weight : set[i].weights) weight = static_cast<float>(static_cast<double>(weight) / sum);
    }
  }
  return complete;
}

/// Values of the used vertices. T is made of floats, and most files hold nothing else.
template <class T, class Read>
std::vector<T> gather(const GltfAccessor& accessor, const std::vector<std::uint32_t>& used,
                      const Read& read) {
  std::vector<T> values(used.size());
  const std::byte* floats = accessor.plain_floats();
  if (floats != nullptr && accessor.component_count() * sizeof(float) == sizeof(T)) {
    const std::size_t stride = accessor.stride();
    for (std::size_t i = 0; i < used.size(); ++i)
      std::memcpy(&values[i], floats + used[i] * stride, sizeof(T));
  } else {
    for (std::size_t i = 0; i < used.size(); ++i) values[i] = read(accessor, used[i]);
  }
  return values;
}

}  // namespace

std::vector<GltfMeshReader::Part> GltfMeshReader::read(int index, Scene& scene) {
  const Json& mesh = document_["meshes"][static_cast<std::size_t>(index)];
  const Json& primitives = mesh["primitives"];
  const std::string mesh_name = text_in(mesh, "name");
  const std::string element = element_name("mesh", static_cast<std::size_t>(index), mesh_name);
  std::vector<Part> parts;
  for (std::size_t p = 0; p < primitives.size(); ++p) {
    const Json& primitive = primitives[p];
    const bool only = primitives.size() == 1;
    const GltfUvSets& sets = uv_sets_of(primitive, scene);
    const std::string key = key_of(primitive, sets);
    auto known = known_.find(key);
    if (known == known_.end()) {
      if (log_.is_full()) break;
      element_ = only ? element : fmt::format("{} primitive {}", element, p);
      const std::string name = mesh_name.empty() ? fmt::format("mesh {}", index) : mesh_name;
      const std::string part_name = only ? name : fmt::format("{} [{}]", name, p);
      known = known_.emplace(key, read_primitive(primitive, sets, part_name, scene)).first;
    }
    if (known->second) parts.push_back({*known->second, index_in(primitive, "material")});
  }
  return parts;
}

std::optional<std::size_t> GltfMeshReader::read_primitive(const Json& primitive, const GltfUvSets& sets,
                                                          const std::string& name, Scene& scene) {
  const std::uint64_t mode = mode_of(primitive);
  if (mode > kTriangleFan) {
    log_.fault(element_, fmt::format("mode must be 0 to 6, got {}", mode));
    return std::nullopt;
  }
  if (mode < kTriangles) {
    log_.warn(element_, mode == kPoints ? "points are not shown" : "lines are not shown");
    return std::nullopt;
  }
  const int position = index_in(primitive["attributes"], "POSITION");
  if (position < 0) {
    log_.warn(element_, "has no positions and is not shown");
    return std::nullopt;
  }
  const std::optional<GltfAccessor> positions = open(position, "POSITION");
  if (!positions) return std::nullopt;
  if (positions->component_count() != 3) {
    log_.fault(element_, "POSITION must have 3 components");
    return std::nullopt;
  }
  const std::optional<std::vector<std::uint32_t>> indices = read_indices(primitive, positions->count());
  if (!indices) return std::nullopt;

  SceneMesh mesh;
  mesh.name = name;
  mesh.triangles = triangles_of(*indices, GltfDraco::is_packed(primitive) ? std::uint64_t{kTriangles} : mode);
  if (mesh.triangles.empty()) {
    log_.warn(element_, "has no triangles and is not shown");
    return std::nullopt;
  }
  const UsedVertices used(mesh.triangles, positions->count());
  if (used.size() < positions->count()) {
    for (Triangle& triangle : mesh.triangles) {
      for (std::uint32_t& v : triangle.v) v = used.place_of(v);
    }
  }
  const std::vector<std::uint32_t> list = used.list();
  read_attributes(primitive, sets, list, mesh, *positions);
  read_targets(primitive, sets, list, mesh, positions->count());
  if (skins_) read_influences(primitive, list, mesh, positions->count());
  if (!clean_up_mesh(mesh, element_, log_)) return std::nullopt;
  scene.meshes.push_back(std::move(mesh));
  return scene.meshes.size() - 1;
}

/// Of what is not shown at all no material is asked, so that none is read for it.
const GltfUvSets& GltfMeshReader::uv_sets_of(const Json& primitive, Scene& scene) {
  static const GltfUvSets kNoSets;
  const std::uint64_t mode = mode_of(primitive);
  const bool shown =
      mode >= kTriangles && mode <= kTriangleFan && primitive["attributes"].contains("POSITION");
  return shown ? materials_.uv_sets(index_in(primitive, "material"), scene) : kNoSets;
}

std::optional<GltfAccessor> GltfMeshReader::open(int accessor, std::string_view use) {
  Result<GltfAccessor> opened = GltfAccessor::open(document_, buffers_, accessor, draco_.accessor(accessor));
  if (opened) return *std::move(opened);
  log_.fault(element_, fmt::format("{}: accessor {} {}", printable(use), accessor, opened.error().message));
  return std::nullopt;
}

std::optional<GltfAccessor> GltfMeshReader::open_attribute(const Json& attributes, const char* name,
                                                           std::size_t count, std::size_t least_components,
                                                           std::size_t most_components) {
  const int attribute = index_in(attributes, name);
  if (attribute < 0) return std::nullopt;
  std::optional<GltfAccessor> accessor = open(attribute, name);
  if (!accessor) return std::nullopt;
  if (accessor->count() != count) {
    log_.fault(element_, fmt::format("{} has {} elements, POSITION has {}", name, accessor->count(), count));
    return std::nullopt;
  }
  if (accessor->component_count() < least_components || accessor->component_count() > most_components) {
    log_.fault(element_, fmt::format("{} must have {} components, got {}", name, most_components,
                                     accessor->component_count()));
    return std::nullopt;
  }
  return accessor;
}

/// What a file may unfold to is bounded by its size, so that a small file whose primitives share a buffer
/// cannot take all memory.
bool GltfMeshReader::within_budget(std::size_t index_count, std::size_t vertex_count) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 24;
  const std::uint64_t limit = kAlways + 4 * static_cast<std::uint64_t>(buffers_.byte_count());
  spent_ += index_count + vertex_count / 64;
  if (spent_ <= limit && index_count <= kMaxMeshElements) return true;
  log_.fault(element_, fmt::format("the file's meshes unfold to more than {} corners", limit));
  return false;
}

std::optional<std::vector<std::uint32_t>> GltfMeshReader::read_indices(const Json& primitive,
                                                                       std::size_t vertex_count) {
  std::vector<std::uint32_t> indices;
  const int source = index_in(primitive, "indices");
  if (source < 0) {
    if (!within_budget(vertex_count, vertex_count)) return std::nullopt;
    indices.resize(vertex_count);
    for (std::size_t i = 0; i < vertex_count; ++i) indices[i] = static_cast<std::uint32_t>(i);
    return indices;
  }
  const std::optional<GltfAccessor> accessor = open(source, "indices");
  if (!accessor) return std::nullopt;
  if (accessor->component_count() != 1 || !accessor->is_unsigned_integer()) {
    log_.fault(element_, fmt::format("indices: accessor {} must hold unsigned integers", source));
    return std::nullopt;
  }
  if (!within_budget(accessor->count(), vertex_count)) return std::nullopt;
  indices = accessor->indices();
  const auto beyond = std::find_if(indices.begin(), indices.end(),
                                   [&](std::uint32_t vertex) { return vertex >= vertex_count; });
  if (beyond == indices.end()) return indices;
  log_.fault(element_, fmt::format("index {} names a vertex that does not exist: there are {}",
                                   beyond - indices.begin(), vertex_count));
  return std::nullopt;
}

/// Strips and fans as glTF 2.0, section 3.7.2.1, orders their corners.
std::vector<Triangle> GltfMeshReader::triangles_of(const std::vector<std::uint32_t>& indices,
                                                   std::uint64_t mode) {
  std::vector<Triangle> triangles;
  if (mode == kTriangles) {
    if (indices.size() % 3 != 0) log_.warn(element_, "the last triangle lacks corners and is left out");
    triangles.resize(indices.size() / 3);
    if (!triangles.empty())
      std::memcpy(triangles.data(), indices.data(), triangles.size() * sizeof(Triangle));
    return triangles;
  }
  for (std::size_t i = 0; i + 2 < indices.size(); ++i) {
    const bool strip = mode == kTriangleStrip;
    const Triangle triangle = strip ? Triangle{{indices[i], indices[i + 1 + i % 2], indices[i + 2 - i % 2]}}
                                    : Triangle{{indices[i + 1], indices[i + 2], indices[0]}};
    const auto& v = triangle.v;
    // strips are joined by triangles with two equal corners
    if (v[0] != v[1] && v[1] != v[2] && v[2] != v[0]) triangles.push_back(triangle);
  }
  return triangles;
}

void GltfMeshReader::read_attributes(const Json& primitive, const GltfUvSets& sets,
                                     const std::vector<std::uint32_t>& used, SceneMesh& mesh,
                                     const GltfAccessor& positions) {
  const auto attribute = [&](const char* name, std::size_t least, std::size_t most) {
    return open_attribute(primitive["attributes"], name, positions.count(), least, most);
  };
  mesh.positions = gather<Vec3>(positions, used, vec3_at);
  if (const auto normals = attribute("NORMAL", 3, 3)) {
    mesh.normals = gather<Vec3>(*normals, used, vec3_at);
    // without normals tangents are to be ignored (section 3.7.2.1)
    if (const auto tangents = attribute("TANGENT", 4, 4))
      mesh.tangents = gather<Vec4>(*tangents, used, vec4_at);
  }
  for (std::size_t place = 0; place < sets.size(); ++place) {
    const std::string name = fmt::format("TEXCOORD_{}", sets[place]);
    if (const auto uvs = attribute(name.c_str(), 2, 2)) mesh.uvs[place] = gather<Vec2>(*uvs, used, vec2_at);
  }
  if (const auto colors = attribute("COLOR_0", 3, 4)) mesh.colors = gather<Vec4>(*colors, used, vec4_at);
}

/// Section 3.7.2.2. Finite numbers alone: what is not would spoil the mesh at any weight.
void GltfMeshReader::read_targets(const Json& primitive, const GltfUvSets& sets,
                                  const std::vector<std::uint32_t>& used, SceneMesh& mesh,
                                  std::size_t count) {
  for (const Json& attributes : array_in(primitive, "targets")) {
    if (log_.is_full() || !within_budget(used.size(), 0)) return;
    SceneMorphTarget& target = mesh.morph_targets.emplace_back();
    const auto read = [&](const char* name, std::size_t least, std::size_t most, bool wanted, auto& into,
                          const auto& at) {
      if (!wanted) return;
      const auto accessor = open_attribute(attributes, name, count, least, most);
      if (!accessor) return;
      into.resize(used.size());
      for (std::size_t i = 0; i < used.size(); ++i) into[i] = at(*accessor, used[i]);
    };
    read("POSITION", 3, 3, true, target.positions, offset3_at);
    read("NORMAL", 3, 3, !mesh.normals.empty(), target.normals, offset3_at);
    read("TANGENT", 3, 3, !mesh.tangents.empty(), target.tangents, offset3_at);
    for (std::size_t place = 0; place < sets.size(); ++place) {
      const std::string name = fmt::format("TEXCOORD_{}", sets[place]);
      read(name.c_str(), 2, 2, !mesh.uvs[place].empty(), target.uvs[place], offset2_at);
    }
    read("COLOR_0", 3, 4, !mesh.colors.empty(), target.colors, offset4_at);
  }
}

/// Section 3.7.3.3. Weights are divided by their sum.
void GltfMeshReader::read_influences(const Json& primitive, const std::vector<std::uint32_t>& used,
                                     SceneMesh& mesh, std::size_t count) {
  constexpr std::size_t kMostSets = 4;
  const Json& attributes = primitive["attributes"];
  for (std::size_t set = 0; set < kMostSets; ++set) {
    const std::string joints_name = fmt::format("JOINTS_{}", set);
    const auto joints = open_attribute(attributes, joints_name.c_str(), count, 4, 4);
    const auto weights = open_attribute(attributes, fmt::format("WEIGHTS_{}", set).c_str(), count, 4, 4);
    if (!joints || !weights || !within_budget(used.size(), 0)) break;
    std::vector<SceneInfluences>& influences = mesh.influences.emplace_back(used.size());
    for (std::size_t i = 0; i < used.size(); ++i) influences[i] = influences_at(*joints, *weights, used[i]);
  }
  if (attributes.contains(fmt::format("JOINTS_{}", kMostSets)))
    log_.warn(element_, "follows more than 16 joints with one vertex; the others are left out");
  if (!mesh.influences.empty() && !normalize_weights(mesh))
    log_.warn(element_, "has vertices without a joint; they follow the first one of their skin");
}

}  // namespace oct
