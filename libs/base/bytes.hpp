#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace oct {

// Everything that leaves a process is little-endian, and so is every platform that we build for.
static_assert(std::endian::native == std::endian::little, "this program assumes a little-endian machine");
static_assert(sizeof(float) == 4 && sizeof(double) == 8 && sizeof(void*) == 8);

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// The bytes of a trivially copyable value or contiguous range; lives as long as its argument.
template <class T>
requires std::is_trivially_copyable_v<T> ByteView bytes_of(std::span<const T> values) {
  return std::as_bytes(values);
}

template <class T>
requires std::is_trivially_copyable_v<T> ByteView bytes_of_value(const T& value) {
  return std::as_bytes(std::span<const T, 1>(&value, 1));
}

/// A value that lies in the bytes at `at`, aligned or not.
template <class T>
requires std::is_trivially_copyable_v<T> T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

}  // namespace oct
