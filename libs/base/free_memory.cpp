#include "base/free_memory.hpp"

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace oct {

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
