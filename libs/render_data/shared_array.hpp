#pragma once
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "render_data/chunk_names.hpp"

namespace oct {

/// An array that copies share: a scene that differs from another one in its camera holds the very same
/// vertices. A const array, and so all of a RenderDataPtr, never changes and may be read by any thread; whoever
/// makes render data fills its arrays through edit().
template <class T>
class SharedArray {
 public:
  SharedArray() = default;
  SharedArray(std::vector<T> values) : content_(std::make_shared<Content>(std::move(values))) {}
  SharedArray(std::initializer_list<T> values) : SharedArray(std::vector<T>(values)) {}

  std::size_t size() const { return content_ ? content_->values.size() : 0; }
  bool empty() const { return size() == 0; }
  const T* data() const { return content_ ? content_->values.data() : nullptr; }
  const T& operator[](std::size_t index) const { return content_->values[index]; }
  /// Throws std::out_of_range.
  const T& at(std::size_t index) const {
    if (index >= size()) throw std::out_of_range("SharedArray::at");
    return content_->values[index];
  }
  const T& front() const { return content_->values.front(); }
  const T& back() const { return content_->values.back(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }

  /// The values, to be changed until this array is copied or hashed. Copies them first if other arrays share
  /// them.
  std::vector<T>& edit() {
    if (content_ && content_.use_count() == 1) {
      content_->names.forget();
    } else {
      content_ = std::make_shared<Content>(content_ ? content_->values : std::vector<T>());
    }
    return content_->values;
  }

  /// Whether both are one object, or both empty.
  bool is_same(const SharedArray& other) const {
    return content_ == other.content_ || (empty() && other.empty());
  }

  /// Whether names and hash are known already, so that asking for them costs nothing.
  bool is_named() const { return !content_ || content_->names.known(); }

  /// Names of the pieces, hashed once for all copies. Any thread.
  const std::vector<ChunkId>& chunk_names(ThreadPool* pool = nullptr) const {
    static const std::vector<ChunkId> none;
    return content_ ? content_->names.get(bytes(), sizeof(T), pool) : none;
  }

  /// Takes the names from somebody who has checked them.
  void set_chunk_names(std::vector<ChunkId> names) const {
    if (content_) content_->names.set(std::move(names));
  }

  /// Equal for arrays of equal content alone. Any thread.
  Digest content_hash(ThreadPool* pool = nullptr) const {
    return content_ ? content_->names.digest(bytes(), sizeof(T), pool)
                    : ChunkNames().digest({}, sizeof(T), pool);
  }

 private:
  ByteView bytes() const { return std::as_bytes(std::span(data(), size())); }

  struct Content {
    explicit Content(std::vector<T> some_values) : values(std::move(some_values)) {}
    std::vector<T> values;
    ChunkNames names;
  };

  std::shared_ptr<Content> content_;
};

}  // namespace oct
