#include "scene/gltf_draco.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

#include "base/thread_pool.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

constexpr const char* kExtension = "KHR_draco_mesh_compression";

/// One stream, and which accessors its content belongs to.
struct Stream {
  std::string element;  ///< what messages call the primitive
  ByteView packed;
  int indices = -1;
  std::vector<int> accessors;          ///< of the attributes
  std::vector<DracoAttribute> wanted;  ///< one for each
  std::optional<Error> error = std::nullopt;
  DracoMesh mesh = {};
};

std::optional<NumberKind> kind_of(int component_type) {
  switch (component_type) {
    case TINYGLTF_COMPONENT_TYPE_BYTE: return NumberKind::int8;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE: return NumberKind::uint8;
    case TINYGLTF_COMPONENT_TYPE_SHORT: return NumberKind::int16;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT: return NumberKind::uint16;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT: return NumberKind::uint32;
    case TINYGLTF_COMPONENT_TYPE_FLOAT: return NumberKind::real;
    default: return std::nullopt;
  }
}

std::optional<std::size_t> draco_components(int type) {
  switch (type) {
    case TINYGLTF_TYPE_SCALAR: return 1;
    case TINYGLTF_TYPE_VEC2: return 2;
    case TINYGLTF_TYPE_VEC3: return 3;
    case TINYGLTF_TYPE_VEC4: return 4;
    default: return std::nullopt;
  }
}

/// The attributes that we may need. What the accessors say of types is checked when they are opened.
void add_wanted(const tinygltf::Model& model, const tinygltf::Primitive& primitive,
                const tinygltf::Value& ids, Stream& stream) {
  for (const std::string& name : ids.Keys()) {
    const auto attribute = primitive.attributes.find(name);
    if (attribute == primitive.attributes.end()) continue;
    const tinygltf::Accessor& accessor = model.accessors[static_cast<std::size_t>(attribute->second)];
    const auto kind = kind_of(accessor.componentType);
    const auto components = draco_components(accessor.type);
    if (!kind || !components) continue;
    stream.accessors.push_back(attribute->second);
    stream.wanted.push_back({static_cast<std::uint32_t>(ids.Get(name).GetNumberAsInt()), *kind, *components});
  }
}

Result<void> unpack(const tinygltf::Model& model, Stream& stream) {
  OCT_TRY_ASSIGN(stream.mesh, decode_draco(stream.packed, stream.wanted));
  const auto check_count = [&](int accessor, std::size_t count) -> Result<void> {
    const std::size_t said = model.accessors[static_cast<std::size_t>(accessor)].count;
    if (said == count) return {};
    return invalid(fmt::format("holds {} elements of accessor {}, which says {}", count, accessor, said));
  };
  for (const int accessor : stream.accessors) OCT_TRY(check_count(accessor, stream.mesh.vertex_count));
  if (stream.indices >= 0) OCT_TRY(check_count(stream.indices, stream.mesh.corners.size()));
  return {};
}

/// Corners as the accessor has them.
Bytes indices_as(int component_type, const std::vector<std::uint32_t>& corners) {
  const std::size_t size = component_type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE    ? 1
                           : component_type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT ? 2
                                                                                      : 4;
  Bytes bytes(corners.size() * size);
  for (std::size_t i = 0; i < corners.size(); ++i)  // little-endian
    std::memcpy(bytes.data() + i * size, &corners[i], size);
  return bytes;
}

/// All packed primitives, each stream with its accessors once.
std::vector<Stream> streams_of(const tinygltf::Model& model, const GltfBuffers& buffers) {
  std::vector<Stream> streams;
  std::set<std::pair<int, std::vector<int>>> known;
  for (std::size_t m = 0; m < model.meshes.size(); ++m) {
    const tinygltf::Mesh& mesh = model.meshes[m];
    for (std::size_t p = 0; p < mesh.primitives.size(); ++p) {
      const tinygltf::Primitive& primitive = mesh.primitives[p];
      if (!GltfDraco::is_packed(primitive)) continue;
      const tinygltf::Value& extension = primitive.extensions.at(kExtension);
      const int view = extension.Get("bufferView").GetNumberAsInt();
      Stream stream;
      stream.element = element_name("mesh", m, mesh.name);
      if (mesh.primitives.size() > 1) stream.element += fmt::format(" primitive {}", p);
      stream.packed = buffers.view(static_cast<std::size_t>(view));
      stream.indices = primitive.indices;
      add_wanted(model, primitive, extension.Get("attributes"), stream);
      std::vector<int> used = stream.accessors;
      used.push_back(stream.indices);
      if (known.emplace(view, std::move(used)).second) streams.push_back(std::move(stream));
    }
  }
  return streams;
}

}  // namespace

bool GltfDraco::is_packed(const tinygltf::Primitive& primitive) {
  const auto found = primitive.extensions.find(kExtension);
  return found != primitive.extensions.end() && found->second.IsObject() && found->second.Has("bufferView") &&
         found->second.Has("attributes");
}

GltfDraco::GltfDraco(const tinygltf::Model& model, const GltfBuffers& buffers, ImportLog& log) {
  std::vector<Stream> streams = streams_of(model, buffers);
  const auto work = [&](std::size_t i) {
    const Result<void> unpacked = unpack(model, streams[i]);
    if (!unpacked) streams[i].error = unpacked.error();
  };
  if (streams.size() > 1) ThreadPool().for_each(streams.size(), work);
  if (streams.size() == 1) work(0);
  for (Stream& stream : streams) {
    if (stream.error) {
      log.fault(stream.element, fmt::format("its Draco data {}", stream.error->message));
      continue;
    }
    for (std::size_t i = 0; i < stream.accessors.size(); ++i)
      accessors_.emplace(stream.accessors[i], std::move(stream.mesh.attributes[i]));
    if (stream.indices < 0) continue;
    const int type = model.accessors[static_cast<std::size_t>(stream.indices)].componentType;
    accessors_.emplace(stream.indices, indices_as(type, stream.mesh.corners));
    stream.mesh = {};
  }
}

const Bytes* GltfDraco::accessor(int index) const {
  const auto found = accessors_.find(index);
  return found != accessors_.end() ? &found->second : nullptr;
}

}  // namespace oct
