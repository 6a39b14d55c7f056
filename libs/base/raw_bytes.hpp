#pragma once
#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace oct {

/// Bytes that start out undefined, for those who fill them all: a vector would first clear them, on one thread.
class RawBytes {
 public:
  RawBytes() = default;
  explicit RawBytes(std::size_t size) : data_(new std::byte[size]), size_(size) {}
  RawBytes(RawBytes&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  RawBytes& operator=(RawBytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  operator ByteView() const { return {data_.get(), size_}; }  // NOLINT: implicit, as a vector's

  /// Drops what comes after the first `size` bytes.
  void truncate(std::size_t size) {
    OCT_CHECK(size <= size_);
    size_ = size;
  }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
};

}  // namespace oct
