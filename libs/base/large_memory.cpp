#include "base/large_memory.hpp"

#include <cstdint>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace oct {

void prefer_huge_pages(void* memory, std::size_t bytes) {
#if defined(__linux__)
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  constexpr std::uintptr_t kPage = 4096;
  if (bytes < kHugePage) return;
  // whole pages alone: the others hold something else, too
  const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + kPage - 1) / kPage * kPage;
  const auto end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
#endif
}

void keep_heap_small() {
#if defined(__GLIBC__)
  // otherwise the limit grows with what is freed, and tens of megabytes stay in the heap
  constexpr int kSeparateFrom = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kSeparateFrom);
#endif
}

void return_free_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace oct
