#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

// Data packed by meshoptimizer, as EXT_meshopt_compression has it. Errors hold the reason alone.

namespace oct {

enum class MeshoptMode { attributes, triangles, indices };
enum class MeshoptFilter { none, octahedral, quaternion, exponential };

struct MeshoptLayout {
  std::uint64_t count = 0;
  std::uint64_t stride = 0;  ///< bytes of an element
  MeshoptMode mode = MeshoptMode::attributes;
  MeshoptFilter filter = MeshoptFilter::none;
};

/// count x stride bytes.
Result<Bytes> decode_meshopt(ByteView packed, const MeshoptLayout& layout);

}  // namespace oct
