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
std::size_t size_of_component(std::uint64_t type) {
  switch (type) {
    case kGltfByte:
    case kGltfUnsignedByte: return 1;
    case kGltfShort:
    case kGltfUnsignedShort: return 2;
    case kGltfUnsignedInt:
    case kGltfFloat: return 4;
    default: return 0;
  }
}

/// 0 for the smaller matrices, which nothing uses, and for what glTF does not have.
std::size_t components_of(const std::string& type) {
  if (type == "SCALAR") return 1;
  if (type == "VEC2") return 2;
  if (type == "VEC3") return 3;
  if (type == "VEC4") return 4;
  return type == "MAT4" ? 16 : 0;
}

std::uint32_t load_unsigned(const std::byte* at, std::uint64_t type) {
  if (type == kGltfUnsignedByte) return load<std::uint8_t>(at);
  if (type == kGltfUnsignedShort) return load<std::uint16_t>(at);
  return load<std::uint32_t>(at);
}

/// Elements of type T, `stride` bytes apart.
template <class T>
void widen(const std::byte* from, std::size_t stride, std::vector<std::uint32_t>& to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = load<T>(from + i * stride);
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

Result<GltfAccessor> GltfAccessor::open(const Json& document, const GltfBuffers& buffers, int index,
                                        const Bytes* unpacked) {
  const Json& source = document["accessors"][static_cast<std::size_t>(index)];
  GltfAccessor accessor;
  accessor.count_ = whole_or(source, "count", 0);
  accessor.component_type_ = whole_or(source, "componentType", 0);
  accessor.normalized_ = flag_or(source, "normalized", false);
  const std::string type = text_in(source, "type");
  accessor.component_count_ = components_of(type);
  accessor.component_size_ = size_of_component(accessor.component_type_);
  if (accessor.component_size_ == 0)
    return invalid(fmt::format("has component type {}", accessor.component_type_));
  if (type == "MAT2" || type == "MAT3") return invalid("holds matrices of 2 or 3 rows");
  if (accessor.component_count_ == 0) return invalid(fmt::format("has type \"{}\"", printable(type)));
  if (accessor.count_ > std::numeric_limits<std::uint32_t>::max()) {
    return invalid(fmt::format("has {} elements, more than 32 bits can count", accessor.count_));
  }
  const std::size_t size = accessor.component_count_ * accessor.component_size_;
  accessor.stride_ = size;
  if (unpacked != nullptr) {
    OCT_TRY_ASSIGN(accessor.data_, elements_in(*unpacked, 0, accessor.count_, size, size));
    return accessor;
  }
  if (const int index_of_view = index_in(source, "bufferView"); index_of_view >= 0) {
    const auto view = static_cast<std::size_t>(index_of_view);
    accessor.stride_ = whole_or(document["bufferViews"][view], "byteStride", size);
    if (accessor.stride_ < size)
      return invalid(fmt::format("has elements of {} bytes every {}", size, accessor.stride_));
    OCT_TRY_ASSIGN(accessor.data_, elements_in(buffers.view(view), whole_or(source, "byteOffset", 0),
                                               accessor.count_, size, accessor.stride_));
  }
  if (const Json* sparse = find_member(source, "sparse")) OCT_TRY(accessor.read_sparse(*sparse, buffers));
  return accessor;
}

Result<void> GltfAccessor::read_sparse(const Json& sparse, const GltfBuffers& buffers) {
  const std::uint64_t index_type = whole_or(sparse["indices"], "componentType", 0);
  const bool unsigned_indices =
      index_type == kGltfUnsignedByte || index_type == kGltfUnsignedShort || index_type == kGltfUnsignedInt;
  if (!unsigned_indices) return invalid(fmt::format("has sparse indices of component type {}", index_type));
  const std::uint64_t count = whole_or(sparse, "count", 0);
  const std::size_t index_size = size_of_component(index_type);
  const std::size_t value_size = component_count_ * component_size_;
  const auto elements = [&](const Json& source, std::size_t size) {
    const auto view = static_cast<std::size_t>(index_in(source, "bufferView"));
    return elements_in(buffers.view(view), whole_or(source, "byteOffset", 0), count, size, size);
  };
  OCT_TRY_ASSIGN(const std::byte* indices, elements(sparse["indices"], index_size));
  OCT_TRY_ASSIGN(sparse_data_, elements(sparse["values"], value_size));
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
  return component_type_ == kGltfFloat;
}

bool GltfAccessor::is_unsigned_integer() const {
  return component_type_ == kGltfUnsignedByte || component_type_ == kGltfUnsignedShort ||
         component_type_ == kGltfUnsignedInt;
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
    case kGltfByte: return integer_value<std::int8_t>(bytes, normalized_);
    case kGltfUnsignedByte: return integer_value<std::uint8_t>(bytes, normalized_);
    case kGltfShort: return integer_value<std::int16_t>(bytes, normalized_);
    case kGltfUnsignedShort: return integer_value<std::uint16_t>(bytes, normalized_);
    case kGltfUnsignedInt: return integer_value<std::uint32_t>(bytes, normalized_);
    default: return load<float>(bytes);
  }
}

std::vector<std::uint32_t> GltfAccessor::indices() const {
  std::vector<std::uint32_t> indices(count_);
  if (!sparse_indices_.empty() || data_ == nullptr) {
    for (std::size_t i = 0; i < count_; ++i) indices[i] = load_unsigned(at(i), component_type_);
    return indices;
  }
  switch (component_type_) {
    case kGltfUnsignedByte: widen<std::uint8_t>(data_, stride_, indices); break;
    case kGltfUnsignedShort: widen<std::uint16_t>(data_, stride_, indices); break;
    default: widen<std::uint32_t>(data_, stride_, indices); break;
  }
  return indices;
}

const std::byte* GltfAccessor::plain_floats() const {
  return is_float() && sparse_indices_.empty() ? data_ : nullptr;
}

}  // namespace oct
