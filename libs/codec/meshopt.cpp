#include "codec/meshopt.hpp"

#include <fmt/format.h>
#include <meshoptimizer.h>

#include "codec/invalid.hpp"

namespace oct {
namespace {

/// What EXT_meshopt_compression demands of the properties; the library takes it for granted.
Result<void> check_layout(const MeshoptLayout& layout, std::size_t packed_size) {
  const std::uint64_t stride = layout.stride;
  const auto wrong_stride = [&](const char* what) {
    return invalid(fmt::format("byteStride of {} cannot be {}", what, stride));
  };
  if (layout.mode == MeshoptMode::attributes) {
    if (stride == 0 || stride > 256 || stride % 4 != 0) return wrong_stride("attributes");
  } else {
    if (stride != 2 && stride != 4) return wrong_stride("indices");
    if (layout.filter != MeshoptFilter::none) return invalid("has a filter, which indices cannot have");
    if (layout.mode == MeshoptMode::triangles && layout.count % 3 != 0)
      return invalid(fmt::format("count of triangles' corners cannot be {}", layout.count));
  }
  if (layout.filter == MeshoptFilter::octahedral && stride != 4 && stride != 8)
    return wrong_stride("the octahedral filter");
  if (layout.filter == MeshoptFilter::quaternion && stride != 8) return wrong_stride("the quaternion filter");
  constexpr std::uint64_t kLargestRatio = 256;  // 64 : 1 of attributes, 16 : 1 of indices
  if (layout.count > (packed_size + 256) * kLargestRatio / stride) return invalid("is cut off");
  return {};
}

int decode(const MeshoptLayout& layout, ByteView packed, Bytes& out) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(packed.data());
  switch (layout.mode) {
    case MeshoptMode::attributes:
      return meshopt_decodeVertexBuffer(out.data(), layout.count, layout.stride, bytes, packed.size());
    case MeshoptMode::triangles:
      return meshopt_decodeIndexBuffer(out.data(), layout.count, layout.stride, bytes, packed.size());
    case MeshoptMode::indices:
      return meshopt_decodeIndexSequence(out.data(), layout.count, layout.stride, bytes, packed.size());
  }
  return -1;
}

void undo_filter(const MeshoptLayout& layout, Bytes& bytes) {
  switch (layout.filter) {
    case MeshoptFilter::none: return;
    case MeshoptFilter::octahedral: return meshopt_decodeFilterOct(bytes.data(), layout.count, layout.stride);
    case MeshoptFilter::quaternion:
      return meshopt_decodeFilterQuat(bytes.data(), layout.count, layout.stride);
    case MeshoptFilter::exponential:
      return meshopt_decodeFilterExp(bytes.data(), layout.count, layout.stride);
  }
}

}  // namespace

Result<Bytes> decode_meshopt(ByteView packed, const MeshoptLayout& layout) {
  OCT_TRY(check_layout(layout, packed.size()));
  Bytes bytes(layout.count * layout.stride);
  if (decode(layout, packed, bytes) != 0) return invalid("is damaged");
  undo_filter(layout, bytes);
  return bytes;
}

}  // namespace oct
