#pragma once
#include <cstddef>
#include <vector>

// Memory by the megabyte. The system clears each page when it is first touched, which takes as long as filling it; in
// huge pages a tenth of that.

namespace oct {

/// Asks for huge pages, where the system has them, for memory that nobody has touched yet. A hint.
void prefer_huge_pages(void* memory, std::size_t bytes);

/// As vector::resize, for an array that is filled afterwards.
template <class T>
void resize_large(std::vector<T>& array, std::size_t size) {
  if (size > array.capacity()) {
    array.reserve(size);
    prefer_huge_pages(array.data() + array.size(), (size - array.size()) * sizeof(T));
  }
  array.resize(size);
}

/// Has large arrays give their memory back to the system when they are freed, instead of keeping it for the next ones.
/// Once, at the start of a program.
void keep_heap_small();

/// Gives memory that is free back to the system: behind a stage that needed much of it. Takes milliseconds. Any thread.
void return_free_memory();

}  // namespace oct
