#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

// Meshes packed by Draco, as KHR_draco_mesh_compression has them. Errors hold the reason alone.

namespace oct {

enum class NumberKind { int8, uint8, int16, uint16, uint32, real };

/// An attribute of a packed mesh, and as what its values are wanted.
struct DracoAttribute {
  std::uint32_t id = 0;  ///< the one that its writer gave it
  NumberKind kind = NumberKind::real;
  std::size_t components = 3;  ///< 1 to 4
};

struct DracoMesh {
  std::size_t vertex_count = 0;
  std::vector<std::uint32_t> corners;  ///< three a triangle
  std::vector<Bytes> attributes;       ///< as asked for: vertex by vertex, without gaps
};

Result<DracoMesh> decode_draco(ByteView packed, std::span<const DracoAttribute> wanted);

}  // namespace oct
