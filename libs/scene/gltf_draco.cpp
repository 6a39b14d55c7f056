#include "scene/gltf_draco.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

#include "base/thread_pool.hpp"
#include "scene/gltf_accessor.hpp"
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

std::optional<NumberKind> kind_of(std::uint64_t component_type) {
  switch (component_type) {
    case kGltfByte: return NumberKind::int8;
    case kGltfUnsignedByte: return NumberKind::uint8;
    case kGltfShort: return NumberKind::int16;
    case kGltfUnsignedShort: return NumberKind::uint16;
    case kGltfUnsignedInt: return NumberKind::uint32;
    case kGltfFloat: return NumberKind::real;
    default: return std::nullopt;
  }
}

std::optional<std::size_t> draco_components(const std::string& type) {
  if (type == "SCALAR") return 1;
  if (type == "VEC2") return 2;
  if (type == "VEC3") return 3;
  if (type == "VEC4") return 4;
  return std::nullopt;
}

const Json& accessor_at(const Json& document, int index) {
  return document["accessors"][static_cast<std::size_t>(index)];
}

/// The attributes that we may need. What the accessors say of types is checked when they are opened.
void add_wanted(const Json& document, const Json& attributes, const Json& ids, Stream& stream) {
  for (const auto& [name, id] : ids.items()) {
    const int index = index_in(attributes, name.c_str());
    if (index < 0) continue;
    const Json& accessor = accessor_at(document, index);
    const auto kind = kind_of(whole_or(accessor, "componentType", 0));
    const auto components = draco_components(text_in(accessor, "type"));
    if (!kind || !components) continue;
    stream.accessors.push_back(index);
    stream.wanted.push_back({static_cast<std::uint32_t>(id.get<double>()), *kind, *components});
  }
}

Result<void> unpack(const Json& document, Stream& stream) {
  OCT_TRY_ASSIGN(stream.mesh, decode_draco(stream.packed, stream.wanted));
  const auto check_count = [&](int accessor, std::size_t count) -> Result<void> {
    const std::uint64_t said = whole_or(accessor_at(document, accessor), "count", 0);
    if (said == count) return {};
    return invalid(fmt::format("holds {} elements of accessor {}, which says {}", count, accessor, said));
  };
  for (const int accessor : stream.accessors) OCT_TRY(check_count(accessor, stream.mesh.vertex_count));
  if (stream.indices >= 0) OCT_TRY(check_count(stream.indices, stream.mesh.corners.size()));
  return {};
}

/// Corners as the accessor has them.
Bytes indices_as(std::uint64_t component_type, const std::vector<std::uint32_t>& corners) {
  const std::size_t size = component_type == kGltfUnsignedByte    ? 1
                           : component_type == kGltfUnsignedShort ? 2
                                                                  : 4;
  Bytes bytes(corners.size() * size);
  for (std::size_t i = 0; i < corners.size(); ++i)  // little-endian
    std::memcpy(bytes.data() + i * size, &corners[i], size);
  return bytes;
}

/// All packed primitives, each stream with its accessors once.
std::vector<Stream> streams_of(const Json& document, const GltfBuffers& buffers) {
  std::vector<Stream> streams;
  std::set<std::pair<int, std::vector<int>>> known;
  const Json& meshes = array_in(document, "meshes");
  for (std::size_t m = 0; m < meshes.size(); ++m) {
    const Json& primitives = array_in(meshes[m], "primitives");
    for (std::size_t p = 0; p < primitives.size(); ++p) {
      const Json& primitive = primitives[p];
      if (!GltfDraco::is_packed(primitive)) continue;
      const Json& extension = *find_extension(primitive, kExtension);
      const int view = index_in(extension, "bufferView");
      Stream stream;
      stream.element = element_name("mesh", m, text_in(meshes[m], "name"));
      if (primitives.size() > 1) stream.element += fmt::format(" primitive {}", p);
      stream.packed = buffers.view(static_cast<std::size_t>(view));
      stream.indices = index_in(primitive, "indices");
      add_wanted(document, primitive["attributes"], extension["attributes"], stream);
      std::vector<int> used = stream.accessors;
      used.push_back(stream.indices);
      if (known.emplace(view, std::move(used)).second) streams.push_back(std::move(stream));
    }
  }
  return streams;
}

}  // namespace

bool GltfDraco::is_packed(const Json& primitive) {
  return find_extension(primitive, kExtension) != nullptr;
}

GltfDraco::GltfDraco(const Json& document, const GltfBuffers& buffers, ImportLog& log) {
  std::vector<Stream> streams = streams_of(document, buffers);
  const auto work = [&](std::size_t i) {
    const Result<void> unpacked = unpack(document, streams[i]);
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
    const std::uint64_t type = whole_or(accessor_at(document, stream.indices), "componentType", 0);
    accessors_.emplace(stream.indices, indices_as(type, stream.mesh.corners));
    stream.mesh = {};
  }
}

const Bytes* GltfDraco::accessor(int index) const {
  const auto found = accessors_.find(index);
  return found != accessors_.end() ? &found->second : nullptr;
}

}  // namespace oct
