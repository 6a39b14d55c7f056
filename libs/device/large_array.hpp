#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#include "base/check.hpp"

namespace oct {

/// Memory of at least `bytes`, big ones in huge pages where the system grants them: traversal touches it at
/// random, and misses of the address cache would cost more than the data. Throws std::bad_alloc.
void* allocate_large(std::size_t bytes);
void free_large(void* memory, std::size_t bytes);
/// What lies there will not be read again: gives the whole pages in it back, where the system can take them.
void discard_large(void* memory, std::size_t bytes);

/// A fixed number of plain values that start out undefined. Moves, does not copy.
template <class T>
class LargeArray {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  LargeArray() : LargeArray(0) {}
  explicit LargeArray(std::size_t size)
      : data_(size == 0 ? nullptr : static_cast<T*>(allocate_large(size * sizeof(T))), Free{size, size}) {}

  /// `size` values in memory that others leave, which saves the system clearing it; in fresh memory if it is too
  /// small.
  template <class U>
  static LargeArray in_memory_of(LargeArray<U> other, std::size_t size) {
    static_assert(sizeof(U) == sizeof(T) && alignof(T) <= alignof(U));
    LargeArray array;
    if (other.allocated() < size) return LargeArray(size);
    const Free free{size, other.allocated()};
    array.data_ = std::unique_ptr<T, Free>(reinterpret_cast<T*>(other.leave()), free);
    return array;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return data_.get_deleter().size; }
  T& operator[](std::size_t index) { return data_.get()[index]; }
  const T& operator[](std::size_t index) const { return data_.get()[index]; }

  std::size_t allocated() const { return data_ == nullptr ? 0 : data_.get_deleter().allocated; }
  /// The memory, of allocated() values, for the caller to free.
  T* leave() { return data_.release(); }

  /// Values from `begin` to `end` are undefined from now on, and mostly take no memory.
  void discard(std::size_t begin, std::size_t end) {
    if (begin < end) discard_large(data() + begin, (end - begin) * sizeof(T));
  }

  /// Drops what comes after the first `size` values; keeps the memory.
  void truncate(std::size_t size) {
    OCT_CHECK(size <= this->size());
    data_.get_deleter().size = size;
  }

 private:
  struct Free {
    std::size_t size;
    std::size_t allocated;
    void operator()(T* data) const { free_large(data, allocated * sizeof(T)); }
  };
  std::unique_ptr<T, Free> data_;
};

}  // namespace oct
