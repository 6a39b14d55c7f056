#include "scene/gltf_accessor.hpp"

#include "scene/invalid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace oct {
namespace {

/// 0 for types that glTF 2.0 does not have.
std::size_t size_of_component(int type) {
  switch (type) {
    case TINYGLTF_COMPONENT_TYPE_BYTE:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE: return 1;
    case TINYGLTF_COMPONENT_TYPE_SHORT:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT: return 2;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
    case TINYGLTF_COMPONENT_TYPE_FLOAT: return 4;
    default: return 0;
  }
}

/// 0 for the smaller matrices, which nothing uses.
std::size_t components_of(int type) {
  switch (type) {
    case TINYGLTF_TYPE_SCALAR: return 1;
    case TINYGLTF_TYPE_VEC2: return 2;
    case TINYGLTF_TYPE_VEC3: return 3;
    case TINYGLTF_TYPE_VEC4: return 4;
    case TINYGLTF_TYPE_MAT4: return 16;
    default: return 0;
  }
}

std::uint32_t load_unsigned(const std::byte* at, int type) {
  if (type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE) return load<std::uint8_t>(at);
  if (type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT) return load<std::uint16_t>(at);
  return load<std::uint32_t>(at);
}

template <class T>
float integer_value(const std::byte* at, bool normalized) {
  const auto value = static_cast<float>(load<T>(at));
  if (!normalized) return value;
  return std::max(value / static_cast<float>(std::numeric_limits<T>::max()), -1.0f);
}

/// The piece of a buffer view that `count` elements take, each `size` bytes, `stride` apart.
Result<const std::byte*> elements_in(ByteView view, std::uint64_t offset, std::uint64_t count,
                                     std::size_t size, std::size_t stride) {
  // count is at most 2^53 and stride at most 252, so that nothing here overflows 64 bits
  const std::uint64_t end = offset + (count - 1) * stride + size;
  if (end > view.size())
    return invalid(fmt::format("reaches byte {} of a buffer view of {} bytes", end, view.size()));
  return view.data() + offset;
}

}  // namespace

Result<GltfAccessor> GltfAccessor::open(const tinygltf::Model& model, const GltfBuffers& buffers, int index,
                                        const Bytes* unpacked) {
  const tinygltf::Accessor& source = model.accessors[static_cast<std::size_t>(index)];
  GltfAccessor accessor;
  accessor.count_ = source.count;
  accessor.component_type_ = source.componentType;
  accessor.normalized_ = source.normalized;
  accessor.component_count_ = components_of(source.type);
  accessor.component_size_ = size_of_component(source.componentType);
  if (accessor.component_size_ == 0)
    return invalid(fmt::format("has component type {}", source.componentType));
  if (accessor.component_count_ == 0) return invalid("holds matrices of 2 or 3 rows");
  if (accessor.count_ > std::numeric_limits<std::uint32_t>::max()) {
    return invalid(fmt::format("has {} elements, more than 32 bits can count", accessor.count_));
  }
  const std::size_t size = accessor.component_count_ * accessor.component_size_;
  accessor.stride_ = size;
  if (unpacked != nullptr) {
    OCT_TRY_ASSIGN(accessor.data_, elements_in(*unpacked, 0, accessor.count_, size, size));
    return accessor;
  }
  if (source.bufferView >= 0) {
    const auto view = static_cast<std::size_t>(source.bufferView);
    if (model.bufferViews[view].byteStride != 0) accessor.stride_ = model.bufferViews[view].byteStride;
    if (accessor.stride_ < size)
      return invalid(fmt::format("has elements of {} bytes every {}", size, accessor.stride_));
    OCT_TRY_ASSIGN(accessor.data_, elements_in(buffers.view(view), source.byteOffset, accessor.count_, size,
                                               accessor.stride_));
  }
  if (source.sparse.isSparse) OCT_TRY(accessor.read_sparse(source, buffers));
  return accessor;
}

Result<void> GltfAccessor::read_sparse(const tinygltf::Accessor& source, const GltfBuffers& buffers) {
  const auto& sparse = source.sparse;
  const int index_type = sparse.indices.componentType;
  const bool unsigned_indices = index_type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE ||
                                index_type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT ||
                                index_type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT;
  if (!unsigned_indices) return invalid(fmt::format("has sparse indices of component type {}", index_type));
  const auto count = static_cast<std::size_t>(sparse.count);
  const std::size_t index_size = size_of_component(index_type);
  const std::size_t value_size = component_count_ * component_size_;
  OCT_TRY_ASSIGN(
      const std::byte* indices,
      elements_in(buffers.view(static_cast<std::size_t>(sparse.indices.bufferView)),
                  static_cast<std::uint64_t>(sparse.indices.byteOffset), count, index_size, index_size));
  OCT_TRY_ASSIGN(sparse_data_, elements_in(buffers.view(static_cast<std::size_t>(sparse.values.bufferView)),
                                           static_cast<std::uint64_t>(sparse.values.byteOffset), count,
                                           value_size, value_size));
  sparse_indices_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    sparse_indices_[i] = load_unsigned(indices + i * index_size, index_type);
    if (sparse_indices_[i] >= count_) {
      return invalid(fmt::format("has a sparse index beyond its {} elements", count_));
    }
    if (i > 0 && sparse_indices_[i] <= sparse_indices_[i - 1])
      return invalid("has sparse indices out of order");
  }
  return {};
}

bool GltfAccessor::is_float() const {
  return component_type_ == TINYGLTF_COMPONENT_TYPE_FLOAT;
}

bool GltfAccessor::is_unsigned_integer() const {
  return component_type_ == TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE ||
         component_type_ == TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT ||
         component_type_ == TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT;
}

const std::byte* GltfAccessor::at(std::size_t element) const {
  if (!sparse_indices_.empty()) {
    const auto found = std::lower_bound(sparse_indices_.begin(), sparse_indices_.end(), element);
    if (found != sparse_indices_.end() && *found == element) {
      const auto place = static_cast<std::size_t>(found - sparse_indices_.begin());
      return sparse_data_ + place * component_count_ * component_size_;
    }
  }
  static constexpr std::array<std::byte, 64> kZeros{};
  return data_ != nullptr ? data_ + element * stride_ : kZeros.data();
}

float GltfAccessor::value(std::size_t element, std::size_t component) const {
  const std::byte* bytes = at(element) + component * component_size_;
  switch (component_type_) {
    case TINYGLTF_COMPONENT_TYPE_BYTE: return integer_value<std::int8_t>(bytes, normalized_);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE: return integer_value<std::uint8_t>(bytes, normalized_);
    case TINYGLTF_COMPONENT_TYPE_SHORT: return integer_value<std::int16_t>(bytes, normalized_);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT: return integer_value<std::uint16_t>(bytes, normalized_);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT: return integer_value<std::uint32_t>(bytes, normalized_);
    default: return load<float>(bytes);
  }
}

std::uint32_t GltfAccessor::index(std::size_t element) const {
  return load_unsigned(at(element), component_type_);
}

}  // namespace oct
