#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scene/gltf_buffers.hpp"
#include "scene/gltf_json.hpp"

namespace oct {

/// Types of numbers, as accessors name them (glTF 2.0, section 3.6.2.2).
enum GltfComponentType : std::uint64_t {
  kGltfByte = 5120,
  kGltfUnsignedByte = 5121,
  kGltfShort = 5122,
  kGltfUnsignedShort = 5123,
  kGltfUnsignedInt = 5125,
  kGltfFloat = 5126,
};

/// One accessor of a glTF file, checked against the bytes that it reads (glTF 2.0, section 3.6.2; sparse
/// accessors; KHR_mesh_quantization). It costs nothing until elements are read.
class GltfAccessor {
 public:
  /// Errors hold the reason alone: `reaches byte 1204 of a buffer view of 1200 bytes`.
  /// unpacked   the accessor's elements, without gaps, where they are not in a buffer view
  static Result<GltfAccessor> open(const Json& document, const GltfBuffers& buffers, int index,
                                   const Bytes* unpacked = nullptr);

  std::size_t count() const { return count_; }
  std::size_t component_count() const { return component_count_; }
  bool is_float() const;
  bool is_unsigned_integer() const;

  /// Component c of element i, normalized integers brought to [0, 1] or [-1, 1].
  float value(std::size_t element, std::size_t component) const;
  /// All elements of a scalar accessor of unsigned integers.
  std::vector<std::uint32_t> indices() const;

  /// Elements of floats as they lie in the file, one every stride() bytes, not aligned; null where they are of
  /// another type, replaced by sparse ones, or not there.
  const std::byte* plain_floats() const;
  std::size_t stride() const { return stride_; }

 private:
  const std::byte* at(std::size_t element) const;
  Result<void> read_sparse(const Json& sparse, const GltfBuffers& buffers);

  const std::byte* data_ = nullptr;  ///< null = zeros, where sparse values do not say otherwise
  std::size_t count_ = 0;
  std::size_t stride_ = 0;
  std::size_t component_count_ = 0;
  std::size_t component_size_ = 0;
  std::uint64_t component_type_ = 0;
  bool normalized_ = false;
  std::vector<std::uint32_t> sparse_indices_;  ///< strictly increasing
  const std::byte* sparse_data_ = nullptr;
};

}  // namespace oct
